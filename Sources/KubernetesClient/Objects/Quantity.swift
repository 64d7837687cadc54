/// A Kubernetes quantity such as `480Mi`, `250m` or `1e3`, exact to a billionth as in Kubernetes itself.
///
/// The grammar is that of `k8s.io/apimachinery/pkg/api/resource`; what is finer than a billionth is rounded away from
/// zero.
public struct Quantity: Hashable, Sendable, Comparable {
  /// In billionths.
  public let nanos: Int128

  /// The nearest number.
  public var value: Double { Double(nanos) / 1e9 }

  public static func < (first: Quantity, second: Quantity) -> Bool { first.nanos < second.nanos }

  private static let binary: [Substring: Int] = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]
  private static let decimal: [Substring: Int] = [
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
  ]
  /// More digits are written by nobody and would not fit.
  private static let mostDigits = 27

  /// Parses a quantity; `nil` for what is none, and for one of more than 2⁶³.
  public init?(_ text: String) {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest.removeFirst() }
    let number = rest.prefix { $0 == "." || Self.isDigit($0) }
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.joined()
    guard parts.count <= 2, !digits.isEmpty, digits.count <= Self.mostDigits, let mantissa = Int128(digits),
      let (shift, power) = Self.factor(rest.dropFirst(number.count))
    else { return nil }
    let exponent = 9 + power - (parts.count == 2 ? parts[1].count : 0)
    guard let nanos = Self.scaled(mantissa, shift: shift, exponent: exponent),
      nanos <= Int128(Int64.max) * 1_000_000_000
    else { return nil }
    self.nanos = isNegative ? -nanos : nanos
  }

  private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

  /// The powers of two and of ten that a suffix stands for.
  private static func factor(_ suffix: Substring) -> (shift: Int, power: Int)? {
    if let power = decimal[suffix] { return (0, power) }
    if let shift = binary[suffix] { return (shift, 0) }
    guard let mark = suffix.first, mark == "e" || mark == "E" else { return nil }
    let exponent = suffix.dropFirst()
    let figures = exponent.first == "-" || exponent.first == "+" ? exponent.dropFirst() : exponent
    guard (1...3).contains(figures.count), figures.allSatisfy(isDigit), let power = Int(exponent) else { return nil }
    return (0, power)
  }

  private static func scaled(_ mantissa: Int128, shift: Int, exponent: Int) -> Int128? {
    let (shifted, overflow) = mantissa.multipliedReportingOverflow(by: Int128(1) << Int128(shift))
    guard !overflow else { return nil }
    var value = shifted
    for _ in 0..<min(abs(exponent), 2_000) where value != 0 {
      if exponent > 0 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        value = product
      }
    }
    guard exponent < 0 else { return value }
    guard -exponent <= 38 else { return value == 0 ? 0 : 1 }
    let divisor = (0..<(-exponent)).reduce(Int128(1)) { product, _ in product * 10 }
    return value / divisor + (value % divisor == 0 ? 0 : 1)
  }
}
