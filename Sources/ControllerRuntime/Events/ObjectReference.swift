public import KubernetesClient

/// The object an event is about.
public struct ObjectReference: Hashable, Sendable {
  public var apiVersion: String
  public var kind: String
  /// nil for kinds without namespace.
  public var namespace: String?
  public var name: String
  public var uid: String

  public init(apiVersion: String, kind: String, namespace: String?, name: String, uid: String) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }

  public init(_ resource: APIResource, _ metadata: ObjectMeta) {
    self.init(
      apiVersion: resource.apiVersion, kind: resource.kind, namespace: metadata.namespace, name: metadata.name,
      uid: metadata.uid)
  }

  /// Where events about the object live: its namespace, or `default` for kinds without.
  var eventNamespace: String { namespace ?? "default" }

  var value: JSONValue {
    var value: JSONValue = [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
    ]
    if let namespace { value["namespace"] = .string(namespace) }
    return value
  }
}
