import KubernetesClient

/// Reads rules: the operators in their order of precedence, calls, members, lists, literals.
struct RuleParser {
  private enum Token: Equatable {
    case word(String)
    case text(String)
    case number(String)
    case sign(String)
  }

  private var tokens: ArraySlice<Token>

  /// - Returns: `nil` for what is not known here.
  static func parse(_ text: String) -> RuleExpression? {
    guard let tokens = tokens(text) else { return nil }
    var parser = RuleParser(tokens: tokens[...])
    guard let expression = parser.either(), parser.tokens.isEmpty else { return nil }
    return expression
  }

  private mutating func takes(_ sign: String) -> Bool {
    guard tokens.first == .sign(sign) else { return false }
    tokens.removeFirst()
    return true
  }

  private mutating func either() -> RuleExpression? {
    guard var left = both() else { return nil }
    while takes("||") {
      guard let right = both() else { return nil }
      left = .binary("||", left, right)
    }
    return left
  }

  private mutating func both() -> RuleExpression? {
    guard var left = relation() else { return nil }
    while takes("&&") {
      guard let right = relation() else { return nil }
      left = .binary("&&", left, right)
    }
    return left
  }

  private mutating func relation() -> RuleExpression? {
    guard var left = unary() else { return nil }
    while true {
      let sign: String
      switch tokens.first {
      case .sign(let found)? where ["==", "!=", "<", "<=", ">", ">="].contains(found): sign = found
      case .word("in")?: sign = "in"
      default: return left
      }
      tokens.removeFirst()
      guard let right = unary() else { return nil }
      left = .binary(sign, left, right)
    }
  }

  private mutating func unary() -> RuleExpression? {
    if takes("!") { return unary().map { .not($0) } }
    guard var base = primary() else { return nil }
    while takes(".") {
      guard case .word(let name)? = tokens.popFirst() else { return nil }
      if takes("(") {
        guard let arguments = arguments(until: ")") else { return nil }
        base = .call(name, on: base, arguments)
      } else {
        base = .member(base, name)
      }
    }
    return base
  }

  private mutating func primary() -> RuleExpression? {
    switch tokens.popFirst() {
    case .text(let text)?: return .literal(.string(text))
    case .number(let text)?: return JSONNumber(text: text).map { .literal(.number($0)) }
    case .sign("(")?:
      guard let inner = either(), takes(")") else { return nil }
      return inner
    case .sign("[")?: return arguments(until: "]").map { .list($0) }
    case .word("true")?: return .literal(true)
    case .word("false")?: return .literal(false)
    case .word(let name)?:
      guard takes("(") else { return .name(name) }
      guard let arguments = arguments(until: ")") else { return nil }
      if name == "has" {
        guard arguments.count == 1, case .member(let base, let member)? = arguments.first else { return nil }
        return .has(base, member)
      }
      return .call(name, on: nil, arguments)
    default: return nil
    }
  }

  private mutating func arguments(until end: String) -> [RuleExpression]? {
    var arguments: [RuleExpression] = []
    if takes(end) { return arguments }
    while let argument = either() {
      arguments.append(argument)
      if takes(end) { return arguments }
      guard takes(",") else { return nil }
    }
    return nil
  }

  private static func tokens(_ text: String) -> [Token]? {
    var tokens: [Token] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "'" || first == "\"" {
        guard let literal = literal(&rest, quote: first) else { return nil }
        tokens.append(.text(literal))
      } else if first.isNumber {
        let digits = rest.prefix { $0.isNumber }
        tokens.append(.number(String(digits)))
        rest = rest.dropFirst(digits.count)
      } else if first.isLetter || first == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        tokens.append(.word(String(word)))
        rest = rest.dropFirst(word.count)
      } else {
        let known = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", "."]
        guard let sign = known.first(where: { rest.hasPrefix($0) }) else { return nil }
        tokens.append(.sign(sign))
        rest = rest.dropFirst(sign.count)
      }
    }
    return tokens
  }

  private static func literal(_ rest: inout Substring, quote: Character) -> String? {
    rest.removeFirst()
    var text = ""
    while let next = rest.popFirst() {
      if next == quote { return text }
      guard next == "\\" else {
        text.append(next)
        continue
      }
      switch rest.popFirst() {
      case "n"?: text.append("\n")
      case "t"?: text.append("\t")
      case "r"?: text.append("\r")
      case let other?: text.append(other)
      case nil: return nil
      }
    }
    return nil
  }
}
