public import FoundationEssentials

/// What must survive from one evaluation of a (policy, workload) pair to the next; it is the pair's entry in
/// ``PolicyStatus``, so that it also survives a restart.
public struct TargetMemory: Hashable, Sendable {
  /// The current revision and since when it has been current.
  public var current: RevisionStatus?
  public var lastGood: RevisionStatus?
  public var trialEndsAt: Date?
  public var triggers: [TriggerStatus]
  /// The number of the newest incident.
  public var incidents: Int64?

  public init(
    current: RevisionStatus? = nil, lastGood: RevisionStatus? = nil, trialEndsAt: Date? = nil,
    triggers: [TriggerStatus] = [], incidents: Int64? = nil
  ) {
    self.current = current
    self.lastGood = lastGood
    self.trialEndsAt = trialEndsAt
    self.triggers = triggers
    self.incidents = incidents
  }

  public init(_ status: TargetStatus) {
    self.init(
      current: status.current, lastGood: status.lastGood, trialEndsAt: status.trialEndsAt,
      triggers: status.triggers ?? [], incidents: status.incidents)
  }

  /// The memory as the policy's status holds it.
  public func status(name: String, uid: String) -> TargetStatus {
    TargetStatus(
      name: name, uid: uid, current: current, lastGood: lastGood, trialEndsAt: trialEndsAt,
      triggers: triggers.isEmpty ? nil : triggers, incidents: incidents)
  }

  /// This memory, with what another operator saw begin earlier: two of them side by side come to the same status.
  public func agreeing(with written: TargetMemory) -> TargetMemory {
    var memory = self
    if let current, current.hash == written.current?.hash, current.revision == written.current?.revision {
      memory.current?.since = Self.earlier(current.since, written.current?.since)
      // The trial is counted from there.
      if let own = current.since, let since = memory.current?.since {
        memory.trialEndsAt = trialEndsAt.map { $0.addingTimeInterval(since.timeIntervalSince(own)) }
      }
    }
    if let lastGood, lastGood.hash == written.lastGood?.hash {
      memory.lastGood?.since = Self.earlier(lastGood.since, written.lastGood?.since)
    }
    memory.incidents = [incidents, written.incidents].compactMap(\.self).max()
    for index in memory.triggers.indices {
      // A breach must have held without a break, which only who saw it knows.
      let own = memory.triggers[index]
      guard own.state == .healthy || own.state == .noData,
        let other = written.triggers.first(where: { $0.name == own.name && $0.state == own.state })
      else { continue }
      memory.triggers[index].since = Self.earlier(own.since, other.since)
    }
    return memory
  }

  /// This memory as a status shows it in place of one that another operator may have written: where the two say the
  /// same of a trigger, the earlier beginning stays. Otherwise two operators side by side, of which each has seen a
  /// breach begin at another moment, would correct each other for ever. Decisions are made on the own memory.
  public func shown(inPlaceOf written: TargetMemory) -> TargetMemory {
    var memory = agreeing(with: written)
    guard current?.hash == written.current?.hash, current?.revision == written.current?.revision else { return memory }
    for index in memory.triggers.indices {
      let own = memory.triggers[index]
      guard let other = written.triggers.first(where: { $0.name == own.name && $0.state == own.state }) else {
        continue
      }
      memory.triggers[index].since = Self.earlier(own.since, other.since)
    }
    return memory
  }

  private static func earlier(_ own: Date?, _ other: Date?) -> Date? {
    guard let own, let other else { return own }
    return min(own, other)
  }
}
