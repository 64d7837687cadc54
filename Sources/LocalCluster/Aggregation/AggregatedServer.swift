import FoundationEssentials
import KubernetesClient

/// A server on this machine that answers for API groups behind the API server.
struct AggregatedServer {
  /// The name of its Service in `kube-system`.
  var service: String
  var port: Int
  /// Who has signed its certificate, in PEM; `nil`: that is not checked.
  var trustBundle: String?

  static let namespace = "kube-system"

  /// Makes the API server pass on what it is asked of these groups.
  func register(_ groupVersions: Set<GroupVersion>, client: KubernetesClient) async throws(KubernetesError) {
    try await Self.put(.services, serviceObject, client: client)
    for groupVersion in groupVersions { try await Self.put(Self.apiServices, object(groupVersion), client: client) }
  }

  struct GroupVersion: Hashable {
    var group: String
    var version: String
  }

  private static let apiServices = APIResource(
    group: "apiregistration.k8s.io", version: "v1", plural: "apiservices", kind: "APIService", isNamespaced: false)

  private var serviceObject: JSONValue {
    [
      "apiVersion": "v1", "kind": "Service",
      "metadata": ["name": .string(service), "namespace": .string(Self.namespace)],
      "spec": [
        "type": "ExternalName", "externalName": "localhost", "ports": [["port": JSONValue(port), "protocol": "TCP"]],
      ],
    ]
  }

  private func object(_ groupVersion: GroupVersion) -> JSONValue {
    var spec: JSONValue = [
      "group": .string(groupVersion.group), "version": .string(groupVersion.version),
      "groupPriorityMinimum": 1000, "versionPriority": 100,
      "service": ["namespace": .string(Self.namespace), "name": .string(service), "port": JSONValue(port)],
    ]
    if let trustBundle {
      spec["caBundle"] = .string(Data(trustBundle.utf8).base64EncodedString())
    } else {
      spec["insecureSkipTLSVerify"] = true
    }
    return [
      "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
      "metadata": ["name": .string("\(groupVersion.version).\(groupVersion.group)")], "spec": spec,
    ]
  }

  /// Creates the object, or replaces the one that is there. Not by server-side apply, which in Kubernetes 1.20 brings
  /// the API server down for an APIService.
  static func put(_ resource: APIResource, _ object: JSONValue, client: KubernetesClient) async throws(KubernetesError)
  {
    let metadata = object["metadata"]
    let namespace = metadata?["namespace"]?.string
    do throws(KubernetesError) {
      try await client.create(resource, namespace: namespace, object)
    } catch {
      guard error.code == .alreadyExists else { throw error }
      let name = metadata?["name"]?.string ?? ""
      let current = try await client.getValue(resource, namespace: namespace, name: name)
      var replacement = object
      replacement["metadata"]?["resourceVersion"] = current["metadata"]?["resourceVersion"]
      try await client.replace(resource, namespace: namespace, name: name, replacement)
    }
  }
}
