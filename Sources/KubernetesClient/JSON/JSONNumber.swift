/// A JSON number that keeps the text it was read from: `1.0` stays `1.0`, and an integer of any size stays itself.
///
/// `==` compares texts; ``isSameValue(as:)`` compares what they mean.
public struct JSONNumber: Sendable, Equatable {
  /// The number as JSON's grammar writes it.
  public let text: String

  /// For text that a cursor has scanned.
  init(checked text: String) {
    self.text = text
  }

  /// Takes the text over if it is a JSON number and nothing else.
  public init?(text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else { return nil }
    var cursor = JSONCursor(bytes.span)
    guard (try? cursor.scanNumber()) != nil, cursor.offset == bytes.count else { return nil }
    self.text = text
  }

  public init(_ value: some BinaryInteger) {
    text = String(value)
  }

  /// `nil` for infinities and NaN, which JSON cannot write.
  public init?(_ value: Double) {
    guard value.isFinite else { return nil }
    text = value.description
  }

  /// The value if it is integral and fits.
  public var int64: Int64? { Int64(text) ?? decimal.int64 }

  /// The nearest `Double`; `nil` beyond its range.
  public var double: Double? {
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }

  /// Whether both are the same number, however written: `1`, `1.0` and `1e0` are.
  public func isSameValue(as other: JSONNumber) -> Bool {
    if text == other.text { return true }
    let decimal = decimal
    return decimal.exponent != nil && decimal == other.decimal
  }

  private var decimal: JSONDecimal {
    JSONDecimal(Array(text.utf8).span)
  }
}

/// A number as sign, digits and a power of ten, exact and with one form for each value.
struct JSONDecimal: Equatable {
  var isNegative = false
  /// Without leading and trailing zeros; empty for zero.
  var digits: [UInt8] = []
  /// What the last digit is to be multiplied with; `nil` if it is beyond any use.
  var exponent: Int? = 0

  /// Takes text that JSON's grammar allows.
  init(_ text: Span<UInt8>) {
    var fraction = 0
    var isFraction = false
    var index = 0
    if text.count > 0, text[0] == UInt8(ascii: "-") {
      isNegative = true
      index = 1
    }
    while index < text.count, text[index] | 0x20 != UInt8(ascii: "e") {
      let byte = text[index]
      index &+= 1
      if byte == UInt8(ascii: ".") {
        isFraction = true
        continue
      }
      if isFraction { fraction &+= 1 }
      if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte &- UInt8(ascii: "0")) }
    }
    exponent = Self.exponent(text, after: index).flatMap { Self.checked($0.subtractingReportingOverflow(fraction)) }
    while digits.last == 0 {
      digits.removeLast()
      exponent = exponent.flatMap { Self.checked($0.addingReportingOverflow(1)) }
    }
    if digits.isEmpty {
      isNegative = false
      exponent = 0
    }
  }

  /// The value if it is integral and fits.
  var int64: Int64? {
    guard let exponent, exponent >= 0, exponent < 20 else { return nil }
    var value: Int64 = 0
    for place in 0..<digits.count &+ exponent {
      let digit = place < digits.count ? Int64(digits[place]) : 0
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) =
        isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  private static func exponent(_ text: Span<UInt8>, after mark: Int) -> Int? {
    guard mark < text.count else { return 0 }
    let digits = String(decoding: (mark &+ 1..<text.count).map { text[$0] }, as: UTF8.self)
    return Int(digits)
  }

  private static func checked(_ result: (partialValue: Int, overflow: Bool)) -> Int? {
    result.overflow ? nil : result.partialValue
  }
}
