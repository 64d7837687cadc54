import KubernetesClient
import Yams

/// Compares YAML with an OpenAPI schema as a CustomResourceDefinition carries it. CEL rules are left to the server.
struct SchemaCheck {
  /// Takes what is wrong: the place, the path, the problem and the remedy.
  var report: (Yams.Node, String, String, String) -> Void

  init(report: @escaping (Yams.Node, String, String, String) -> Void) { self.report = report }

  mutating func value(_ node: Yams.Node, _ schema: JSONValue, _ path: String) {
    if schema["x-kubernetes-preserve-unknown-fields"]?.bool == true, schema["properties"] == nil { return }
    if node.tag == Tag(.null) {
      if schema["nullable"]?.bool != true {
        report(node, path, "has no value", "give it one or remove the line" + Self.meaning(schema))
      }
      return
    }
    if schema["x-kubernetes-int-or-string"]?.bool == true {
      guard case .scalar = node else { return wrongType(node, "a number or a text", schema, path) }
      if node.tag == Tag(.str) { text(node, schema, path) } else { number(node, schema, path) }
      return
    }
    switch schema["type"]?.string {
    case "object": object(node, schema, path)
    case "array": list(node, schema, path)
    case "string": text(node, schema, path)
    case "integer": number(node, schema, path, isWhole: true)
    case "number": number(node, schema, path)
    case "boolean":
      if node.tag != Tag(.bool) { wrongType(node, "true or false", schema, path) }
    default: break
    }
  }

  // MARK: Objects and lists

  mutating func object(_ node: Yams.Node, _ schema: JSONValue, _ path: String) {
    guard let mapping = node.mapping else { return wrongType(node, "an object with fields", schema, path) }
    let known = schema["properties"]?.object
    for (key, member) in mapping {
      guard let name = key.scalar?.string else {
        report(key, path, "has a key that is no text", "write a name before the colon")
        continue
      }
      let inner = path.isEmpty ? name : "\(path).\(name)"
      if let field = known?[name] {
        value(member, field, inner)
      } else if let others = schema["additionalProperties"], others.object != nil {
        value(member, others, inner)
      } else if known != nil, schema["x-kubernetes-preserve-unknown-fields"]?.bool != true {
        report(key, inner, "there is no such field", Self.suggestion(for: name, among: known?.keys ?? []))
      }
    }
    for name in (schema["required"]?.array ?? []).compactMap(\.string)
    where !mapping.contains(where: { $0.key.scalar?.string == name }) {
      let inner = path.isEmpty ? name : "\(path).\(name)"
      report(node, inner, "is missing", "add it" + Self.meaning(known?[name] ?? [:]))
    }
    count(node, mapping.count, schema, path, ("minProperties", "maxProperties"), "fields")
  }

  private mutating func list(_ node: Yams.Node, _ schema: JSONValue, _ path: String) {
    guard let sequence = node.sequence else { return wrongType(node, "a list", schema, path) }
    for (index, element) in sequence.enumerated() { value(element, schema["items"] ?? [:], "\(path)[\(index)]") }
    count(node, sequence.count, schema, path, ("minItems", "maxItems"), "entries")
    let keys = (schema["x-kubernetes-list-map-keys"]?.array ?? []).compactMap(\.string)
    guard !keys.isEmpty else { return }
    var seen: Set<[String]> = []
    for (index, element) in sequence.enumerated() {
      let identity = keys.map { element.mapping?[$0]?.scalar?.string ?? "" }
      guard !seen.insert(identity).inserted else { continue }
      report(
        element, "\(path)[\(index)].\(keys[0])", "\"\(identity[0])\" is used twice", "give each entry its own")
    }
  }

  // MARK: Scalars

