import FoundationEssentials
import Yams

/// What a credential plugin is told about the cluster (`spec.cluster` of its ExecCredential).
struct ExecClusterInfo {
  var server: String
  var tlsServerName: String?
  var authority: [UInt8]?
  /// The cluster's extension `client.authentication.k8s.io/exec`, as JSON.
  var config: String?

  func json() -> [UInt8] {
    var members = ["\"server\":\(JSONText.string(server))"]
    if let tlsServerName { members.append("\"tls-server-name\":\(JSONText.string(tlsServerName))") }
    if let authority {
      members.append("\"certificate-authority-data\":\(JSONText.string(Data(authority).base64EncodedString()))")
    }
    if let config { members.append("\"config\":\(config)") }
    return Array("{\(members.joined(separator: ","))}".utf8)
  }
}

/// Just enough JSON to write what a plugin reads.
enum JSONText {
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// The YAML of an extension as JSON, bounded in depth and size.
enum YAMLToJSON {
  static func convert(_ field: YAMLField) throws(ConfigurationError) -> String {
    var nodesLeft = 10_000
    return try convert(field, depth: 32, nodesLeft: &nodesLeft)
  }

  private static func convert(
    _ field: YAMLField, depth: Int, nodesLeft: inout Int
  ) throws(ConfigurationError) -> String {
    nodesLeft -= 1
    guard depth > 0, nodesLeft > 0 else { throw field.error("it is nested too deeply or too large") }
    switch field.node {
    case .scalar(let scalar):
      return self.scalar(scalar.string, tag: field.node.tag)
    case .sequence:
      var items: [String] = []
      for item in try field.elements() { items.append(try convert(item, depth: depth - 1, nodesLeft: &nodesLeft)) }
      return "[\(items.joined(separator: ","))]"
    case .mapping(let mapping):
      var items: [String] = []
      for (key, value) in mapping {
        guard let name = key.scalar?.string else { throw field.error("a key is not a scalar") }
        let member = YAMLField(file: field.file, path: "\(field.path).\(name)", node: value)
        items.append("\(JSONText.string(name)):\(try convert(member, depth: depth - 1, nodesLeft: &nodesLeft))")
      }
      return "{\(items.joined(separator: ","))}"
    case .alias:
      throw field.error("an alias cannot be resolved")
    }
  }

  private static func scalar(_ text: String, tag: Tag) -> String {
    if tag == Tag(.null) { return "null" }
    if tag == Tag(.bool), ["true", "false"].contains(text.lowercased()) { return text.lowercased() }
    // Only plain decimal integers: what YAML means by 0777 or 12:30:45 is nobody's intention here.
    if tag == Tag(.int), let number = Int64(text), String(number) == text { return text }
    if tag == Tag(.float), let number = Double(text), number.isFinite { return "\(number)" }
    return JSONText.string(text)
  }
}
