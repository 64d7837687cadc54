public struct Measure: Hashable, Sendable, Codable {
  public var value: Double
  public static let zero = Measure(0)
  public init(_ value: Double) { self.value = value }
  public func describe(_ value: Double) -> String { "\(value)" }
  public var description: String { describe(value) }
}
