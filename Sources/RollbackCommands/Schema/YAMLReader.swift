import KubernetesClient
import Yams

/// YAML as JSON, the way the API server understands it: YAML 1.1 with plain decimal numbers.
enum YAMLReader {
  /// The first document of a text; `nil` when it is not YAML.
  static func json(yaml: String) -> JSONValue? { (try? Yams.compose(yaml: yaml)).flatMap { json($0) } }

  /// - Parameter node: its aliases are resolved by the parser.
  /// - Returns: `nil` where a key is no text, or where it is nested deeper than any object may be.
  static func json(_ node: Yams.Node, depth: Int = 64) -> JSONValue? {
    guard depth > 0 else { return nil }
    switch node {
    case .scalar(let scalar):
      return self.scalar(scalar.string, tag: node.tag)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence {
        guard let value = json(element, depth: depth - 1) else { return nil }
        elements.append(value)
      }
      return .array(elements)
    case .mapping(let mapping):
      var members: [JSONObject.Member] = []
      for (key, element) in mapping {
        guard let name = key.scalar?.string, let value = json(element, depth: depth - 1) else { return nil }
        members.append(.init(key: name, value: value))
      }
      return .object(JSONObject(members))
    case .alias:
      return nil
    }
  }

  private static func scalar(_ text: String, tag: Tag) -> JSONValue {
    if tag == Tag(.null) { return .null }
    if tag == Tag(.bool) {
      switch text.lowercased() {
      case "true", "yes", "on": return true
      case "false", "no", "off": return false
      default: break
      }
    }
    if tag == Tag(.int) || tag == Tag(.float), let number = JSONNumber(text: text) { return .number(number) }
    return .string(text)
  }
}
