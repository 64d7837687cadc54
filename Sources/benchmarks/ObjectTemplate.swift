import KubernetesClient

/// Objects without end that differ where those of a real cluster differ: names, UIDs, versions, hashes, times.
///
/// Made of one JSON text in which `$name`, `$namespace`, `$uid`, `$owner`, `$version`, `$hash` and `$time` stand for
/// what differs, so that a hundred thousand of them cost hardly more than copying their bytes.
struct ObjectTemplate: Sendable {
  private enum Field: String {
    case name, namespace, uid, owner, version, hash, time
  }

  private var beginning: [UInt8] = []
  private var rest: [(field: Field, text: [UInt8])] = []

  /// - Parameter json: the text, however it is indented; it is made as compact as an API server writes it.
  init(_ json: String) throws {
    let compact = String(decoding: try JSONValue(parsing: json).serialized(), as: UTF8.self)
    for (index, piece) in compact.split(separator: "$", omittingEmptySubsequences: false).enumerated() {
      let word = piece.prefix { $0.isLetter }
      if index > 0, let field = Field(rawValue: String(word)) {
        rest.append((field, Array(piece.dropFirst(word.count).utf8)))
      } else {
        beginning += Array(piece.utf8)
      }
    }
  }

  /// Writes one object.
  ///
  /// - Parameters:
  ///   - number: makes it one of its own.
  ///   - series: part of the names, so that objects of different series have no text in common.
  func append(_ number: Int, series: String, to bytes: inout [UInt8]) {
    bytes += beginning
    for (field, text) in rest {
      bytes += Self.value(of: field, number, series).utf8
      bytes += text
    }
  }

  private static func value(of field: Field, _ number: Int, _ series: String) -> String {
    switch field {
    case .name: "\(series)-service-\(number)"
    case .namespace: "\(series)-team-\(number % 100)"
    case .uid: uid(UInt64(truncatingIfNeeded: number) &* 2)
    case .owner: uid(UInt64(truncatingIfNeeded: number / 3) &* 2 &+ 1)
    case .version: String(1_000_000 &+ number)
    case .hash: hash(number)
    case .time: "2026-0\(1 + number % 9)-1\(number % 10)T0\(number % 7):\(10 + number % 50):\(10 + number / 50 % 50)Z"
    }
  }

  private static func uid(_ seed: UInt64) -> String {
    let digits = Array(padded(mixed(seed)) + padded(mixed(~seed)))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }

  private static func padded(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func hash(_ number: Int) -> String {
    String(padded(mixed(UInt64(truncatingIfNeeded: number) &+ 0xface)).suffix(10))
  }

  /// Neighbours come out far apart (the finalizer of SplitMix64).
  private static func mixed(_ seed: UInt64) -> UInt64 {
    var value = seed &+ 0x9e37_79b9_7f4a_7c15
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
