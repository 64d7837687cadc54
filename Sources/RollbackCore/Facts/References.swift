public import FoundationEssentials

/// What the samples of a trigger are compared with: values from before the rollout.
public struct References: Hashable, Sendable {
  public var baseline: Reference
  public var anomaly: Reference
  /// Of the last good revision.
  public var comparison: Reference
  /// Samples from this time on are those of the new revision; `nil`: the last good revision runs, which is not compared
  /// with itself.
  public var comparesSince: Date?

  public init(
    baseline: Reference = .pending, anomaly: Reference = .pending, comparison: Reference = .pending,
    comparesSince: Date? = nil
  ) {
    self.baseline = baseline
    self.anomaly = anomaly
    self.comparison = comparison
    self.comparesSince = comparesSince
  }

  /// Earlier values, or why there are none.
  public enum Reference: Hashable, Sendable {
    /// They have not been read yet.
    case pending
    /// There cannot be any, because no revision has been proven good before; what cannot be compared is not judged.
    case first
    case values([Double])
    /// The source answered, with nothing that could be compared with; the cause in a sentence.
    case noData(String)
    /// The source did not answer as it should; the cause in a sentence.
    case failed(String)
  }
}
