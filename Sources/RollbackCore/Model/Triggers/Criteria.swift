/// What a measured number is held against. Each one that is given is a reason of its own to call it a breach.
public struct Criteria: Hashable, Sendable, Codable {
  public var above: Measure?
  public var below: Measure?

  public init(above: Measure? = nil, below: Measure? = nil) {
    self.above = above
    self.below = below
  }

  /// Whether shares of a whole are limited, not absolute numbers.
  public var isShare: Bool { above?.unit == .percent || below?.unit == .percent }

  /// Whether nothing is given, so that nothing could ever be a breach.
  public var isEmpty: Bool { above == nil && below == nil }
}
