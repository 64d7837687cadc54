/// The labels of one series in the form in which they are exposed: `a="b",c="d"`, sorted by name, without braces.
struct LabelSet: Hashable, Comparable, Sendable {
  let text: String

  /// Values longer than this are cut: whatever ends up in a label, a scrape stays readable.
  static let maximumValueLength = 256

  init(_ dimensions: [(String, String)]) {
    guard !dimensions.isEmpty else {
      text = ""
      return
    }
    var values: [String: String] = [:]
    for (name, value) in dimensions { values[Self.labelName(name)] = value }
    text = values.sorted { $0.key < $1.key }
      .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      .joined(separator: ",")
  }

  static func < (left: Self, right: Self) -> Bool { left.text < right.text }

  /// `name` as Prometheus accepts it. `le` belongs to histograms, and names with two underscores in front to
  /// Prometheus.
  static func labelName(_ name: String) -> String {
    var valid = sanitized(name, alsoAllowed: nil)
    while valid.hasPrefix("__") { valid.removeFirst() }
    return valid == "le" ? "le_" : valid
  }

  static func metricName(_ name: String) -> String { sanitized(name, alsoAllowed: ":") }

  private static func sanitized(_ name: String, alsoAllowed: Unicode.Scalar?) -> String {
    var valid = String.UnicodeScalarView()
    for scalar in name.unicodeScalars.prefix(200) {
      let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
      let isDigit = ("0"..."9").contains(scalar)
      if isDigit, valid.isEmpty { valid.append("_") }
      valid.append(isLetter || isDigit || scalar == alsoAllowed ? scalar : "_")
    }
    return valid.isEmpty ? "_" : String(valid)
  }

  private static func escaped(_ value: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in value.unicodeScalars.prefix(maximumValueLength) {
      switch scalar {
      case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
      case "\"": text.append(contentsOf: "\\\"".unicodeScalars)
      case "\n": text.append(contentsOf: "\\n".unicodeScalars)
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}
