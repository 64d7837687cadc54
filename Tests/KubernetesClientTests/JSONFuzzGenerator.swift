/// A generator with a seed, so that a failing case can be run again.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// Makes JSON texts, valid ones and such that are nearly so.
struct JSONFuzzGenerator {
  var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(state: seed)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &random)]
  }

  /// A valid document.
  mutating func document() -> String {
    padding() + value(depth: 0) + padding()
  }

  mutating func value(depth: Int) -> String {
    let kinds = depth > 4 ? 4 : 7
    switch Int.random(in: 0..<kinds, using: &random) {
    case 0: return pick(["true", "false", "null"])
    case 1, 2: return number()
    case 3: return string()
    case 4: return array(depth: depth)
    default: return object(depth: depth)
    }
  }

  private mutating func array(depth: Int) -> String {
    let elements = (0..<Int.random(in: 0...4, using: &random)).map { _ in padding() + value(depth: depth + 1) }
    return "[" + elements.joined(separator: padding() + ",") + padding() + "]"
  }

  private mutating func object(depth: Int) -> String {
    let members = (0..<Int.random(in: 0...4, using: &random)).map { index in
      // The number makes keys differ: what duplicates mean is tested elsewhere.
      padding() + "\"\(index)" + string().dropFirst() + padding() + ":" + padding() + value(depth: depth + 1)
    }
    return "{" + members.joined(separator: padding() + ",") + padding() + "}"
  }

  mutating func number() -> String {
    var text = chance(30) ? "-" : ""
    text += chance(20) ? "0" : String(Int.random(in: 1...9, using: &random)) + digits(0...18)
    if chance(30) { text += "." + digits(1...12) }
    if chance(20) { text += pick(["e", "E"]) + pick(["", "+", "-"]) + digits(1...2) }
    return text
  }

  private mutating func digits(_ count: ClosedRange<Int>) -> String {
    (0..<Int.random(in: count, using: &random)).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
  }

  mutating func string() -> String {
    let parts = (0..<Int.random(in: 0...6, using: &random)).map { _ in
      pick([
        "a", "replicas", "kubernetes.io/x", " ", "/", "\\/", "\\\"", "\\\\", "\\n", "\\t", "\\b", "\\f", "\\r",
        "\\u0041",
        "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\\u0000", "é", "漢", "😀", "\u{7f}", "{", "}", "[", "]", ",", ":",
      ])
    }
    return "\"" + parts.joined() + "\""
  }

  private mutating func padding() -> String {
    chance(80) ? "" : pick([" ", "\n", "\t", "\r\n", "  "])
  }

  /// A few bytes of a document changed, put in, taken out or doubled.
  mutating func mutated(_ document: [UInt8]) -> [UInt8] {
    var bytes = document
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(pick(Array("{}[],:\"\\0123.eE+-tfn \u{0}".utf8)), at: place)
      case 4: bytes.insert(contentsOf: fragment(), at: place)
      default:
        let end = min(place + Int.random(in: 1...12, using: &random), bytes.count)
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return bytes
  }

  private mutating func fragment() -> [UInt8] {
    pick(Self.fragments)
  }

  private static let fragments: [[UInt8]] = texts.map { Array($0.utf8) } + notText

  private static let texts: [String] = [
    "\\ud800", "\\udc00", "\\ud83d\\ude00", "1e999", "-0", "00", "NaN", "\\x", "//", "null",
    String(repeating: "9", count: 80), String(repeating: "[", count: 40),
  ]

  private static let notText: [[UInt8]] = [
    [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0x00],
  ]
}
