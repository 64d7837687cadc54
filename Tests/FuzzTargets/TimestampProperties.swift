import FoundationEssentials
import RollbackCore

@testable import KubernetesClient

/// Any text as a time of the API, and any eight bytes as a date that is written as one.
enum TimestampProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let date = Timestamp.date(text) { try roundTrip(date, text) }
    let quoted = JSONValue.string(text).serialized()
    var cursor = JSONCursor(quoted.span)
    _ = try? cursor.readTimestampIfPresent()
    let bits = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    try written(Date(timeIntervalSinceReferenceDate: Double(bitPattern: bits)))
    try written(Date(timeIntervalSinceReferenceDate: Double(Int64(bitPattern: bits) >> 22) / 1_000))
  }

  private static func roundTrip(_ date: Date, _ text: String) throws(Violation) {
    // A time of the year 0 or 9999 may lie outside of them in UTC, and is then clamped.
    let year = text.prefix(4)
    guard year != "0000", year != "9999" else { return try written(date) }
    guard let copy = Timestamp.date(Timestamp.micros(date)) else {
      throw Violation(description: "\(text) is written as \(Timestamp.micros(date)), which is no time")
    }
    try require(abs(copy.timeIntervalSince(date)) < 0.000_01, "\(text) is written as \(Timestamp.micros(date))")
    try written(date)
  }

  private static func written(_ date: Date) throws(Violation) {
    let seconds = Timestamp.seconds(date)
    let micros = Timestamp.micros(date)
    try require(seconds.utf8.count == 20 && micros.utf8.count == 27, "\(seconds), \(micros)")
    guard let read = Timestamp.date(seconds), Timestamp.date(micros) != nil else {
      throw Violation(description: "\(seconds) or \(micros) is no time")
    }
    try require(Timestamp.seconds(read) == seconds, "\(seconds) becomes \(Timestamp.seconds(read))")
    let span = PolicyDuration(from: date, to: read)
    try require(span >= .seconds(0) && span <= .longest, "a span of \(span)")
  }
}
