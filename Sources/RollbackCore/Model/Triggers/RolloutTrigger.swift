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
