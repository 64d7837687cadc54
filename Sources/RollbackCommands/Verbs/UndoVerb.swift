import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator

/// `kubectl rollback undo deploy/NAME --reason TEXT`
package struct UndoVerb: Sendable {
  var target: ObjectReference
  var reason: String
  var revision: Int64?
  var policy: String?
  var waits: Bool

  /// - Parameter revision: the number in `history` to return to; `nil` for the last good one.
  package init(
    _ target: ObjectReference, reason: String, revision: Int64?, policy: String?, waits: Bool
  ) throws(CommandFailure) {
    self.target = try target.resolved(.deployment)
    self.reason = try Session.reason(reason)
    if let revision, revision < 1 { throw .error("--to-revision \(revision) is no revision; they begin with 1.") }
    self.revision = revision
    self.policy = policy
    self.waits = waits
  }

  package func run(_ session: Session) async throws -> CommandStatus {
    let workload = try await session.workload(target.name)
    if let policy { _ = try await session.read(ObjectReference(kind: .policy, name: policy)) }
    let body = event(workload, requestedBy: try await session.requester())
    let made = EventItem(
      try await session.asking { () async throws(KubernetesError) in
        try await session.client.create(.rollbackEvents, namespace: session.namespace, body)
      })
    if session.format.isDocument {
      try session.console.document([made.value], isList: false, as: session.format)
    } else {
      session.console.line(GetVerb.resourceName("RollbackEvent", made.name))
    }
    guard waits else {
      session.console.remark("`kubectl rollback explain \(made.name) -n \(session.namespace)` tells how it goes.")
      return .done
    }
    return try await EventFollower(session: session).follow(made)
  }

  private func event(_ workload: Workload, requestedBy user: String) -> JSONValue {
    var spec: JSONValue = [
      "origin": "Manual",
      "target": ["kind": "Deployment", "name": .string(workload.name), "uid": .string(workload.uid)],
      "reason": .string(reason), "requestedBy": .string(user),
    ]
    // Without a name the one policy that protects it is meant, since it says what "last good" is.
    let only = workload.policies.count == 1 ? workload.policies.first?.name : nil
    if let name = policy ?? only {
      spec["policy"] = ["name": .string(name)]
      if let uid = workload.policies.first(where: { $0.name == name })?.uid { spec["policy"]?["uid"] = .string(uid) }
    }
    // What runs now is what the person has seen: a newer release is not undone by this.
    if let current = workload.current {
      spec["suspect"] = ["revision": JSONValue(current.revision.number), "hash": .string(current.revision.hash)]
    }
    if let revision { spec["to"] = ["revision": JSONValue(revision)] }
    return [
      "apiVersion": .string(APIResource.rollbackEvents.apiVersion), "kind": .string(APIResource.rollbackEvents.kind),
      "metadata": ["generateName": .string("\(workload.name.prefix(200))-")], "spec": spec,
    ]
  }
}

/// Tells an event's story as it happens, until it has ended.
struct EventFollower {
  var session: Session

  /// - Returns: done when it recovered, refused for every other end.
  func follow(_ event: EventItem) async throws -> CommandStatus {
    var told = 0
    var wasHeld = false
    while true {
      let now = EventItem(try await session.read(ObjectReference(kind: .event, name: event.name)))
      for entry in now.timeline.dropFirst(told) {
        session.console.remark("\(entry.at.map(Timestamp.seconds) ?? "")  \(entry.what)")
      }
      told = max(told, now.timeline.count)
      if now.isFinal {
        session.console.remark("\(now.outcome ?? ""): \(now.explanation ?? "it has ended")")
        return now.outcome == "Recovered" ? .done : .refused
      }
      if now.outcome == "Held", !wasHeld {
        session.console.remark("Held: \(now.explanation ?? ""). Still waiting; interrupting this changes nothing.")
        wasHeld = true
      }
      try await session.client.serverClock.sleep(for: .milliseconds(500))
    }
  }
}
