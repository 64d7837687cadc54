public import FoundationEssentials

/// Reading single values.
extension JSONCursor {
  /// Reads a string.
  public mutating func readString() throws(JSONError) -> String {
    let scan = try scanStringValue()
    let text = bytes.extracting(scan.range)
    return scan.hasEscapes ? JSONString.unescaped(text) : JSONString.text(text)
  }

  /// Reads a string, or `nil` for `null`.
  public mutating func readStringIfPresent() throws(JSONError) -> String? {
    try readNullIfPresent() ? nil : try readString()
  }

  /// Reads a string that many objects have in common (a label, a namespace, a reason), so that one copy of it
  /// serves all.
  public mutating func readSharedString() throws(JSONError) -> String {
    let scan = try scanStringValue()
    let text = bytes.extracting(scan.range)
    return scan.hasEscapes ? JSONString.unescaped(text) : InternTable.shared.string(text)
  }

  /// Reads a shared string, or `nil` for `null`.
  public mutating func readSharedStringIfPresent() throws(JSONError) -> String? {
    try readNullIfPresent() ? nil : try readSharedString()
  }

  /// Reads a number as an integer. `1.0` and `1e3` are accepted because they are integral, `1.5` is not.
  public mutating func readInt64() throws(JSONError) -> Int64 {
    _ = try peekSignificant()
    let start = offset
    guard try peekKind() == .number else { throw error(.wrongType(expected: .number, found: try peekKind())) }
    let scan = try scanNumber()
    let value = Self.integer(bytes.extracting(scan.range), isPlain: scan.isInteger)
    guard let value else { throw JSONError(offset: start, reason: .numberOutOfRange) }
    return value
  }

  /// Reads an integer, or `nil` for `null`.
  public mutating func readInt64IfPresent() throws(JSONError) -> Int64? {
    try readNullIfPresent() ? nil : try readInt64()
  }

  /// Reads an integer.
  public mutating func readInt() throws(JSONError) -> Int {
    let start = offset
    guard let value = Int(exactly: try readInt64()) else { throw JSONError(offset: start, reason: .numberOutOfRange) }
    return value
  }

  /// Reads an integer, or `nil` for `null`.
  public mutating func readIntIfPresent() throws(JSONError) -> Int? {
    try readNullIfPresent() ? nil : try readInt()
  }

  /// Reads a finite number.
  public mutating func readDouble() throws(JSONError) -> Double {
    let start = offset
    guard try peekKind() == .number else { throw error(.wrongType(expected: .number, found: try peekKind())) }
    let scan = try scanNumber()
    guard let value = Double(JSONString.text(bytes.extracting(scan.range))), value.isFinite else {
      throw JSONError(offset: start, reason: .numberOutOfRange)
    }
    return value
  }

  /// Reads a number with its text.
  public mutating func readNumber() throws(JSONError) -> JSONNumber {
    guard try peekKind() == .number else { throw error(.wrongType(expected: .number, found: try peekKind())) }
    let scan = try scanNumber()
    return JSONNumber(checked: JSONString.text(bytes.extracting(scan.range)))
  }

  /// Reads `true` or `false`.
  public mutating func readBool() throws(JSONError) -> Bool {
    switch try peekSignificant() {
    case UInt8(ascii: "t"):
      try readWord("true")
      return true
    case UInt8(ascii: "f"):
      try readWord("false")
      return false
    default:
      throw error(.wrongType(expected: .bool, found: try peekKind()))
    }
  }

  /// Reads `true` or `false`, or `nil` for `null`.
  public mutating func readBoolIfPresent() throws(JSONError) -> Bool? {
    try readNullIfPresent() ? nil : try readBool()
  }

  /// Reads a date and time as of RFC 3339, with or without a fraction of a second.
  public mutating func readTimestamp() throws(JSONError) -> Date {
    try expect(UInt8(ascii: "\""), .string)
    let start = offset
    let scan = try scanString()
    guard let date = Timestamp.date(bytes.extracting(scan.range)) else {
      throw JSONError(offset: start, reason: .invalidTimestamp)
    }
    return date
  }

  /// Reads a date and time, or `nil` for `null` and for the empty string.
  public mutating func readTimestampIfPresent() throws(JSONError) -> Date? {
    if try readNullIfPresent() { return nil }
    try expect(UInt8(ascii: "\""), .string)
    if offset &+ 1 < bytes.count, bytes[offset &+ 1] == UInt8(ascii: "\"") {
      offset &+= 2
      return nil
    }
    return try readTimestamp()
  }

  /// Goes over a string and says where its text is.
  mutating func scanStringValue() throws(JSONError) -> (range: Range<Int>, hasEscapes: Bool) {
    try expect(UInt8(ascii: "\""), .string)
    return try scanString()
  }

  private mutating func expect(_ first: UInt8, _ kind: JSONKind) throws(JSONError) {
    guard try peekSignificant() == first else { throw error(.wrongType(expected: kind, found: try peekKind())) }
  }

  private static func integer(_ text: Span<UInt8>, isPlain: Bool) -> Int64? {
    guard isPlain else { return JSONDecimal(text).int64 }
    var value: Int64 = 0
    var index = 0
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    while index < text.count {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(text[index] &- UInt8(ascii: "0"))
      let (sum, carry) =
        isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
      index &+= 1
    }
    return value
  }
}
