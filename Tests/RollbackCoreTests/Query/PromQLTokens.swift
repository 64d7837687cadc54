/// A query as Prometheus's lexer sees it, written apart from the product code so that the two can be compared.
struct PromQLToken: Equatable, CustomStringConvertible {
  enum Kind { case string, word, symbol, comment }
  var kind: Kind
  /// Of a string what it stands for, of everything else how it is written.
  var text: String
  /// A string that follows `=~` or `!~`.
  var isRegex = false

  var description: String { "\(kind) \(text.debugDescription)" }

  /// `nil` where Prometheus would say that a string is not terminated or an escape unknown.
  static func tokens(of query: String) -> [PromQLToken]? {
    var lexer = Lexer(scalars: Array(query.unicodeScalars))
    return lexer.run()
  }

  private struct Lexer {
    var scalars: [Unicode.Scalar]
    var index = 0
    var tokens: [PromQLToken] = []

    var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    mutating func run() -> [PromQLToken]? {
      while let scalar = current {
        switch scalar {
        case " ", "\t", "\n", "\r": index += 1
        case "#": append(.comment, while: { $0 != "\n" && $0 != "\r" })
        case "\"", "'", "`":
          guard string(scalar) else { return nil }
        case _ where Self.isWord(scalar): append(.word, while: Self.isWord)
        case "=" where next == "~", "!" where next == "~" || next == "=": symbol(2)
        default: symbol(1)
        }
      }
      return tokens
    }

    var next: Unicode.Scalar? { index + 1 < scalars.count ? scalars[index + 1] : nil }

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "_" || scalar == ":" || scalar == "." || scalar.value >= 0x80
        || scalar.properties.isASCIIHexDigit || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    mutating func append(_ kind: Kind, while belongs: (Unicode.Scalar) -> Bool) {
      let start = index
      while let scalar = current, belongs(scalar) { index += 1 }
      tokens.append(PromQLToken(kind: kind, text: Self.text(scalars[start..<index])))
    }

    mutating func symbol(_ length: Int) {
      tokens.append(PromQLToken(kind: .symbol, text: Self.text(scalars[index..<(index + length)])))
      index += length
    }

    static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      return String(view)
    }

    mutating func string(_ quote: Unicode.Scalar) -> Bool {
      let isRegex = tokens.last.map { $0.text == "=~" || $0.text == "!~" } ?? false
      var content: [Unicode.Scalar] = []
      index += 1
      while let scalar = current {
        index += 1
        if scalar == quote {
          tokens.append(PromQLToken(kind: .string, text: Self.text(content), isRegex: isRegex))
          return true
        }
        // What the lexer takes for broken UTF-8, and the end of a line, end a literal with an error.
        if scalar == "\u{fffd}" || scalar == "\n" && quote != "`" { return false }
        if scalar == "\\", quote != "`" {
          guard let value = escape(quote) else { return false }
          content.append(value)
        } else {
          content.append(scalar)
        }
      }
      return false
    }

    mutating func escape(_ quote: Unicode.Scalar) -> Unicode.Scalar? {
      guard let kind = current else { return nil }
      index += 1
      let simple: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{7}", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{b}", "\\": "\\",
        quote: quote,
      ]
      if let value = simple[kind] { return value }
      let lengths: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
      guard let length = lengths[kind], index + length <= scalars.count else { return nil }
      let digits = Self.text(scalars[index..<(index + length)])
      index += length
      return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
    }
  }
}

/// What a regular expression without any operator matches; `nil` if it has one.
func literalOfRegex(_ expression: String) -> String? {
  var literal = String.UnicodeScalarView()
  var isEscaped = false
  for scalar in expression.unicodeScalars {
    let isOperator = ".+*?()|[]{}^$".unicodeScalars.contains(scalar)
    if isEscaped {
      guard isOperator || scalar == "\\" else { return nil }
      literal.append(scalar)
      isEscaped = false
    } else if scalar == "\\" {
      isEscaped = true
    } else {
      guard !isOperator else { return nil }
      literal.append(scalar)
    }
  }
  return isEscaped ? nil : String(literal)
}
