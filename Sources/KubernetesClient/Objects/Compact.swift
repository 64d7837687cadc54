import FoundationEssentials

/// A value behind one reference, so that a store's slots and copies are small.
final class Box<Value: Sendable & Equatable>: Sendable, Equatable {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }

  static func == (first: Box, second: Box) -> Bool {
    first === second || first.value == second.value
  }
}

/// A date that may be absent, in the size of one that may not.
struct CompactDate: Sendable, Equatable {
  /// Seconds since 2001; NaN for none.
  private var seconds: Double

  init(_ date: Date?) {
    seconds = date?.timeIntervalSinceReferenceDate ?? .nan
  }

  var date: Date? { seconds.isNaN ? nil : Date(timeIntervalSinceReferenceDate: seconds) }

  static func == (first: CompactDate, second: CompactDate) -> Bool {
    first.seconds == second.seconds || first.seconds.isNaN && second.seconds.isNaN
  }
}

/// A UID without an allocation, given that it is written as UUIDs are, in small letters. Any other text is kept as
/// it is.
enum CompactUID: Sendable, Equatable {
  case uuid(UInt64, UInt64)
  case other(String)

  init(_ text: String) {
    self = Self.parse(text.utf8.span) ?? .other(text)
  }

  init(from cursor: inout JSONCursor) throws(JSONError) {
    guard try !cursor.readNullIfPresent() else {
      self = .other("")
      return
    }
    let start = cursor.position
    let scan = try cursor.scanStringValue()
    if !scan.hasEscapes, let uuid = Self.parse(cursor.bytes.extracting(scan.range)) {
      self = uuid
    } else {
      cursor.position = start
      self = .other(try cursor.readString())
    }
  }

  var text: String {
    switch self {
    case .other(let text): return text
    case .uuid(let high, let low):
      return String(unsafeUninitializedCapacity: 36) { buffer in
        var place = 0
        for index in 0..<32 {
          if index == 8 || index == 12 || index == 16 || index == 20 {
            buffer[place] = UInt8(ascii: "-")
            place += 1
          }
          let half = index < 16 ? high : low
          let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - index % 16 * 4) & 15)
          buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
          place += 1
        }
        return place
      }
    }
  }

  private static func parse(_ text: Span<UInt8>) -> CompactUID? {
    guard text.count == 36 else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    for index in 0..<36 {
      let byte = text[index]
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
      default: return nil
      }
      if index < 18 { halves.0 = halves.0 << 4 | UInt64(digit) } else { halves.1 = halves.1 << 4 | UInt64(digit) }
    }
    return .uuid(halves.0, halves.1)
  }
}
