import KubernetesClient
import RollbackCore

/// Any text as a duration and as a threshold; its first bytes as numbers that are compared with it.
enum DurationProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let text = String(decoding: bytes, as: UTF8.self)
    try duration(text)
    try threshold(text, bytes)
  }

  private static func duration(_ text: String) throws(Violation) {
    guard let duration = PolicyDuration(text) else { return }
    try require(text.utf8.count <= 32, "a duration of \(text.utf8.count) bytes")
    try require((PolicyDuration.seconds(0)...PolicyDuration.longest).contains(duration), "\(text) is \(duration)")
    try require(PolicyDuration(duration.description) == duration, "\(text) is written as \(duration)")
    try copies(duration)
  }

  private static func threshold(_ text: String, _ bytes: [UInt8]) throws(Violation) {
    let thresholds = [Threshold(text), .percent(50), .count(3)].compactMap(\.self)
    for threshold in thresholds {
      try require(Threshold(threshold.description) == threshold, "\(text) is written as \(threshold)")
      try copies(threshold)
      let part = Int(truncatingIfNeeded: number(bytes.prefix(8)))
      let whole = Int(truncatingIfNeeded: number(bytes.dropFirst(8).prefix(8)))
      _ = threshold.isExceeded(by: part, of: whole)
      _ = threshold.describe(part, of: whole)
      try require(!threshold.isExceeded(by: 0, of: whole), "nothing exceeds \(threshold)")
    }
  }

  private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func copies<Value: Codable & Equatable>(_ value: Value) throws(Violation) {
    let copy = try? JSONValue(encoding: value).decode(Value.self)
    try require(copy == value, "\(value) is read back as \(String(describing: copy))")
  }
}
