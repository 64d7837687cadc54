public import KubernetesClient
import Yams

/// Kubernetes objects in YAML files.
public enum Manifest {
  /// All objects of a file, or of the `.yaml` files of a folder in the order of their names.
  ///
  /// Files for Kustomize are skipped.
  public static func objects(at path: String) throws(ClusterError) -> [JSONValue] {
    if FileSystem.isFolder(path) {
      var all: [JSONValue] = []
      for name in FileSystem.entries(of: path) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        all += try objects(at: "\(path)/\(name)")
      }
      return all
    }
    return try objects(inYAML: try FileSystem.read(path), source: path)
  }

  /// All objects of a YAML text.
  ///
  /// - Parameter source: named in errors.
  public static func objects(inYAML text: String, source: String = "manifest") throws(ClusterError) -> [JSONValue] {
    var nodes: [Yams.Node] = []
    do {
      var documents = try Yams.compose_all(yaml: text)
      while let node = documents.next() { nodes.append(node) }
      // The sequence just ends at an error.
      if let error = documents.error { throw error }
    } catch {
      throw ClusterError(.files, "\(source) is not YAML: \(error)")
    }
    var objects: [JSONValue] = []
    for node in nodes {
      let value = try json(node, source)
      guard !value.isNull else { continue }
      guard value["kind"]?.string != nil, value["apiVersion"]?.string != nil else {
        throw ClusterError(.files, "\(source): a document has no apiVersion or no kind")
      }
      if value["kind"]?.string != "Kustomization" { objects.append(value) }
    }
    return objects
  }

  private static func json(_ node: Yams.Node, _ source: String) throws(ClusterError) -> JSONValue {
    switch node {
    case .mapping(let mapping):
      var members: [JSONObject.Member] = []
      for (key, value) in mapping {
        guard let key = key.scalar?.string else {
          throw ClusterError(.files, "\(source): a key is not a string")
        }
        members.append(JSONObject.Member(key: key, value: try json(value, source)))
      }
      return .object(JSONObject(members))
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try json(element, source)) }
      return .array(elements)
    case .scalar(let scalar):
      return scalar.style == .plain ? plain(scalar.string, tag: node.tag) : .string(scalar.string)
    case .alias:
      throw ClusterError(.files, "\(source): an alias cannot be resolved")
    }
  }

  /// A scalar without quotation marks, by YAML 1.2's core schema.
  private static func plain(_ text: String, tag: Tag) -> JSONValue {
    if tag == Tag(.str) { return .string(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return JSONNumber(text: text).map { .number($0) } ?? .string(text)
    }
  }
}
