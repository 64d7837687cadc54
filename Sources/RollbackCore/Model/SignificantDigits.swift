/// Numbers for people, with three significant digits.
enum SignificantDigits {
  /// `0.079`, `512`, `12300`, `1.23e-9`; never traps.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.description }
    // The shortest text that reads back as this number, from which rounding in decimal needs no arithmetic that could
    // overflow.
    let parts = value.magnitude.description.split(separator: "e")
    let mantissa = (parts.first ?? "0").split(separator: ".")
    let whole = mantissa.first ?? "0"
    let digits = (whole + (mantissa.count > 1 ? mantissa[1] : "")).utf8.map { Int($0) - 0x30 }
    let leading = digits.prefix { $0 == 0 }.count
    guard leading < digits.count else { return "0" }
    // The number is 0.d₁d₂d₃… × 10 to this power.
    var power = whole.count - leading + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let significant = digits.dropFirst(leading)
    var rounded = significant.prefix(3).reduce(0) { $0 * 10 + $1 }
    for _ in significant.prefix(3).count..<3 { rounded *= 10 }
    if let next = significant.dropFirst(3).first, next >= 5 { rounded += 1 }
    if rounded == 1_000 {
      rounded = 100
      power += 1
    }
    var text = String(rounded)
    while text.hasSuffix("0"), text.count > 1 { text.removeLast() }
    return (value < 0 ? "-" : "") + placed(text, power)
  }

  /// The digits as a number, 0.DIGITS × 10 to a power.
  private static func placed(_ digits: String, _ power: Int) -> String {
    switch power {
    case digits.count...15: return digits + String(repeating: "0", count: power - digits.count)
    case 1..<digits.count: return "\(digits.prefix(power)).\(digits.dropFirst(power))"
    case -5...0: return "0." + String(repeating: "0", count: -power) + digits
    default:
      let fraction = digits.count > 1 ? ".\(digits.dropFirst())" : ""
      return "\(digits.prefix(1))\(fraction)e\(power - 1)"
    }
  }
}
