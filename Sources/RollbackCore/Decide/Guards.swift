import FoundationEssentials

/// The ordered chain of checks between a proven breach and an automatic rollback; the first that objects wins, and the
/// order is part of the contract (tested): what only a person can mend comes before what time mends.
enum Guards {
  typealias Check = @Sendable (Facts) -> Hold?

  static let chain: [(name: String, check: Check)] = [
    ("frozen", frozen),
    ("paused", paused),
    ("onHold", onHold),
    ("sharedCause", sharedCause),
    ("maxRollbacks", maxRollbacks),
    ("cooldown", cooldown),
  ]

  /// What may be done about a breach that is the release's: the row of the matrix for its severity, and the guards.
  static func permission(_ facts: Facts, _ worst: JudgedBreach) -> Permission {
    let spec = facts.policy.spec
    let rule = worst.rule
    if rule.respond == .notify {
      return .notify("severity \(worst.severity.rawValue) is answered with Notify: nothing was changed")
    }
    var judged = facts
    judged.judged = worst
    let objection =
      firstObjection(judged) ?? hotfix(rule, worst.verdict, now: facts.now)
      ?? scheduled(rule, worst.verdict, now: facts.now)
    if rule.respond == .ask || spec.mode == .approve {
      let reason =
        rule.respond == .ask
        ? "severity \(worst.severity.rawValue) is answered with Ask" : "the policy's mode is Approve"
      return .ask(
        Ask(
          reason: reason, within: rule.within ?? DecisionRule.standardPatience, onTimeout: rule.onTimeout ?? .expire,
          objection: objection))
    }
    return objection.map { .hold($0) } ?? .act
  }

  /// People may have a fix under way: a new revision that arrives meanwhile supersedes the plan.
  private static func hotfix(_ rule: DecisionRule, _ breach: TriggerVerdict, now: Date) -> Hold? {
    guard let window = rule.hotfixWindow else { return nil }
    let end = (breach.status.since ?? now).addingTimeInterval(window.timeInterval)
    guard end > now else { return nil }
    return Hold(
      reason: "HotfixWindow",
      message: "a new revision is waited for until \(end.formattedForPeople) (hotfixWindow: \(window))", until: end)
  }

  /// A scheduled time is one to act at for so long: who was not there then waits for the next one.
  static let scheduledTimeLasts: TimeInterval = 300

  /// What can wait is done when its author wants it.
  private static func scheduled(_ rule: DecisionRule, _ breach: TriggerVerdict, now: Date) -> Hold? {
    guard rule.respond == .schedule, let at = rule.at else { return nil }
    let zoneName = rule.timeZone ?? "UTC"
    guard let zone = rule.timeZone == nil ? .gmt : TimeZone(identifier: zoneName) else {
      return Hold(reason: "Scheduled", message: "there is no time zone \(zoneName)")
    }
    let from = max(breach.status.since ?? now, now.addingTimeInterval(-scheduledTimeLasts))
    if let due = at.next(after: from, in: zone), due <= now { return nil }
    let next = at.next(after: now, in: zone)
    let when = next.map { "until \($0.formattedForPeople)" } ?? "for ever: the timetable names no such time"
    return Hold(
      reason: "Scheduled", message: "it waits \(when) (respond: Schedule, at: \(at), timeZone: \(zoneName))",
      until: next)
  }

  /// Nothing is written in the whole cluster while a freeze is on.
  static let frozen: Check = { facts in
    let severity = facts.judged?.severity ?? .high
    guard let freeze = facts.freeze, freeze.holds(severity, now: facts.now) else { return nil }
    return freeze.hold
  }

  /// A person asked to leave the workload, or all of the policy's, alone.
  static let onHold: Check = { facts in
    guard let reason = facts.holdReason else { return nil }
    return Hold(
      reason: "OnHold",
      message: "a person holds automatic rollbacks of \(facts.workload.name): \(reason); "
        + "`kubectl rollback release` ends it")
  }

  /// Many workloads that breach together are not one bad release (R5).
  static let sharedCause: Check = { facts in
    let since = facts.judged?.verdict.status.since ?? facts.now
    return facts.peers.sharedCause(since: since).map { Hold(reason: sharedCauseReason, message: $0.description) }
  }

  /// Such a hold ends only by a person's word: when the breaches of the others go, the cause is still not known.
  static let sharedCauseReason = "SharedCause"

  /// How long it takes until each protected workload has been looked at once, in seconds.
  static let firstLook: TimeInterval = 2

  /// How long that takes at most after a start, when everything is measured at once, whatever its interval.
  static let longestFirstLook: TimeInterval = 15

  /// How long after the start of a breach it is known whether others breach as well: each of them is sampled once.
  static func settlingTime(_ trigger: Trigger) -> TimeInterval {
    trigger.kind.isSampled ? trigger.interval.timeInterval : firstLook
  }

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
        + "resume it with `kubectl rollout resume deployment/\(facts.workload.name)`",
      yieldsToApproval: false)
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
