/// The text of JSON strings, between bytes and `String`.
enum JSONString {
  /// Copies text without escapes; invalid UTF-8 becomes U+FFFD.
  static func text(_ bytes: Span<UInt8>) -> String {
    bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }

  /// Copies text and resolves its escapes, which the scanner has checked. A surrogate without its partner becomes
  /// U+FFFD.
  static func unescaped(_ bytes: Span<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index &+= 1
      guard byte == UInt8(ascii: "\\"), index < bytes.count else {
        text.append(byte)
        continue
      }
      let escape = bytes[index]
      index &+= 1
      switch escape {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0c)
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"): text.append(contentsOf: String(scalar(bytes, &index)).utf8)
      default: text.append(escape)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- UInt8(ascii: "a") &+ 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- UInt8(ascii: "A") &+ 10)
    default: nil
    }
  }

  /// The four digits after `\u`, and those of the low surrogate that may follow.
  private static func scalar(_ bytes: Span<UInt8>, _ index: inout Int) -> Unicode.Scalar {
    let replacement: Unicode.Scalar = "\u{fffd}"
    guard let first = codeUnit(bytes, at: index) else { return replacement }
    index &+= 4
    guard first & 0xfc00 == 0xd800 else { return Unicode.Scalar(first) ?? replacement }
    guard index &+ 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index &+ 1] == UInt8(ascii: "u"),
      let second = codeUnit(bytes, at: index &+ 2), second & 0xfc00 == 0xdc00
    else { return replacement }
    index &+= 6
    return Unicode.Scalar(0x10000 &+ ((first & 0x3ff) << 10) &+ (second & 0x3ff)) ?? replacement
  }

  private static func codeUnit(_ bytes: Span<UInt8>, at index: Int) -> UInt32? {
    guard index &+ 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for place in index..<index &+ 4 {
      guard let digit = hexValue(bytes[place]) else { return nil }
      value = value << 4 | digit
    }
    return value
  }

  /// Appends text as a JSON string with its quotes.
  static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x0a: output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
      case 0x0d: output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
      case 0x09: output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
      case 0..<0x20:
        output.append(contentsOf: "\\u00".utf8)
        output.append(hexDigit(byte >> 4))
        output.append(hexDigit(byte & 15))
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
  }

  /// Whether two texts have the same scalars. `==` would also take canonically equivalent texts for the same, JSON and
  /// the API server do not.
  static func isSame(_ first: String, _ second: String) -> Bool {
    // Nearly all texts that are compared are of different lengths, or of the same bytes.
    first.utf8.count == second.utf8.count && first.utf8.elementsEqual(second.utf8)
  }
}