  private func text(_ node: Yams.Node, _ schema: JSONValue, _ path: String) {
    guard let scalar = node.scalar else { return wrongType(node, "a text", schema, path) }
    let text = scalar.string
    // A date without quotes is text to the API server; a number or a flag is not.
    if [Tag(.int), Tag(.float), Tag(.bool)].contains(node.tag) {
      return report(
        node, path, "\(text) is \(node.tag == Tag(.bool) ? "a flag" : "a number") and a text is wanted",
        "write \"\(text)\" in quotes" + Self.meaning(schema))
    }
    choice(node, text, schema, path)
    count(node, text.unicodeScalars.count, schema, path, ("minLength", "maxLength"), "characters")
    if let pattern = schema["pattern"]?.string, let regex = try? Regex(pattern), text.firstMatch(of: regex) == nil {
      let remedy = "write what matches \(pattern)" + Self.meaning(schema)
      report(node, path, "\"\(text)\" does not have the right form", remedy)
    }
    if schema["format"]?.string == "date-time", Timestamp.date(text) == nil {
      report(node, path, "\"\(text)\" is no time", "write one such as 2026-01-31T18:00:00Z")
    }
  }

  private func number(_ node: Yams.Node, _ schema: JSONValue, _ path: String, isWhole: Bool = false) {
    let isNumber = node.tag == Tag(.int) || (!isWhole && node.tag == Tag(.float))
    guard let text = node.scalar?.string, isNumber, let number = Double(text) else {
      return wrongType(node, isWhole ? "a whole number" : "a number", schema, path)
    }
    choice(node, text, schema, path)
    if let least = schema["minimum"]?.double, number < least {
      report(node, path, "\(text) is too small", "write \(least.plain) or more" + Self.meaning(schema))
    }
    if let most = schema["maximum"]?.double, number > most {
      report(node, path, "\(text) is too large", "write \(most.plain) or less" + Self.meaning(schema))
    }
  }

  private func choice(_ node: Yams.Node, _ text: String, _ schema: JSONValue, _ path: String) {
    let choices = (schema["enum"]?.array ?? []).compactMap(\.displayed)
    guard !choices.isEmpty, !choices.contains(text) else { return }
    report(node, path, "\"\(text)\" is none of the choices", Self.suggestion(for: text, among: choices))
  }

  // MARK: Words

  private func count(
    _ node: Yams.Node, _ count: Int, _ schema: JSONValue, _ path: String, _ keys: (least: String, most: String),
    _ what: String
  ) {
    if let least = schema[keys.least]?.int, count < least {
      let problem = count == 0 ? "is empty" : "has \(count) \(what)"
      report(node, path, problem, "it needs at least \(least)" + Self.meaning(schema))
    }
    if let most = schema[keys.most]?.int, count > most {
      report(node, path, "has \(count) \(what)", "it may have at most \(most)")
    }
  }

  private func wrongType(_ node: Yams.Node, _ wanted: String, _ schema: JSONValue, _ path: String) {
    let found =
      switch node {
      case .scalar(let scalar): "\"\(scalar.string.prefix(64))\""
      case .mapping: "an object with fields"
      case .sequence: "a list"
      case .alias: "an alias"
      }
    report(node, path, "is \(found)", "write \(wanted)" + Self.meaning(schema))
  }

  /// What a field is for, by its description.
  private static func meaning(_ schema: JSONValue) -> String {
    guard let text = schema["description"]?.string, !text.isEmpty else { return "" }
    return " (\(text.hasSuffix(".") ? String(text.dropLast()) : text))"
  }

  /// The nearest of the words that may be written, or all of them.
  static func suggestion(for word: String, among choices: [String]) -> String {
    let near = choices.map { (distance(word.lowercased(), $0.lowercased()), $0) }.min { $0.0 < $1.0 }
    if let near, near.0 <= max(2, word.count / 3), !word.isEmpty { return "did you mean \(near.1)?" }
    return "write one of \(choices.joined(separator: ", "))"
  }

  /// Levenshtein's distance: how many letters are to be inserted, removed or replaced.
  static func distance(_ one: String, _ other: String) -> Int {
    let (first, second) = (Array(one.prefix(64)), Array(other.prefix(64)))
    var row = Array(0...second.count)
    for (index, letter) in first.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in second.indices {
        let replaced = diagonal + (letter == second[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[second.count]
  }
}

extension Double {
  /// Without a fraction that is none.
  fileprivate var plain: String { Int64(exactly: self).map(String.init) ?? "\(self)" }
}
