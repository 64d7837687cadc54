public import FoundationEssentials

/// From which number of breaches on their cause is taken for a shared one, such as a broken monitor (R5).
public struct SharedCauseLimits: Sendable, Hashable {
  /// The share of the protected workloads that may breach together.
  public var maxBreachedShare: Threshold
  /// Breaches that began within this time of each other are together.
  public var within: PolicyDuration
  /// With fewer protected workloads nothing is concluded.
  public var minTargets: Int

  public init(maxBreachedShare: Threshold = .percent(30), within: PolicyDuration = .minutes(2), minTargets: Int = 5) {
    self.maxBreachedShare = maxBreachedShare
    self.within = within
    self.minTargets = minTargets
  }
}

/// All that this operator protects, as far as it says something about the cause of one breach.
public struct Peers: Sendable, Hashable {
  /// Protected workloads, this one among them.
  public var targets: Int
  /// When the breaches of the others began that hold now.
  public var breachedSince: [Date]
  /// How many of the others are on trial now.
  public var onTrial: Int
  public var limits: SharedCauseLimits
  /// Since when this process looks at workloads: right after that it knows little of the others.
  public var knownSince: Date
  /// Since when those of the others cannot be judged of which it is not known whether they breach.
  public var unjudgedSince: [Date]
  /// When this process first heard of the breach that is judged; `nil`: when it began.
  public var breachSeen: Date?
  /// Since when it was said to last then; another time is another story. `nil`: nothing was said.
  public var breachSince: Date?

  public init(
    targets: Int = 1, breachedSince: [Date] = [], onTrial: Int = 0, limits: SharedCauseLimits = SharedCauseLimits(),
    knownSince: Date = .distantPast, unjudgedSince: [Date] = [], breachSeen: Date? = nil,
    breachSince: Date? = nil
  ) {
    self.targets = targets
    self.breachedSince = breachedSince
    self.onTrial = onTrial
    self.limits = limits
    self.knownSince = knownSince
    self.unjudgedSince = unjudgedSince
    self.breachSeen = breachSeen
    self.breachSince = breachSince
  }

  /// Whether there are enough workloads to compare with.
  public var isEnough: Bool { targets >= limits.minTargets }

  /// Whether a breach may turn out to be one of many. What pods and rollouts say can only be wrong with those that are
  /// on trial.
  func mayShareCause(_ trigger: Trigger) -> Bool {
    let possible = trigger.kind.isSampled ? targets : 1 + max(onTrial, breachedSince.count)
    return isEnough && limits.maxBreachedShare.isExceeded(by: possible, of: targets)
  }

  /// Whether it matters that some workloads cannot be judged: with them the breach might be one of many. What stays so
  /// for longer than breaches are told apart by is not waited for.
  func mayShareWithUnjudged(since: Date, now: Date) -> Bool {
    let unjudged = unjudgedSince.count { now.timeIntervalSince($0) < limits.within.timeInterval }
    return unjudged > 0 && isEnough
      && limits.maxBreachedShare.isExceeded(by: together(since: since) + unjudged, of: targets)
  }

  /// How many breaches began at the same time as one, itself included.
  private func together(since: Date) -> Int {
    1 + breachedSince.count { abs($0.timeIntervalSince(since)) <= limits.within.timeInterval }
  }

  /// The cause that a breach shares with others; `nil` when it is its own.
  public func sharedCause(since: Date) -> SharedCause? {
    guard isEnough else { return nil }
    let breached = together(since: since)
    // Of one alone nothing is concluded, however small the limit is.
    guard breached > 1, limits.maxBreachedShare.isExceeded(by: breached, of: targets) else { return nil }
    return SharedCause(breached: breached, targets: targets, limit: limits.maxBreachedShare)
  }
}

/// Breaches of so many workloads at once that a broken monitor or a broken cluster is the likelier cause (R5).
public struct SharedCause: Sendable, Hashable {
  public var breached: Int
  public var targets: Int
  public var limit: Threshold

  public init(breached: Int, targets: Int, limit: Threshold) {
    self.breached = breached
    self.targets = targets
    self.limit = limit
  }
}

extension SharedCause: CustomStringConvertible {
  public var description: String {
    "\(breached) of \(targets) protected workloads breach at the same time, more than \(limit) "
      + "(sharedCause.maxBreachedShare): look at the monitoring and the cluster first; "
      + "`kubectl rollback approve` acts on this event all the same"
  }
}
