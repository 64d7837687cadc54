/// What a measured number is held against. Each one that is given is a reason of its own to call it a breach.
public struct Criteria: Hashable, Sendable, Codable {
  public var above: Measure?
  public var below: Measure?
  public var baseline: BaselineCriterion?
  public var anomaly: AnomalyCriterion?
  public var comparison: ComparisonCriterion?

  public init(
    above: Measure? = nil, below: Measure? = nil, baseline: BaselineCriterion? = nil, anomaly: AnomalyCriterion? = nil,
    comparison: ComparisonCriterion? = nil
  ) {
    self.above = above
    self.below = below
    self.baseline = baseline
    self.anomaly = anomaly
    self.comparison = comparison
  }

  /// Whether shares of a whole are limited, not absolute numbers.
  public var isShare: Bool { above?.unit == .percent || below?.unit == .percent }

  /// Whether nothing is given, so that nothing could ever be a breach.
  public var isEmpty: Bool { above == nil && below == nil && !needsPast }

  /// Whether something is held against values from before the rollout.
  public var needsPast: Bool { baseline != nil || anomaly != nil || comparison != nil }
}

/// A limit relative to the mean of the same reading before the rollout.
public struct BaselineCriterion: Hashable, Sendable {
  /// The mean is that of so long before the rollout began.
  public var window: PolicyDuration
  /// So much earlier than that; 24h for the same time yesterday.
  public var offset: PolicyDuration?
  public var above: Baseline?
  public var below: Baseline?

  public init(
    window: PolicyDuration = .minutes(30), offset: PolicyDuration? = nil, above: Baseline? = nil, below: Baseline? = nil
  ) {
    self.window = window
    self.offset = offset
    self.above = above
    self.below = below
  }
}

/// A limit on how unusual a value is for the target's own past, as ``Median/score(of:against:)`` says it.
public struct AnomalyCriterion: Hashable, Sendable {
  /// The past is so long, and ends where the rollout begins.
  public var window: PolicyDuration
  /// The robust z-score that is no breach yet.
  public var sensitivity: Double
  public var direction: Direction

  /// Which side is a breach.
  public enum Direction: String, Hashable, Sendable, Codable, CaseIterable {
    case above = "Above"
    case below = "Below"
    case both = "Both"
  }

  public init(
    window: PolicyDuration = .minutes(1_440), sensitivity: Double = 3, direction: Direction = .above
  ) {
    self.window = window
    self.sensitivity = sensitivity
    self.direction = direction
  }
}

/// Two samples, one of the new revision and one of the last good one, as ``MannWhitneyComparison`` compares them.
///
/// The first is everything that was sampled since the rollout began. The second is the same query, with the last good
/// revision in the place of the new one, over as long as the trial lasts, right before the rollout began: Kayenta runs
/// a second copy of the old release beside the new one, a rolling update has none that lasts.
public struct ComparisonCriterion: Hashable, Sendable {
  public var against: Reference
  public var test: Test
  /// That they differ.
  public var confidence: Double
  /// The least ratio of the means that matters.
  public var effect: Double
  /// The fewest values of each sample.
  public var minPoints: Int

  /// What is compared with.
  public enum Reference: String, Hashable, Sendable, Codable, CaseIterable {
    case lastGood = "LastGood"
  }

  /// How it is compared.
  public enum Test: String, Hashable, Sendable, Codable, CaseIterable {
    case mannWhitney = "MannWhitney"
  }

  public init(
    against: Reference = .lastGood, test: Test = .mannWhitney, confidence: Double = 0.98, effect: Double = 1,
    minPoints: Int = 20
  ) {
    self.against = against
    self.test = test
    self.confidence = confidence
    self.effect = effect
    self.minPoints = minPoints
  }
}

extension BaselineCriterion: Codable {
  private enum CodingKeys: String, CodingKey {
    case window, offset, above, below
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func limit(_ key: CodingKeys, _ side: Baseline.Side) throws -> Baseline? {
      guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
      do throws(BaselineError) {
        return try Baseline(text, side: side)
      } catch {
        throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: error.description)
      }
    }
    self.init(
      window: try container.decodeIfPresent(PolicyDuration.self, forKey: .window) ?? .minutes(30),
      offset: try container.decodeIfPresent(PolicyDuration.self, forKey: .offset),
      above: try limit(.above, .above), below: try limit(.below, .below))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(window, forKey: .window)
    try container.encodeIfPresent(offset, forKey: .offset)
    try container.encodeIfPresent(above?.text, forKey: .above)
    try container.encodeIfPresent(below?.text, forKey: .below)
  }
}

extension AnomalyCriterion: Codable {
  private enum CodingKeys: String, CodingKey {
    case window, sensitivity, direction
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      window: try container.decodeIfPresent(PolicyDuration.self, forKey: .window) ?? .minutes(1_440),
      sensitivity: try container.decodeIfPresent(Double.self, forKey: .sensitivity) ?? 3,
      direction: try container.decodeIfPresent(Direction.self, forKey: .direction) ?? .above)
  }
}

extension ComparisonCriterion: Codable {
  private enum CodingKeys: String, CodingKey {
    case against, test, confidence, effect, minPoints
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      against: try container.decodeIfPresent(Reference.self, forKey: .against) ?? .lastGood,
      test: try container.decodeIfPresent(Test.self, forKey: .test) ?? .mannWhitney,
      confidence: try container.decodeIfPresent(Double.self, forKey: .confidence) ?? 0.98,
      effect: try container.decodeIfPresent(Double.self, forKey: .effect) ?? 1,
      minPoints: try container.decodeIfPresent(Int.self, forKey: .minPoints) ?? 20)
  }
}
