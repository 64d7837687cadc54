/// One way in which a release shows that it is bad: exactly one of ``pods`` and ``rollout``.
public struct Trigger: Hashable, Sendable, Codable {
  /// Unique within the policy.
  public var name: String
  public var severity: Severity
  /// The breach must hold this long without a break.
  public var `for`: PolicyDuration
  public var pods: PodsTrigger?
  public var rollout: RolloutTrigger?

  /// How bad a breach is; the cases are in descending order.
  public enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
    case critical = "Critical"
    case high = "High"
    case medium = "Medium"
    case low = "Low"
  }

  public init(
    name: String, severity: Severity = .high, for: PolicyDuration = .seconds(0), pods: PodsTrigger? = nil,
    rollout: RolloutTrigger? = nil
  ) {
    self.name = name
    self.severity = severity
    self.for = `for`
    self.pods = pods
    self.rollout = rollout
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      severity: try container.decodeIfPresent(Severity.self, forKey: .severity) ?? .high,
      for: try container.decodeIfPresent(PolicyDuration.self, forKey: .for) ?? .seconds(0),
      pods: try container.decodeIfPresent(PodsTrigger.self, forKey: .pods),
      rollout: try container.decodeIfPresent(RolloutTrigger.self, forKey: .rollout))
  }

  /// What is armed when a policy names no triggers.
  public static let builtIn = [
    Trigger(name: "rollout", rollout: RolloutTrigger()),
    Trigger(name: "pods", pods: PodsTrigger()),
  ]

  /// The name reserved for the deployment of a template that has been rolled back before.
  public static let knownBad = "known-bad"
}

/// What is looked for in the pods of the suspect revision.
public struct PodsTrigger: Hashable, Sendable, Codable {
  /// A container waits in `CrashLoopBackOff`, so it has already died more than once.
  public var crashLooping: Bool
  /// A container waits in `ImagePullBackOff` or with an invalid image name; a first failed attempt does not count.
  public var imagePull: Bool
  /// A container's last termination was by the out-of-memory killer.
  public var oomKilled: Bool
  public var restarts: Restarts?
  public var unready: Above?
  /// A pod cannot be scheduled.
  public var unschedulable: Bool

  /// Container restarts of all pods of the suspect together.
  public struct Restarts: Hashable, Sendable, Codable {
    public var atLeast: Int
    public var within: PolicyDuration

    public init(atLeast: Int, within: PolicyDuration) {
      self.atLeast = atLeast
      self.within = within
    }
  }

  public init(
    crashLooping: Bool = true, imagePull: Bool = true, oomKilled: Bool = true, restarts: Restarts? = nil,
    unready: Above? = nil, unschedulable: Bool = false
  ) {
    self.crashLooping = crashLooping
    self.imagePull = imagePull
    self.oomKilled = oomKilled
    self.restarts = restarts
    self.unready = unready
    self.unschedulable = unschedulable
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      crashLooping: try container.decodeIfPresent(Bool.self, forKey: .crashLooping) ?? true,
      imagePull: try container.decodeIfPresent(Bool.self, forKey: .imagePull) ?? true,
      oomKilled: try container.decodeIfPresent(Bool.self, forKey: .oomKilled) ?? true,
      restarts: try container.decodeIfPresent(Restarts.self, forKey: .restarts),
      unready: try container.decodeIfPresent(Above.self, forKey: .unready),
      unschedulable: try container.decodeIfPresent(Bool.self, forKey: .unschedulable) ?? false)
  }
}

/// What is looked for in the progress of the rollout itself.
public struct RolloutTrigger: Hashable, Sendable, Codable {
  /// Kubernetes itself says that the rollout missed `spec.progressDeadlineSeconds`.
  public var progressDeadlineExceeded: Bool
  /// A rollout in progress made no progress for this long.
  public var stalledFor: PolicyDuration?
  /// Replicas that are wanted and not available.
  public var unavailable: Above?

  public init(progressDeadlineExceeded: Bool = true, stalledFor: PolicyDuration? = nil, unavailable: Above? = nil) {
    self.progressDeadlineExceeded = progressDeadlineExceeded
    self.stalledFor = stalledFor
    self.unavailable = unavailable
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      progressDeadlineExceeded: try container.decodeIfPresent(Bool.self, forKey: .progressDeadlineExceeded) ?? true,
      stalledFor: try container.decodeIfPresent(PolicyDuration.self, forKey: .stalledFor),
      unavailable: try container.decodeIfPresent(Above.self, forKey: .unavailable))
  }
}

/// A threshold that is breached from above.
public struct Above: Hashable, Sendable, Codable {
  public var above: Threshold

  public init(_ above: Threshold) {
    self.above = above
  }
}
