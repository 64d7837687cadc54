import FoundationEssentials
import Yams

/// One value of a YAML file together with its place, so that every complaint names file and field.
struct YAMLField {
  /// The file as error messages name it.
  let file: String
  /// Path of the value, such as `users[0].user.token`; empty for the whole document.
  let path: String
  let node: Yams.Node

  /// Reads a document.
  static func document(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> YAMLField? {
    guard !YAMLAliases.areTooMany(in: bytes) else {
      throw ConfigurationError(
        file: file, reason: "it uses more than \(YAMLAliases.most) aliases", remedy: "write out what they stand for")
    }
    do {
      guard let node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) else { return nil }
      return YAMLField(file: file, path: "", node: node)
    } catch {
      let reason = "\(error)".split(separator: "\n").first.map(String.init) ?? "unknown error"
      throw ConfigurationError(file: file, reason: "it is not YAML: \(reason)")
    }
  }

  func error(_ reason: String, remedy: String = "") -> ConfigurationError {
    ConfigurationError(file: file, key: path, reason: reason, remedy: remedy)
  }

  var isNull: Bool { node.tag == Tag(.null) }

  /// The member called `name`; `nil` if it is absent or null.
  func member(_ name: String) throws(ConfigurationError) -> YAMLField? {
    guard case .mapping(let mapping) = node else {
      throw error("a mapping was expected, not \(kindOfNode)")
    }
    for (key, value) in mapping where key.scalar?.string == name {
      let field = YAMLField(file: file, path: path.isEmpty ? name : "\(path).\(name)", node: value)
      return field.isNull ? nil : field
    }
    return nil
  }

  func elements() throws(ConfigurationError) -> [YAMLField] {
    guard case .sequence(let sequence) = node else { throw error("a list was expected, not \(kindOfNode)") }
    return sequence.enumerated().map { YAMLField(file: file, path: "\(path)[\($0.offset)]", node: $0.element) }
  }

  func string() throws(ConfigurationError) -> String {
    guard case .scalar(let scalar) = node else { throw error("a string was expected, not \(kindOfNode)") }
    return scalar.string
  }

  func bool() throws(ConfigurationError) -> Bool {
    switch try string().lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: throw error("true or false was expected")
    }
  }

  /// The bytes of a base64 value; line breaks in it are allowed.
  func base64() throws(ConfigurationError) -> [UInt8] {
    let text = try string().filter { !$0.isWhitespace }
    guard let data = Data(base64Encoded: text) else { throw error("it is not base64") }
    return [UInt8](data)
  }

  private var kindOfNode: String {
    switch node {
    case .scalar: isNull ? "null" : "a scalar"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  // MARK: shorthands for members

  /// The text of a member; `nil` if it is absent, null or empty.
  func text(_ name: String) throws(ConfigurationError) -> String? {
    guard let text = try member(name)?.string(), !text.isEmpty else { return nil }
    return text
  }

  func flag(_ name: String) throws(ConfigurationError) -> Bool { try member(name)?.bool() ?? false }
}
