/// The address of an object of one kind: its namespace and name.
///
/// Cluster-scoped objects have an empty namespace, as everywhere in the Kubernetes API machinery.
public struct NamespacedName: Hashable, Sendable, Comparable, CustomStringConvertible {
  public var namespace: String
  public var name: String

  public init(namespace: String?, name: String) {
    self.namespace = namespace ?? ""
    self.name = name
  }

  /// `namespace/name`, or only the name of a cluster-scoped object.
  public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

  public static func < (left: NamespacedName, right: NamespacedName) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}
