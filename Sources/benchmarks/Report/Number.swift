/// Numbers as people read them.
enum Number {
  /// With a fixed number of decimals.
  static func text(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((abs(value) * Double(scale)).rounded())
    let whole = grouped(scaled / Int64(scale))
    let sign = value < 0 && scaled != 0 ? "-" : ""
    guard decimals > 0 else { return sign + whole }
    let fraction = String(scaled % Int64(scale))
    return "\(sign)\(whole).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
  }

  static func milliseconds(_ duration: Duration) -> String {
    text(duration / .milliseconds(1), decimals: 1) + " ms"
  }

  static func microseconds(_ duration: Duration) -> String {
    text(duration / .microseconds(1), decimals: 1) + " µs"
  }

  static func percent(_ share: Double) -> String { text(share * 100, decimals: 1) + " %" }

  static func bytes(_ count: Double) -> String { text(count, decimals: 0) + " B" }

  /// With commas between thousands.
  private static func grouped(_ number: Int64) -> String {
    var digits = String(number)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }
}
