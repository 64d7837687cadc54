public import FoundationEssentials

/// `RollbackPolicy.status`: what the operator sees now, and what it must remember across a restart.
public struct PolicyStatus: Hashable, Sendable, Codable {
  public var observedGeneration: Int64?
  public var conditions: [Condition]?
  /// The most noteworthy state of all targets.
  public var state: State?
  public var lastEvent: String?
  /// At most ``maximumTargets``, by name.
  public var targets: [TargetStatus]?
  /// How many workloads the policy protects, listed or not.
  public var targetCount: Int?

  /// The most targets that are listed.
  public static let maximumTargets = 100

  /// What a policy does at the moment; the cases are in the order in which the more noteworthy hides the others.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    case invalid = "Invalid"
    case suspended = "Suspended"
    case rollingBack = "RollingBack"
    case verifying = "Verifying"
    case held = "Held"
    case breaching = "Breaching"
    case onTrial = "OnTrial"
    case watching = "Watching"
  }

  public init() {}
}

/// One protected workload in ``PolicyStatus``.
public struct TargetStatus: Hashable, Sendable, Codable {
  public var name: String
  public var uid: String
  public var current: RevisionStatus?
  public var lastGood: RevisionStatus?
  public var trialEndsAt: Date?
  public var triggers: [TriggerStatus]?
  /// How many breaches there have been that no rollout was to blame for; the newest has this number.
  public var incidents: Int64?

  public init(
    name: String, uid: String, current: RevisionStatus? = nil, lastGood: RevisionStatus? = nil,
    trialEndsAt: Date? = nil, triggers: [TriggerStatus]? = nil, incidents: Int64? = nil
  ) {
    self.name = name
    self.uid = uid
    self.current = current
    self.lastGood = lastGood
    self.trialEndsAt = trialEndsAt
    self.triggers = triggers
    self.incidents = incidents
  }
}

/// A revision and since when it has been what it is.
public struct RevisionStatus: Hashable, Sendable, Codable {
  public var revision: Int64?
  public var hash: String?
  public var images: [String]?
  public var since: Date?

  public init(revision: Int64? = nil, hash: String? = nil, images: [String]? = nil, since: Date? = nil) {
    self.revision = revision
    self.hash = hash
    self.images = images
    self.since = since
  }

  /// The revision without its time.
  public var reference: RevisionReference { RevisionReference(revision: revision, hash: hash, images: images) }
}

/// The last reading of one trigger.
public struct TriggerStatus: Hashable, Sendable, Codable {
  public var name: String
  public var state: State
  public var value: String?
  public var threshold: String?
  /// Since when the trigger has been in this state; for `Breaching` and `Breached` since the breach began.
  public var since: Date?
  /// The number of the incident that the breach is, when no rollout is to blame for it.
  public var incident: Int64?

  /// The three values of a verdict, told apart by what they mean for a person.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    case healthy = "Healthy"
    /// Breached, but not yet for as long as `for` asks.
    case breaching = "Breaching"
    case breached = "Breached"
    /// Nothing could be read.
    case noData = "NoData"
    /// Reading failed.
    case error = "Error"
  }

  public init(
    name: String, state: State, value: String? = nil, threshold: String? = nil, since: Date? = nil,
    incident: Int64? = nil
  ) {
    self.name = name
    self.state = state
    self.value = value
    self.threshold = threshold
    self.since = since
    self.incident = incident
  }
}
