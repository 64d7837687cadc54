import KubernetesClient
import Yams

/// What `-o` may ask for.
package enum OutputFormat: String, Sendable, CaseIterable {
  case table
  case wide
  case json
  case yaml
  case name

  /// Whether objects are printed as they are, not as a table.
  var isDocument: Bool { self == .json || self == .yaml }
}

extension Console {
  /// Prints one object, or several as a `List`, as they are; `managedFields` is left out, as kubectl does.
  func document(_ objects: [JSONValue], isList: Bool, as format: OutputFormat) throws(CommandFailure) {
    let bare = objects.map { object in
      var object = object
      _ = object.set("/metadata/managedFields", to: nil)
      return object
    }
    let whole: JSONValue =
      isList ? ["apiVersion": "v1", "kind": "List", "items": .array(bare)] : bare.first ?? .null
    write(format == .json ? JSONText.indented(whole) + "\n" : try YAMLText.text(whole))
  }
}

/// JSON for people.
enum JSONText {
  static func indented(_ value: JSONValue, by indent: String = "") -> String {
    let inner = indent + "    "
    switch value {
    case .object(let members) where !members.isEmpty:
      let lines = members.map { "\(inner)\(text(.string($0.key))): \(indented($0.value, by: inner))" }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    case .array(let elements) where !elements.isEmpty:
      return "[\n\(elements.map { inner + indented($0, by: inner) }.joined(separator: ",\n"))\n\(indent)]"
    default:
      return text(value)
    }
  }

  static func text(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }
}

/// YAML for people.
enum YAMLText {
  static func text(_ value: JSONValue) throws(CommandFailure) -> String {
    do {
      return try Yams.serialize(node: node(value), width: -1, allowUnicode: true)
    } catch {
      throw .error("The answer cannot be written as YAML; ask for -o json.")
    }
  }

  private static func node(_ value: JSONValue) -> Yams.Node {
    switch value {
    case .null: Node("null", Tag(.null))
    case .bool(let flag): Node(flag ? "true" : "false", Tag(.bool))
    case .number(let number): Node(number.text, Tag(number.int64 == nil ? .float : .int))
    case .string(let text): Node(text, Tag(.str), style(of: text))
    case .array(let elements): Node(elements.map(node), Tag(.seq))
    case .object(let members): Node(members.map { (Node($0.key), node($0.value)) }, Tag(.map))
    }
  }

  /// Quotes for what a reader of YAML would take for something else than text.
  private static func style(of text: String) -> Yams.Node.Scalar.Style {
    if text.contains("\n") { return .literal }
    let isPlain = text.first?.isLetter == true && text.allSatisfy { $0.isLetter || $0.isNumber || "-./_ ".contains($0) }
    let words: Set = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    return isPlain && !words.contains(text.lowercased()) && text.last != " " ? .plain : .doubleQuoted
  }
}
