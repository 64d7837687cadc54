import KubernetesClient

/// A CustomResourceDefinition as this version of the operator installs it.
struct ResourceDefinition: Sendable {
  /// A column of `kubectl get`.
  struct Column: Sendable {
    var name: String
    var type: String
    var path: String
    /// Whether it is shown with `-o wide` only.
    var isWide: Bool
  }

  var kind: String
  var group: String
  var version: String
  /// The OpenAPI schema of a whole object.
  var schema: JSONValue
  var columns: [Column]

  var apiVersion: String { "\(group)/\(version)" }

  /// All definitions, by kind.
  static let all: [String: ResourceDefinition] = {
    var all: [String: ResourceDefinition] = [:]
    for file in EmbeddedDefinitions.files {
      guard let definition = ResourceDefinition(yaml: file.text) else { continue }
      all[definition.kind] = definition
    }
    return all
  }()

  init?(yaml: String) {
    guard let value = YAMLReader.json(yaml: yaml),
      let kind = value.at("/spec/names/kind")?.string, let group = value.at("/spec/group")?.string,
      let served = value.at("/spec/versions")?.array?.first(where: { $0["storage"]?.bool == true }),
      let version = served["name"]?.string, let schema = served.at("/schema/openAPIV3Schema")
    else { return nil }
    self.kind = kind
    self.group = group
    self.version = version
    self.schema = schema
    columns = (served["additionalPrinterColumns"]?.array ?? []).compactMap { column in
      guard let name = column["name"]?.string, let path = column["jsonPath"]?.string else { return nil }
      return Column(
        name: name.uppercased(), type: column["type"]?.string ?? "string", path: path,
        isWide: (column["priority"]?.int ?? 0) > 0)
    }
  }
}

/// The paths of printer columns: members and numbered elements, as `.status.targets[0].name`.
enum ColumnPath {
  /// The value at a path; `nil` when it is not there or when the path asks for more than these.
  static func value(at path: String, in object: JSONValue) -> JSONValue? {
    var value: JSONValue? = object
    for part in path.split(separator: ".") {
      let pieces = part.split(separator: "[")
      value = pieces.first.flatMap { value?[String($0)] }
      for piece in pieces.dropFirst() {
        guard piece.last == "]", let index = Int(piece.dropLast()) else { return nil }
        value = value?[index]
      }
    }
    return value
  }
}
