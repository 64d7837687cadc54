/// Random numbers that depend on the seed alone (SplitMix64, Steele, Lea and Flood, 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from `range`, both ends included.
  public mutating func pick(_ range: ClosedRange<Double>) -> Double {
    let share = Double(next() >> 11) * 0x1p-53
    return range.lowerBound + (range.upperBound - range.lowerBound) * share
  }

  /// A number below `bound`, which is at least 1.
  public mutating func index(below bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

  /// True with this probability.
  public mutating func chance(_ probability: Double) -> Bool { pick(0...1) < probability }
}
