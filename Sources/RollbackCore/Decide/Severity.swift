import FoundationEssentials

/// A breach at the severity it has now.
struct JudgedBreach {
  var verdict: TriggerVerdict
  var severity: Trigger.Severity
  var rule: DecisionRule
  /// When it is judged at another severity if it lasts.
  var raisedAt: Date?

  /// The trigger's own severity, raised as often as the breach's age asks for.
  init(_ verdict: TriggerVerdict, _ spec: PolicySpec, now: Date) {
    self.verdict = verdict
    (severity, rule, raisedAt) = spec.judged(verdict.trigger.severity, since: verdict.status.since ?? now, now: now)
  }

  /// One that the release is to blame for comes before one that counts at any time, and this before all others.
  private var rank: Int { verdict.isDismissed ? verdict.trigger.during == .always ? 1 : 2 : 0 }

  /// The breach that counts: the most severe, then the first in the policy's order. One that the release is not to
  /// blame for comes after all others.
  static func worst(_ verdicts: [TriggerVerdict], _ spec: PolicySpec, now: Date) -> JudgedBreach? {
    verdicts.filter(\.isBreached).map { JudgedBreach($0, spec, now: now) }.min { left, right in
      if left.rank != right.rank { return left.rank < right.rank }
      return left.severity.isMoreSevere(than: right.severity)
    }
  }
}

extension PolicySpec {
  /// A severity, raised as often as the breach's age asks for, with its row of the matrix and the next raise.
  func judged(
    _ severity: Trigger.Severity, since: Date, now: Date
  ) -> (severity: Trigger.Severity, rule: DecisionRule, raisedAt: Date?) {
    var severity = severity
    var rule = rule(for: severity)
    // Only upwards, so that rows that point at each other come to an end.
    while let raise = rule.raise, raise.to.isMoreSevere(than: severity) {
      let moment = since.addingTimeInterval(raise.after.timeInterval)
      guard moment <= now else { return (severity, rule, moment) }
      severity = raise.to
      rule = self.rule(for: severity)
    }
    return (severity, rule, nil)
  }
}

extension TriggerVerdict {
  /// Whether the breach is real and not the rollout's.
  var isDismissed: Bool { precedesRollout && trigger.requiresAttribution }
}

extension Trigger.Severity {
  /// Whether it comes before another in the order of severities.
  public func isMoreSevere(than other: Self) -> Bool {
    let order = Self.allCases
    return (order.firstIndex(of: self) ?? 0) < (order.firstIndex(of: other) ?? 0)
  }
}
