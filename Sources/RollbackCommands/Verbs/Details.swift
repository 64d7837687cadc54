import FoundationEssentials
import KubernetesClient
import RollbackCore

/// One policy or one Deployment in full.
struct Details {
  var session: Session

  private var console: Console { session.console }

  /// - Returns: that the policy is not healthy, when it is not ready.
  func print(_ policy: PolicyItem, events: [EventItem]) -> CommandStatus {
    console.heading("RollbackPolicy \(policy.name) in namespace \(policy.namespace)")
    var facts = [
      ("Mode", policy.mode), ("State", policy.state.isEmpty ? "not seen by an operator yet" : policy.state),
    ]
    if policy.isSuspended { facts.append(("Suspended", "yes: nothing is judged and nothing is done")) }
    if let hold = policy.hold { facts.append(("Held by hand", hold)) }
    self.facts(facts)
    conditions(of: policy)
    for target in policy.targets {
      console.line()
      console.heading("Deployment \(target.name)")
      self.target(target, of: policy)
    }
    recent(events)
    return policy.condition("Ready").map { $0.isTrue || $0.reason == "Suspended" } == false ? .refused : .done
  }

  func print(_ workload: Workload) -> CommandStatus {
    console.heading("Deployment \(workload.name) in namespace \(workload.namespace)")
    var facts: [(String, String)] = []
    if let current = workload.current {
      facts.append(("Current", "\(current.revision.reference.description) \(current.images)"))
    }
    if let hold = workload.hold { facts.append(("Held by hand", hold)) }
    if workload.isPaused { facts.append(("Paused", "yes: a paused Deployment is never undone")) }
    self.facts(facts)
    if workload.policies.isEmpty {
      console.line("No RollbackPolicy protects it. The smallest one: spec: {target: {name: \(workload.name)}}")
    }
    for policy in workload.policies {
      console.line()
      console.heading("RollbackPolicy \(policy.name), mode \(policy.mode), \(policy.state)")
      if let target = policy.target(named: workload.name) { self.target(target, of: policy) }
      conditions(of: policy)
    }
    recent(workload.events)
    let isBroken = workload.policies.contains { $0.condition("Ready")?.isTrue == false && !$0.isSuspended }
    return isBroken ? .refused : .done
  }

  private func target(_ target: TargetItem, of policy: PolicyItem) {
    var facts = [
      ("Current", target.current.isKnown ? target.current.description : "unknown"),
      ("Good", target.lastGood.isKnown ? target.lastGood.description : "none proven yet"),
    ]
    if let end = target.trialEndsAt {
      facts.append(("Trial ends", "\(Timestamp.seconds(end)) (\(Age.relative(end, to: session.now)))"))
    }
    self.facts(facts)
    guard !target.triggers.isEmpty else { return }
    let rows = target.triggers.map { trigger -> [String] in
      let since = trigger["since"]?.string.flatMap(Timestamp.date)
      return [
        trigger["name"]?.string ?? "", trigger["state"]?.string ?? "", trigger["value"]?.displayed ?? "-",
        trigger["threshold"]?.displayed ?? "-", since.map { Age.relative($0, to: session.now) } ?? "-",
        trigger["message"]?.string ?? "",
      ]
    }
    Table.print(["TRIGGER", "STATE", "VALUE", "THRESHOLD", "SINCE", ""], rows, to: console, indent: "  ")
  }

  private func conditions(of policy: PolicyItem) {
    guard !policy.conditions.isEmpty else { return }
    let rows = policy.conditions.map { condition in
      [
        condition.type, condition.status, condition.reason, Age.text(since: condition.since, at: session.now),
        condition.message,
      ]
    }
    Table.print(["CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE"], rows, to: console, indent: "  ")
  }

  private func recent(_ events: [EventItem]) {
    console.line()
    EventTable.print(events.suffix(5).reversed(), session, ifNone: "No RollbackEvent yet.")
    if events.count > 5 { console.line("\(events.count - 5) older ones: kubectl rollback get events") }
  }

  private func facts(_ facts: [(String, String)]) {
    let width = (facts.map(\.0.count).max() ?? 0) + 1
    for (name, value) in facts {
      console.line("  \("\(name):".padded(to: width)) \(console.paint(value, Console.Colour.of(value)))")
    }
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
