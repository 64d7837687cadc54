/// Changed copies of inputs, the same for the same seed.
struct Mutator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// A few places changed, taken out, doubled, cut off, or filled from another input.
  mutating func mutated(_ input: [UInt8], mixing other: [UInt8]) -> [UInt8] {
    var bytes = input
    for _ in 0..<Int.random(in: 1...4, using: &self) {
      let place = Int.random(in: 0...bytes.count, using: &self)
      let end = min(bytes.count, place + Int.random(in: 1...16, using: &self))
      switch Int.random(in: 0..<8, using: &self) {
      case 0: bytes.replaceSubrange(place..<end, with: [UInt8.random(in: 0...255, using: &self)])
      case 1: if place < end { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self) }
      case 2: bytes.removeSubrange(place..<end)
      case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
      case 4: bytes.removeSubrange(place...)
      case 5: bytes.insert(contentsOf: piece(of: other), at: place)
      case 6: bytes.replaceSubrange(place..<end, with: piece(of: other))
      default: bytes.insert(contentsOf: Self.fragments.randomElement(using: &self) ?? [], at: place)
      }
    }
    return bytes
  }

  private mutating func piece(of other: [UInt8]) -> [UInt8] {
    guard !other.isEmpty else { return [] }
    let start = Int.random(in: 0..<other.count, using: &self)
    return Array(other[start..<min(other.count, start + Int.random(in: 1...40, using: &self))])
  }

  /// What readers stumble over.
  private static let fragments: [[UInt8]] = texts.map { Array($0.utf8) } + notText

  private static let texts: [String] = [
    "null", "{}", "[]", "\"\"", "-0", "1e999", "9223372036854775808", "-9223372036854775808", "0.1", "\\ud800",
    "\\u0000", "\n", "\r\n", "\u{2028}", "true", "{\"a\":", "[[[[", "&a", "*a", "<<: *a", "---\n", "? ", "!!int ",
    "9999-12-31T23:59:59Z", "%", "999h", "://", "~1",
  ]

  private static let notText: [[UInt8]] = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [0x00]]
}
