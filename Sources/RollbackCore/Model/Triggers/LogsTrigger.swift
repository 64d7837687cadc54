/// How many lines of the suspect's pods' logs match a pattern, per second.
public struct LogsTrigger: Hashable, Sendable {
  /// Whose log; `nil`: of each pod its first container.
  public var container: String?
  /// A regular expression of ``LogPattern``'s grammar; a line counts once.
  public var pattern: String
  public var criteria: Criteria

  public init(container: String? = nil, pattern: String, criteria: Criteria) {
    self.container = container
    self.pattern = pattern
    self.criteria = criteria
  }
}

extension LogsTrigger: Codable {
  private enum CodingKeys: String, CodingKey {
    case container, pattern
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      container: try container.decodeIfPresent(String.self, forKey: .container),
      pattern: try container.decode(String.self, forKey: .pattern), criteria: try Criteria(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try criteria.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(self.container, forKey: .container)
    try container.encode(pattern, forKey: .pattern)
  }
}
