/// One kind as the API server serves it: the group, the version and the plural name that make up its path.
///
/// Kinds that moved between versions (for example `policy` or `autoscaling`) are found with ``Discovery``; the
/// constants below have had the same group and version in every Kubernetes from 1.20 on.
public struct APIResource: Hashable, Sendable {
  /// API group; empty for the core group.
  public var group: String
  /// Version inside the group, for example `v1`.
  public var version: String
  /// Plural name used in paths, for example `deployments`.
  public var plural: String
  /// Kind as in manifests, for example `Deployment`.
  public var kind: String
  /// Whether objects of this kind live in a namespace.
  public var isNamespaced: Bool

  public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.isNamespaced = isNamespaced
  }

  /// `apiVersion` as in manifests: `apps/v1`, or `v1` for the core group.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The path of a collection, an object or a subresource below the server's address.
  ///
  /// - Parameters:
  ///   - namespace: `nil` for all namespaces, and for kinds that have none.
  ///   - name: `nil` for the collection.
  ///   - subresource: for example `status`, `scale` or `log`.
  public func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if let namespace, isNamespaced { path += "/namespaces/\(percentEncoded(namespace))" }
    path += "/\(plural)"
    if let name { path += "/\(percentEncoded(name))" }
    if let subresource { path += "/\(subresource)" }
    return path
  }
}

extension APIResource {
  public static let namespaces = APIResource(
    group: "", version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)
  public static let nodes = APIResource(group: "", version: "v1", plural: "nodes", kind: "Node", isNamespaced: false)
  public static let pods = APIResource(group: "", version: "v1", plural: "pods", kind: "Pod")
  public static let events = APIResource(group: "", version: "v1", plural: "events", kind: "Event")
  public static let configMaps = APIResource(group: "", version: "v1", plural: "configmaps", kind: "ConfigMap")
  public static let secrets = APIResource(group: "", version: "v1", plural: "secrets", kind: "Secret")
  public static let services = APIResource(group: "", version: "v1", plural: "services", kind: "Service")
  public static let serviceAccounts = APIResource(
    group: "", version: "v1", plural: "serviceaccounts", kind: "ServiceAccount")
  public static let deployments = APIResource(group: "apps", version: "v1", plural: "deployments", kind: "Deployment")
  public static let replicaSets = APIResource(group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet")
  public static let jobs = APIResource(group: "batch", version: "v1", plural: "jobs", kind: "Job")
  /// What pods use now; served by metrics-server or another adapter.
  public static let podMetrics = APIResource(
    group: "metrics.k8s.io", version: "v1beta1", plural: "pods", kind: "PodMetrics")
  public static let leases = APIResource(group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")
  public static let customResourceDefinitions = APIResource(
    group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions", kind: "CustomResourceDefinition",
    isNamespaced: false)
}

/// Percent-encodes everything but RFC 3986's unreserved characters, so that a name can never change the shape of a path
/// or query.
public func percentEncoded(_ text: some StringProtocol) -> String {
  let digits: [UInt8] = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      bytes.append(byte)
    default:
      bytes.append(UInt8(ascii: "%"))
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
