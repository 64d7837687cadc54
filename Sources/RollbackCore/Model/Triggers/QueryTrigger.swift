/// A PromQL query whose answer is held against limits.
public struct QueryTrigger: Hashable, Sendable {
  /// The name of a source of the policy or of the operator's configuration; `nil`: `default`.
  public var source: String?
  /// One number, as a scalar or a vector of one series; may use the placeholders of ``PromQLTemplate``.
  public var promql: String
  public var criteria: Criteria
  public var minSamples: MinSamples?
  /// How several series become one number; `nil`: several are refused.
  public var reduce: Reduction?
  /// One query for every target of the policy's selector; `nil`: one for each.
  public var fleet: Fleet?

  /// How the answer to one query is shared out among targets.
  public struct Fleet: Hashable, Sendable, Codable {
    /// The label whose value is the target's name.
    public var label: String

    public init(label: String) { self.label = label }
  }

  /// A breach counts only on enough traffic.
  public struct MinSamples: Hashable, Sendable, Codable {
    public var promql: String
    public var atLeast: Measure

    public init(promql: String, atLeast: Measure) {
      self.promql = promql
      self.atLeast = atLeast
    }
  }

  /// How several series become one number.
  public enum Reduction: String, Hashable, Sendable, Codable, CaseIterable {
    case max = "Max"
    case min = "Min"
    case sum = "Sum"
    case average = "Avg"

    /// One number for all; `nil` for none.
    public func callAsFunction(_ values: [Double]) -> Double? {
      guard !values.isEmpty else { return nil }
      // Order matters for NaN in minimum and maximum: one of them makes the whole unknown.
      guard !values.contains(where: \.isNaN) else { return .nan }
      switch self {
      case .max: return values.max()
      case .min: return values.min()
      case .sum: return values.reduce(0, +)
      case .average: return values.reduce(0, +) / Double(values.count)
      }
    }
  }

  public init(
    source: String? = nil, promql: String, criteria: Criteria, minSamples: MinSamples? = nil, reduce: Reduction? = nil,
    fleet: Fleet? = nil
  ) {
    self.source = source
    self.promql = promql
    self.criteria = criteria
    self.minSamples = minSamples
    self.reduce = reduce
    self.fleet = fleet
  }
}

extension QueryTrigger: Codable {
  private enum CodingKeys: String, CodingKey {
    case source, promql, minSamples, reduce, fleet
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      source: try container.decodeIfPresent(String.self, forKey: .source),
      promql: try container.decode(String.self, forKey: .promql), criteria: try Criteria(from: decoder),
      minSamples: try container.decodeIfPresent(MinSamples.self, forKey: .minSamples),
      reduce: try container.decodeIfPresent(Reduction.self, forKey: .reduce),
      fleet: try container.decodeIfPresent(Fleet.self, forKey: .fleet))
  }

  public func encode(to encoder: any Encoder) throws {
    try criteria.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(source, forKey: .source)
    try container.encode(promql, forKey: .promql)
    try container.encodeIfPresent(minSamples, forKey: .minSamples)
    try container.encodeIfPresent(reduce, forKey: .reduce)
    try container.encodeIfPresent(fleet, forKey: .fleet)
  }
}
