import KubernetesClient
import RollbackOperator

/// `kubectl rollback approve EVENT` and `kubectl rollback reject EVENT`
package struct DecideVerb: Sendable {
  package enum Decision: String, Sendable {
    case approved = "Approved"
    case rejected = "Rejected"
  }

  var event: ObjectReference
  var decision: Decision
  var reason: String

  package init(_ event: ObjectReference, _ decision: Decision, reason: String) throws(CommandFailure) {
    self.event = try event.resolved(.event)
    self.decision = decision
    self.reason = try Session.reason(reason)
  }

  package func run(_ session: Session) async throws -> CommandStatus {
    let now = EventItem(try await session.read(event))
    if let failure = refusal(now) { throw failure }
    let by = try await session.requester()
    let approval: JSONValue = [
      "decision": .string(decision.rawValue), "by": .string(by), "at": .string(Timestamp.seconds(session.now)),
      "reason": .string(reason),
    ]
    let patch: [JSONPatchOperation] = [
      .test(path: "/metadata/uid", value: .string(now.uid)),
      // What is not there is null to a test: the decision is only ever made once.
      .test(path: "/spec/approval", value: .null),
      .add(path: "/spec/approval", value: approval),
    ]
    do throws(KubernetesError) {
      try await session.client.patch(.rollbackEvents, namespace: session.namespace, name: now.name, .json(patch))
    } catch {
      // Somebody else may have been faster, and then that is what a person wants to know.
      if error.code == .invalid || error.code == .conflict, let other = try await session.find(event),
        let failure = refusal(EventItem(other))
      {
        throw failure
      }
      throw session.explained(error)
    }
    session.console.line(
      "\(GetVerb.resourceName("RollbackEvent", now.name)) \(decision.rawValue.lowercased()) by \(by)")
    return .done
  }

  /// Why there is nothing left to decide.
  private func refusal(_ event: EventItem) -> CommandFailure? {
    if let decision = event.decision {
      let by = event.text("/spec/approval/by") ?? "somebody"
      let reason = event.text("/spec/approval/reason").map { ": \($0)" } ?? ""
      return .refused(
        "RollbackEvent \(event.name) was already decided: \(decision) by \(by)\(reason). A decision is made once; "
          + "ask for a new rollback with `kubectl rollback undo deploy/\(event.target)`.")
    }
    guard event.isFinal, let outcome = event.outcome else { return nil }
    return .refused(
      "RollbackEvent \(event.name) has ended as \(outcome), so there is nothing to decide; "
        + "`kubectl rollback undo deploy/\(event.target)` asks for a new rollback.")
  }
}
