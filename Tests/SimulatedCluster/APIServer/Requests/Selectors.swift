import KubernetesClient

/// Which objects a list or a watch is about.
struct ObjectFilter: Sendable {
  var namespace: String?
  var labels: [LabelSelector.Requirement] = []
  var fields: [FieldRequirement] = []

  var isSelective: Bool { !labels.isEmpty || !fields.isEmpty }

  func matches(_ object: StoredObject) -> Bool {
    if let namespace, object.namespace != namespace { return false }
    guard isSelective else { return true }
    if !labels.isEmpty {
      let held = object.labels
      guard labels.allSatisfy({ $0.matches(held) }) else { return false }
    }
    return fields.allSatisfy { $0.matches(object.value) }
  }
}

/// One part of a field selector.
struct FieldRequirement: Sendable, Equatable {
  var path: [String]
  var value: String
  var isNegated: Bool

  func matches(_ object: JSONValue) -> Bool {
    var found: JSONValue? = object
    for token in path { found = found?[token] }
    let text =
      switch found {
      case .string(let text)?: text
      case .bool(let value)?: value ? "true" : "false"
      case .number(let number)?: number.text
      default: ""
      }
    return (text == value) != isNegated
  }
}

extension LabelSelector.Requirement {
  fileprivate func matches(_ labels: JSONObject?) -> Bool {
    let value = labels?[key]?.string
    switch self.operator {
    case "In": return value.map(values.contains) ?? false
    case "NotIn": return !(value.map(values.contains) ?? false)
    case "Exists": return value != nil
    default: return value == nil
    }
  }
}

/// The text forms of selectors.
enum SelectorText {
  /// - Returns: `nil` if the text is no selector.
  static func labels(_ text: String) -> [LabelSelector.Requirement]? {
    var requirements: [LabelSelector.Requirement] = []
    for part in parts(text) {
      guard let requirement = labelRequirement(part) else { return nil }
      requirements.append(requirement)
    }
    return requirements
  }

  /// - Returns: `nil` if the text is no selector.
  static func fields(_ text: String) -> [FieldRequirement]? {
    var requirements: [FieldRequirement] = []
    for part in parts(text) {
      guard let operation = ["!=", "==", "="].first(where: { part.contains($0) }) else { return nil }
      let sides = part.split(separator: operation, maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, let path = sides.first, let value = sides.last else { return nil }
      requirements.append(
        FieldRequirement(
          path: path.split(separator: ".").map(String.init), value: String(value), isNegated: operation == "!="))
    }
    return requirements
  }

  /// Cuts at commas outside parentheses.
  private static func parts(_ text: String) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case "," where depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    parts.append(text[start...])
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }

  private static func labelRequirement(_ part: Substring) -> LabelSelector.Requirement? {
    if part.first == "!" { return .init(key: String(trimmed(part.dropFirst())), operator: "DoesNotExist") }
    if let open = part.firstIndex(of: "("), part.last == ")" {
      let words = part[..<open].split(separator: " ")
      guard words.count == 2, let key = words.first, words[1] == "in" || words[1] == "notin" else { return nil }
      let values = part[part.index(after: open)...].dropLast()
        .split(separator: ",", omittingEmptySubsequences: false).map { String(trimmed($0)) }
      return .init(key: String(key), operator: words[1] == "in" ? "In" : "NotIn", values: values)
    }
    for (sign, name) in [("!=", "NotIn"), ("==", "In"), ("=", "In")] {
      guard let range = part.firstRange(of: sign) else { continue }
      return .init(
        key: String(trimmed(part[..<range.lowerBound])), operator: name,
        values: [String(trimmed(part[range.upperBound...]))])
    }
    return part.contains(" ") ? nil : .init(key: String(part), operator: "Exists")
  }
}
