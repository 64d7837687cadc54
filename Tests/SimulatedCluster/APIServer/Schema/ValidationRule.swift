import KubernetesClient

/// One of `x-kubernetes-validations`.
struct ValidationRule: Sendable {
  var message: String
  private var expression: RuleExpression
  /// Rules about the change from an older value are skipped where there is none.
  private var comparesWithOld: Bool

  /// - Returns: `nil` for a rule in words of CEL that are not known here; nothing is refused by it.
  init?(_ value: JSONValue) {
    guard let text = value["rule"]?.string, let expression = RuleParser.parse(text) else { return nil }
    self.expression = expression
    message = value["message"]?.string ?? "failed rule: \(text)"
    comparesWithOld = text.contains("oldSelf")
  }

  func holds(_ value: JSONValue, old: JSONValue?) -> Bool {
    if comparesWithOld, old == nil { return true }
    let scope = RuleScope(current: value, old: old)
    return (try? expression.evaluate(scope)) == .json(true)
  }
}

struct RuleScope {
  var current: JSONValue
  var old: JSONValue?
}

/// A value while a rule is evaluated.
enum RuleValue: Equatable {
  case json(JSONValue)
  case seconds(Double)
  case type(String)

  static func == (one: RuleValue, other: RuleValue) -> Bool {
    switch (one, other) {
    case (.json(let one), .json(let other)): one.isSemanticallyEqual(to: other)
    case (.seconds(let one), .seconds(let other)): one == other
    case (.type(let one), .type(let other)): one == other
    default: false
    }
  }
}

/// A rule that cannot be evaluated counts as broken.
struct RuleFailure: Error {}

/// The part of CEL that CustomResourceDefinitions of this project use.
indirect enum RuleExpression: Sendable {
  case literal(JSONValue)
  case name(String)
  case member(RuleExpression, String)
  case has(RuleExpression, String)
  case call(String, on: RuleExpression?, [RuleExpression])
  case list([RuleExpression])
  case not(RuleExpression)
  case binary(String, RuleExpression, RuleExpression)

  func evaluate(_ scope: RuleScope) throws(RuleFailure) -> RuleValue {
    switch self {
    case .literal(let value): return .json(value)
    case .name("self"): return .json(scope.current)
    case .name("oldSelf"):
      guard let old = scope.old else { throw RuleFailure() }
      return .json(old)
    case .name(let name): return .type(name)
    case .member(let base, let name):
      guard case .json(let value) = try base.evaluate(scope), let member = value[name] else { throw RuleFailure() }
      return .json(member)
    case .has(let base, let name):
      guard case .json(let value) = try base.evaluate(scope) else { throw RuleFailure() }
      return .json(.bool(value[name] != nil))
    case .list(let elements):
      var values: [JSONValue] = []
      for element in elements {
        guard case .json(let value) = try element.evaluate(scope) else { throw RuleFailure() }
        values.append(value)
      }
      return .json(.array(values))
    case .not(let inner): return .json(.bool(!(try inner.truth(scope))))
    case .call(let name, let base, let arguments): return try Self.call(name, base, arguments, scope)
    case .binary(let sign, let left, let right): return .json(.bool(try Self.compare(sign, left, right, scope)))
    }
  }

  private func truth(_ scope: RuleScope) throws(RuleFailure) -> Bool {
    guard case .json(.bool(let value)) = try evaluate(scope) else { throw RuleFailure() }
    return value
  }

  private static func compare(
    _ sign: String, _ left: RuleExpression, _ right: RuleExpression, _ scope: RuleScope
  ) throws(RuleFailure) -> Bool {
    switch sign {
    // One side may fail if the other decides.
    case "||":
      if let value = try? left.truth(scope) {
        return value ? true : try right.truth(scope)
      }
      guard try right.truth(scope) else { throw RuleFailure() }
      return true
    case "&&":
      if let value = try? left.truth(scope) {
        return value ? try right.truth(scope) : false
      }
      guard try !right.truth(scope) else { throw RuleFailure() }
      return false
    default: break
    }
    let one = try left.evaluate(scope)
    let other = try right.evaluate(scope)
    switch sign {
    case "==": return one == other
    case "!=": return one != other
    case "in":
      guard case .json(let value) = one, case .json(let list) = other, let elements = list.array else {
        throw RuleFailure()
      }
      return elements.contains { $0.isSemanticallyEqual(to: value) }
    default: return try isOrdered(sign, number(one), number(other))
    }
  }

  private static func isOrdered(_ sign: String, _ one: Double, _ other: Double) throws(RuleFailure) -> Bool {
    switch sign {
    case "<": return one < other
    case "<=": return one <= other
    case ">": return one > other
    case ">=": return one >= other
    default: throw RuleFailure()
    }
  }

  private static func number(_ value: RuleValue) throws(RuleFailure) -> Double {
    switch value {
    case .seconds(let seconds): return seconds
    case .json(let json):
      guard let number = json.double else { throw RuleFailure() }
      return number
    case .type: throw RuleFailure()
    }
  }

  private static func call(
    _ name: String, _ base: RuleExpression?, _ arguments: [RuleExpression], _ scope: RuleScope
  ) throws(RuleFailure) -> RuleValue {
    if name == "exists_one", let base { return try existsOne(base, arguments, scope) }
    let operands = (base.map { [$0] } ?? []) + arguments
    var values: [JSONValue] = []
    for operand in operands {
      guard case .json(let value) = try operand.evaluate(scope) else { throw RuleFailure() }
      values.append(value)
    }
    guard let first = values.first else { throw RuleFailure() }
    switch name {
    case "matches":
      guard values.count == 2, let text = first.string, let pattern = values[1].string else { throw RuleFailure() }
      return .json(.bool(PatternCache.shared.matches(text, pattern)))
    case "size":
      guard let count = first.array?.count ?? first.object?.count ?? first.string?.unicodeScalars.count else {
        throw RuleFailure()
      }
      return .json(JSONValue(count))
    case "duration":
      guard let text = first.string, let seconds = RuleDuration.seconds(text) else { throw RuleFailure() }
      return .seconds(seconds)
    case "type":
      return .type(typeName(first))
    default: throw RuleFailure()
    }
  }

  /// Only `[…].exists_one(x, x)`: exactly one of the elements is true.
  private static func existsOne(
    _ base: RuleExpression, _ arguments: [RuleExpression], _ scope: RuleScope
  ) throws(RuleFailure) -> RuleValue {
    guard arguments.count == 2, case .name(let variable) = arguments[0], case .name(variable) = arguments[1],
      case .json(let list) = try base.evaluate(scope), let elements = list.array
    else { throw RuleFailure() }
    return .json(.bool(elements.count { $0.bool == true } == 1))
  }

  private static func typeName(_ value: JSONValue) -> String {
    switch value {
    case .null: "null_type"
    case .bool: "bool"
    case .number: value.int64 == nil ? "double" : "int"
    case .string: "string"
    case .array: "list"
    case .object: "map"
    }
  }
}

/// Durations as Go writes them.
enum RuleDuration {
  private static let units: [(String, Double)] = [
    ("ms", 0.001), ("us", 0.000_001), ("ns", 0.000_000_001), ("h", 3600), ("m", 60), ("s", 1),
  ]

  static func seconds(_ text: String) -> Double? {
    var rest = text[...]
    guard !rest.isEmpty else { return nil }
    var sum = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let value = Double(digits), let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
      sum += value * unit.1
      rest = rest.dropFirst(unit.0.count)
    }
    return sum
  }
}
