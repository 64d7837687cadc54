/// Writing foreign text so that it means itself.
enum PromQLEscape {
  /// Text as an RE2 expression that matches it and nothing else: Go's `regexp.QuoteMeta`.
  static func regexLiteral(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { escaped.append("\\") }
      escaped.append(scalar)
    }
    return String(escaped)
  }

  /// Text as the inside of a string in double or single quotes. All but printable ASCII is written as an escape, which
  /// also keeps invisible characters out of a query that people read.
  static func stringContent(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      // The lexer knows the escape of the literal's own quote only, but a number in every literal.
      case "\"": escaped += "\\x22"
      case "'": escaped += "\\x27"
      case "\n": escaped += "\\n"
      case " "..."~": escaped.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x80: escaped += "\\x" + hexadecimal(scalar.value, digits: 2)
      case _ where scalar.value < 0x10000: escaped += "\\u" + hexadecimal(scalar.value, digits: 4)
      default: escaped += "\\U" + hexadecimal(scalar.value, digits: 8)
      }
    }
    return escaped
  }

  /// Whether the text can stand between backquotes, where nothing can be escaped.
  static func isRaw(_ text: String) -> Bool {
    // U+FFFD is what the lexer takes broken UTF-8 for.
    text.unicodeScalars.allSatisfy {
      $0 != "`" && $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && $0 != "\u{fffd}"
    }
  }

  /// Writes every occurrence of a character twice.
  static func doubled(_ mark: Unicode.Scalar, in text: String) -> String {
    var doubled = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == mark { doubled.append(mark) }
      doubled.append(scalar)
    }
    return String(doubled)
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
