import FoundationEssentials
import KubernetesClient
import Testing
import Yams

/// Files of the checkout as JSON values.
enum YAMLDocument {
  static let checkout = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  static func text(_ path: String) throws -> String {
    let data = try #require(FileManager.default.contents(atPath: "\(checkout)/\(path)"), "there is no \(path)")
    return String(decoding: data, as: UTF8.self)
  }

  static func value(_ text: String) throws -> JSONValue {
    json(try #require(try Yams.compose(yaml: text)))
  }

  private static func json(_ node: Yams.Node) -> JSONValue {
    switch node {
    case .mapping(let mapping):
      let members = mapping.map { JSONObject.Member(key: $0.key.scalar?.string ?? "", value: json($0.value)) }
      return .object(JSONObject(members))
    case .sequence(let sequence): return .array(sequence.map(json))
    case .scalar(let scalar) where scalar.style == .plain: return plain(scalar.string)
    case .scalar(let scalar): return .string(scalar.string)
    case .alias: return .null
    }
  }

  private static func plain(_ text: String) -> JSONValue {
    switch text {
    case "", "~", "null": .null
    case "true": true
    case "false": false
    default: JSONNumber(text: text).map { .number($0) } ?? .string(text)
    }
  }
}
