import FoundationEssentials
import KubernetesClient

/// `kubectl rollback explain EVENT | deploy/NAME | POLICY`
package struct ExplainVerb: Sendable {
  var subject: ObjectReference

  package init(_ subject: ObjectReference) { self.subject = subject }

  package func run(_ session: Session) async throws -> CommandStatus {
    switch subject.kind {
    case .deployment:
      return try await explain(try await session.workload(subject.name), session)
    case .event:
      return explain(EventItem(try await session.read(subject)), session)
    case .policy:
      return try await explain(PolicyItem(try await session.read(subject)), session)
    case nil:
      if let event = try await session.find(ObjectReference(kind: .event, name: subject.name)) {
        return explain(EventItem(event), session)
      }
      if let policy = try await session.find(ObjectReference(kind: .policy, name: subject.name)) {
        return try await explain(PolicyItem(policy), session)
      }
      throw CommandFailure.error(
        "There is neither a RollbackEvent nor a RollbackPolicy \(subject.name) in namespace \(session.namespace); "
          + "for a Deployment write deploy/\(subject.name).")
    }
  }

  private func explain(_ event: EventItem, _ session: Session) -> CommandStatus {
    session.console.heading("RollbackEvent \(event.name) in namespace \(event.namespace)")
    EventStory(event: event).print(to: session)
    return .done
  }

  /// A policy is explained by its own condition and then by each of its workloads.
  private func explain(_ policy: PolicyItem, _ session: Session) async throws -> CommandStatus {
    session.console.heading("RollbackPolicy \(policy.name) in namespace \(policy.namespace)")
    for sentence in Self.conditionSentences(of: policy) { session.console.line(sentence) }
    for target in policy.targets.prefix(20) {
      session.console.line()
      let found = try await session.find(ObjectReference(kind: .deployment, name: target.name))
      guard found != nil else {
        session.console.line("Deployment \(target.name) is gone.")
        continue
      }
      _ = try await explain(try await session.workload(target.name), session)
    }
    if policy.targets.count > 20 {
      session.console.line("\nOf \(policy.targets.count) Deployments 20 are shown; ask for one with deploy/NAME.")
    }
    return .done
  }

  private func explain(_ workload: Workload, _ session: Session) async throws -> CommandStatus {
    let console = session.console
    console.heading("Deployment \(workload.name) in namespace \(workload.namespace)")
    guard !workload.policies.isEmpty else {
      console.line("No RollbackPolicy protects it, so nothing is judged and nothing would be done.")
      return .done
    }
    var freeze: FreezeState?
    do throws(KubernetesError) {
      freeze = try await session.freeze()
    } catch {
      console.remark("Whether there is a freeze cannot be read, so it is not taken into account: \(error)")
    }
    if let hold = workload.hold {
      console.line("It is held by hand: \(hold). `kubectl rollback release deploy/\(workload.name)` ends that.")
    }
    if let freeze, freeze.isActive(at: session.now) { console.line(freeze.sentence(at: session.now)) }
    for policy in workload.policies {
      for sentence in Self.conditionSentences(of: policy) { console.line(sentence) }
      if let hold = policy.hold {
        console.line("It is held by hand: \(hold). `kubectl rollback release policy/\(policy.name)` ends that.")
      }
      for trigger in policy.triggers {
        let prospect = Prospect(
          trigger: trigger, policy: policy, workload: workload, freeze: freeze, now: session.now)
        console.line()
        console.line(prospect.reading)
        guard prospect.isRead else { continue }
        console.line("  If it were breached now: \(prospect.consequence)")
      }
    }
    if let last = workload.events.last {
      console.line()
      console.heading("The last event, \(last.name)")
      EventStory(event: last).print(to: session)
    }
    return .done
  }

  /// What stands in the way, or that nothing does.
  static func conditionSentences(of policy: PolicyItem) -> [String] {
    guard let ready = policy.condition("Ready") else {
      return ["Policy \(policy.name) has not been seen by an operator yet; is one running that serves this namespace?"]
    }
    var sentences = ["Policy \(policy.name) is \(policy.state): \(ready.message)."]
    // Each of these is worth a sentence when it is not as one wishes.
    let wishes = [
      ("TargetFound", "True"), ("TriggersHealthy", "True"), ("KnownGoodAvailable", "True"), ("Breached", "False"),
      ("Held", "False"), ("Contested", "False"), ("Suspended", "False"),
    ]
    for (type, wish) in wishes {
      guard let condition = policy.condition(type), condition.status != wish else { continue }
      sentences.append("\(type) is \(condition.status) (\(condition.reason)): \(condition.message).")
    }
    return sentences
  }
}
