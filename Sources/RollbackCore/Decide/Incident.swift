import FoundationEssentials

/// A breach that no rollout is to blame for: it is told, and there is nothing to undo.
extension Context {
  /// Opens the event of the worst breach among these, or says what became of it.
  func judgeIncident(_ verdicts: [TriggerVerdict], into result: inout Assessment) {
    guard let worst = JudgedBreach.worst(verdicts, facts.policy.spec, now: facts.now) else { return }
    let breach = worst.verdict
    let what = "trigger \(breach.trigger.name): \(breach.message ?? "breached"); no rollout is to blame"
    if let raisedAt = worst.raisedAt { result.reconsiderAt = min(result.reconsiderAt ?? raisedAt, raisedAt) }
    if result.state != .held { result.state = .breaching }
    if let open = facts.history.first(where: { $0.hasStarted && !$0.isFinal }) {
      result.explanation = "\(what); rollback \(open.name) is under way"
      return
    }
    if let answer = answer(to: breach) {
      result.explanation = "\(what); rollback \(answer.name) of it ended \(answer.outcome?.rawValue ?? "")"
      return
    }
    let number = number(of: breach)
    let name = EventName.incident(
      policyUID: facts.policy.uid, targetUID: facts.workload.uid, target: facts.workload.name, number: number)
    let isNew = !facts.history.contains { $0.name == name }
    if let settled = settled(breach, isNew: isNew), settled > facts.now {
      result.reconsiderAt = min(result.reconsiderAt ?? settled, settled)
      result.explanation = "\(what); looking whether other workloads breach as well"
      return
    }
    result.memory.incidents = max(result.memory.incidents ?? 0, number)
    for index in result.memory.triggers.indices where result.memory.triggers[index].name == breach.trigger.name {
      result.memory.triggers[index].incident = number
    }
    result.explanation = what
    result.decision = .open(
      Intent(
        eventName: name, suspect: nil, target: nil, targetReason: "no rollout is to blame", trigger: breach.reading,
        incident: number),
      permission(worst))
  }

  /// Events of incidents that are open although their trigger is healthy.
  func cleared(_ verdicts: [TriggerVerdict]) -> [String] {
    let healthy = Set(verdicts.filter { $0.status.state == .healthy && !$0.isUnknown }.map(\.trigger.name))
    return facts.history.filter { event in
      !event.isFinal && event.incident != nil && event.trigger.map(healthy.contains) ?? false
    }.map(\.name)
  }

  /// The event that answered this very breach already: what was not cured by an undo is no incident of its own.
  private func answer(to breach: TriggerVerdict) -> EventFacts? {
    facts.history.first { event in
      guard event.isFinal, event.isAutomatic, event.trigger == breach.trigger.name else { return false }
      if let number = breach.status.incident { return event.incident == number }
      return event.incident == nil ? event.answers(breach) : event.isAbout(breach)
    }
  }

  private func number(of breach: TriggerVerdict) -> Int64 {
    if let known = breach.status.incident { return known }
    let open = facts.history.first { !$0.isFinal && $0.incident != nil && $0.trigger == breach.trigger.name }
    if let number = open?.incident { return number }
    let last = (facts.history.compactMap(\.incident) + [facts.memory.incidents ?? 0]).max() ?? 0
    return last < .max ? last + 1 : last
  }

  /// Nobody is asked whether nothing is to be done.
  private func permission(_ worst: JudgedBreach) -> Permission {
    if facts.policy.spec.mode == .observe { return .observe }
    let permission = Guards.permission(facts, worst)
    if case .ask = permission { return .act }
    return permission
  }
}

extension EventFacts {
  /// Whether its incident is this breach: two operators may see the first bad sample two readings apart.
  fileprivate func isAbout(_ breach: TriggerVerdict) -> Bool {
    guard let began, let since = breach.status.since else { return false }
    return abs(began.timeIntervalSince(since)) <= Evaluation.tolerance(breach.trigger)
  }

  /// Whether something was undone after a breach had begun: told once, it is not another story.
  func answers(_ breach: TriggerVerdict) -> Bool {
    guard let since = breach.status.since, let actedAt else { return false }
    return since <= actedAt
  }
}

extension TriggerVerdict {
  /// A breach that goes on is the incident that it was.
  func keepingIncident(of memory: TargetMemory) -> TriggerVerdict {
    guard status.isBreach, let previous = memory.triggers.first(where: { $0.name == trigger.name }), previous.isBreach
    else { return self }
    var verdict = self
    verdict.status.incident = previous.incident
    return verdict
  }
}

extension PolicySpec {
  /// Whether the pods of the current revision must be known at all times.
  var watchesPods: Bool {
    armedTriggers.contains { trigger in
      if case .pods = trigger.kind { trigger.during == .always } else { false }
    }
  }
}
