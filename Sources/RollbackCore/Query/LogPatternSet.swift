/// A set of Unicode scalars.
struct LogPatternSet: Sendable {
  /// ASCII, one bit each.
  private var low: UInt64 = 0
  private var high: UInt64 = 0
  /// The others; when ``isInverted`` those that do not belong.
  private var ranges: [ClosedRange<UInt32>] = []
  private var isInverted = false

  static let digits = LogPatternSet("0"..."9")
  static let word = LogPatternSet("a"..."z", "A"..."Z", "0"..."9", "_"..."_")
  static let space = LogPatternSet("\t"..."\r", " "..." ")
  static let any = LogPatternSet().inverted

  init(_ ranges: ClosedRange<Unicode.Scalar>...) {
    for range in ranges { insert(range.lowerBound.value...range.upperBound.value) }
  }

  func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return low & (1 << UInt64(scalar)) != 0 }
    if scalar < 128 { return high & (1 << UInt64(scalar - 64)) != 0 }
    return ranges.contains { $0.contains(scalar) } != isInverted
  }

  /// To a set that is inverted nothing beyond ASCII is added: it was made of escapes and has all of it.
  mutating func insert(_ range: ClosedRange<UInt32>) {
    for scalar in range.prefix(while: { $0 < 128 }) {
      if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
    }
    if range.upperBound >= 128, !isInverted { ranges.append(max(range.lowerBound, 128)...range.upperBound) }
  }

  /// Everything that is in either; beyond ASCII maybe more, when one of them is inverted.
  mutating func formUnion(_ other: LogPatternSet) {
    low |= other.low
    high |= other.high
    if isInverted || other.isInverted {
      isInverted = true
      ranges = []
    } else {
      ranges += other.ranges
    }
  }

  var inverted: LogPatternSet {
    var set = self
    set.low = ~low
    set.high = ~high
    set.isInverted.toggle()
    return set
  }

  /// With the other case of each letter: of all ASCII letters, and of other letters that stand alone.
  var ignoringCase: LogPatternSet {
    var set = self
    // ASCII letters are the bits 1 to 26 and 33 to 58 of the upper half.
    let letters: UInt64 = 0x07ff_fffe
    let either = (high & letters) | ((high >> 32) & letters)
    set.high |= either | (either << 32)
    for range in ranges where range.count == 1 {
      guard let scalar = Unicode.Scalar(range.lowerBound) else { continue }
      for mapping in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
        let scalars = mapping.unicodeScalars
        if scalars.count == 1, let other = scalars.first?.value { set.insert(other...other) }
      }
    }
    return set
  }
}
