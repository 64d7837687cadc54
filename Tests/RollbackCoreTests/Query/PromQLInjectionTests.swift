import RollbackCore
import Testing

@Suite("No value changes what a query is")
struct PromQLInjectionTests {
  /// Every literal and every meaning that a string can have.
  static let templates = [
    #"sum(rate(http_requests_total{namespace="{{namespace}}",deployment='{{target}}',code=~"5.."}[5m])) # all"#,
    #"up{pod=~"{{target}}-.*",namespace!~'x|{{namespace}}',job="a"} > 5"#,
    #"up{pod=~"{{target}}{{hash}}",a="b"} or up{pod=~"(?:{{target}}+|b)"}"#,
    #"label_replace(up{a="b"}, "x", "$1{{target}}", "y", "{{hash}}(.*)") or vector(1)"#,
    #"{"{{target}}",a=~"[a-z]\\d{2}{{hash}}"}"#,
    "up{pod=~`{{target}}-.*`,a=`{{namespace}}`} == 1",
  ]

  static let pieces = [
    "\"", "'", "`", "\\", "{", "}", "{{target}}", "{{", "}}", "\n", "\r\n", "\0", "#", "# ", ",", "(", ")", "[", "]",
    "|", ".*", "+", "?", "^", "$", "$1", "${1}", "=", "=~", "!~", "\"} or up{a=\"", "'} or vector(1) #", "` or `",
    "\\\"", "\\n", "\\Q", "\\E", "\\x22", "\u{fffd}", "\u{202e}", "\u{301}", "é", "😀", "\u{7f}", "\u{85}", "\u{feff}",
    "a", "web", "-", "_", ":", "5m", "15s", " ", "\t", "on(x)", "offset 1d", "@", "\u{2028}", "%s", "{{ .Value }}",
  ]

  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
      return value ^ (value >> 31)
    }
  }

  static func values(_ count: Int) -> [String] {
    var generator = Generator(state: 4)
    return pieces
      + (0..<count).map { _ in
        (0...Int.random(in: 0...6, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
          .joined()
      }
  }

  @Test("The tokens are the same and each value means itself", arguments: templates)
  func shape(text: String) throws {
    let template = try PromQLTemplate(text)
    let harmless = PromQLValues(namespace: "N0", target: "T0", hash: "H0")
    let expected = try #require(PromQLToken.tokens(of: try template.render(harmless)))
    var written = 0
    for value in Self.values(1_500) {
      let values = PromQLValues(namespace: value, target: value, hash: value)
      guard let query = try? template.render(values) else {
        #expect(text.contains("`"), "refused: \(value.debugDescription)")
        continue
      }
      written += 1
      let tokens = try #require(PromQLToken.tokens(of: query), "no query: \(query)")
      try #require(tokens.count == expected.count, "\(query)")
      for (token, model) in zip(tokens, expected) {
        try #require(token.kind == model.kind && token.isRegex == model.isRegex, "\(query)")
        if token.kind != .string { try #require(token == model, "\(query)") }
        if token.kind == .string, !token.isRegex, !text.hasPrefix("label_replace") {
          let meant = ["N0", "T0", "H0"].reduce(model.text) { Self.replace($1, with: value, in: $0) }
          try #require(token.text.unicodeScalars.elementsEqual(meant.unicodeScalars), "\(query)")
        }
      }
    }
    #expect(written >= (text.contains("`") ? 400 : 1_500))
  }

  /// Foundation would compare by canonical equivalence and normalise.
  static func replace(_ mark: String, with value: String, in text: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = Substring(text).unicodeScalars
    while !rest.isEmpty {
      if rest.starts(with: mark.unicodeScalars) {
        result.append(contentsOf: value.unicodeScalars)
        rest = rest.dropFirst(mark.unicodeScalars.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return String(result)
  }

  @Test("A regular expression matches the value and nothing else")
  func regexLiteral() throws {
    for quote in ["\"", "'"] {
      let template = try PromQLTemplate("up{pod=~\(quote){{target}}\(quote)}")
      for value in Self.values(1_500) {
        let query = try template.render(PromQLValues(target: value))
        let token = try #require(PromQLToken.tokens(of: query)?.first { $0.kind == .string })
        let literal = try #require(literalOfRegex(token.text), "\(query)")
        try #require(literal.unicodeScalars.elementsEqual(value.unicodeScalars), "\(query)")
      }
    }
  }

  @Test("The tokenizer of this test tells a changed shape")
  func tokenizer() {
    let plain = PromQLToken.tokens(of: #"up{a="x"}"#)
    #expect(plain?.count == 6)
    #expect(PromQLToken.tokens(of: #"up{a="x"} or up{b="x"}"#)?.count == 13)
    #expect(PromQLToken.tokens(of: #"up{a="x"#) == nil)
    #expect(PromQLToken.tokens(of: #"up{a="\q"}"#) == nil)
    #expect(PromQLToken.tokens(of: #"up{a=~"\x22\u00e9"}"#)?[4] == .init(kind: .string, text: "\"é", isRegex: true))
    #expect(PromQLToken.tokens(of: "up # \"\n{}")?.map(\.kind) == [.word, .comment, .symbol, .symbol])
    #expect(literalOfRegex("a.b") == nil && literalOfRegex("a\\.b") == "a.b" && literalOfRegex("a\\d") == nil)
  }
}
