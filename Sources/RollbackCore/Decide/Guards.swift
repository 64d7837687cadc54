import FoundationEssentials

/// The ordered chain of checks between a proven breach and an automatic rollback; the first that objects wins, and the
/// order is part of the contract (tested): what only a person can mend comes before what time mends.
enum Guards {
  typealias Check = @Sendable (Facts) -> Hold?

  static let chain: [(name: String, check: Check)] = [
    ("paused", paused),
    ("maxRollbacks", maxRollbacks),
    ("cooldown", cooldown),
  ]

  static func firstObjection(_ facts: Facts) -> Hold? {
    for (_, check) in chain {
      if let hold = check(facts) { return hold }
    }
    return nil
  }

  /// A person paused the rollout, and a person wins (R6).
  static let paused: Check = { facts in
    guard facts.workload.isPaused else { return nil }
    return Hold(
      reason: "Paused",
      message: "Deployment \(facts.workload.name) is paused and a paused workload is never undone; "
        + "resume it with `kubectl rollout resume deployment/\(facts.workload.name)`")
  }

  static let maxRollbacks: Check = { facts in
    let limits = facts.policy.spec.limits
    let start = facts.now.addingTimeInterval(-limits.per.timeInterval)
    let recent = automaticRollbacks(facts).filter { $0 > start }.sorted()
    guard recent.count >= limits.maxRollbacks else { return nil }
    let opens = recent.isEmpty ? nil : recent[recent.count - max(1, limits.maxRollbacks)]
    return Hold(
      reason: "MaxRollbacks",
      message: "\(recent.count) automatic rollbacks of \(facts.workload.name) within \(limits.per), "
        + "limits.maxRollbacks allows \(limits.maxRollbacks)",
      until: opens?.addingTimeInterval(limits.per.timeInterval))
  }

  static let cooldown: Check = { facts in
    let limits = facts.policy.spec.limits
    guard let last = automaticRollbacks(facts).max() else { return nil }
    let end = last.addingTimeInterval(limits.cooldown.timeInterval)
    guard end > facts.now else { return nil }
    return Hold(
      reason: "Cooldown",
      message: "the last automatic rollback of \(facts.workload.name) is less than limits.cooldown "
        + "(\(limits.cooldown)) ago",
      until: end)
  }

  private static func automaticRollbacks(_ facts: Facts) -> [Date] {
    facts.history.filter(\.isAutomatic).compactMap(\.actedAt)
  }
}
