import FoundationEssentials
public import KubernetesClient
import Synchronization

extension LocalCluster {
  /// Applies all CustomResourceDefinitions of these files or folders, and waits until the API server serves their
  /// kinds.
  ///
  /// On an API server that is too old for CEL rules this goes to the newer server behind it, if there is one; see
  /// ``Capabilities/validatesCustomResourcesWithCEL``. Clients of the API server see no difference.
  public func installCRDs(from paths: [String]) async throws(ClusterError) {
    var definitions: [JSONValue] = []
    for path in paths { definitions += try Manifest.objects(at: path) }
    try await installCRDs(definitions.filter { $0["kind"]?.string == "CustomResourceDefinition" })
  }

  /// The same with definitions as values.
  public func installCRDs(_ definitions: [JSONValue]) async throws(ClusterError) {
    let installer = CustomResourceInstaller(
      definitionClient: customResourceConnection.client, client: client,
      aggregatedPort: customResourceServer == nil ? nil : ports.customResourceServer.port, trustBundle: trustBundle)
    do throws(KubernetesError) {
      try await installer.install(definitions)
    } catch {
      throw ClusterError(.server, "the CustomResourceDefinitions could not be installed: \(error)")
    }
  }
}

/// Makes the API server serve custom resources.
struct CustomResourceInstaller {
  /// Talks to the server that takes definitions.
  var definitionClient: KubernetesClient
  /// Talks to the API server.
  var client: KubernetesClient
  /// The port of the server of custom resources; `nil` when it is the API server itself.
  var aggregatedPort: Int?
  var trustBundle: String

  func install(_ definitions: [JSONValue]) async throws(KubernetesError) {
    for definition in definitions {
      try await put(.customResourceDefinitions, definition, client: definitionClient)
    }
    let kinds = definitions.flatMap(Self.servedKinds)
    for kind in kinds { try await wait(until: kind, isServedBy: definitionClient) }
    guard let aggregatedPort else { return }
    try await applyService(port: aggregatedPort)
    for groupVersion in Set(kinds.map { GroupVersion(group: $0.group, version: $0.version) }) {
      try await applyAPIService(groupVersion, port: aggregatedPort)
    }
    for kind in kinds { try await wait(until: kind, isServedBy: client) }
  }

  private struct GroupVersion: Hashable {
    var group: String
    var version: String
  }

  private static func servedKinds(of definition: JSONValue) -> [APIResource] {
    guard let spec = definition["spec"], let group = spec["group"]?.string,
      let plural = spec["names"]?["plural"]?.string,
      let kind = spec["names"]?["kind"]?.string
    else { return [] }
    let isNamespaced = spec["scope"]?.string == "Namespaced"
    return (spec["versions"]?.array ?? []).compactMap { version in
      guard version["served"]?.bool == true, let name = version["name"]?.string else { return nil }
      return APIResource(group: group, version: name, plural: plural, kind: kind, isNamespaced: isNamespaced)
    }
  }

  /// Waits until the kind can be listed, and its discovery knows it: both are behind the definition by up to seconds.
  private func wait(until kind: APIResource, isServedBy client: KubernetesClient) async throws(KubernetesError) {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do throws(KubernetesError) {
        _ = try await client.listValues(kind, options: ListOptions(limit: 1))
        let discovery = try await client.requestRaw("/apis/\(kind.apiVersion)")
        let names = (try? JSONValue(parsing: discovery))?["resources"]?.array?.compactMap { $0["name"]?.string }
        if names?.contains(kind.plural) == true { return }
      } catch {
        guard error.isNotFound || error.code == .unavailable, ContinuousClock.now < deadline else { throw error }
      }
      guard ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(50))) != nil else {
        throw KubernetesError(
          .unavailable, request: "LIST \(kind.plural)", reason: "the kind \(kind.kind) is not served after a minute")
      }
    }
  }

  /// Creates the object, or replaces the one that is there. Not by server-side apply, which in Kubernetes 1.20 brings
  /// the API server down for an APIService.
  private func put(_ resource: APIResource, _ object: JSONValue, client: KubernetesClient) async throws(KubernetesError)
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

  private func applyService(port: Int) async throws(KubernetesError) {
    let service: JSONValue = [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": .string(CustomResourceServer.service), "namespace": .string(CustomResourceServer.namespace),
      ],
      "spec": [
        "type": "ExternalName", "externalName": "localhost", "ports": [["port": JSONValue(port), "protocol": "TCP"]],
      ],
    ]
    try await put(.services, service, client: client)
  }

  private func applyAPIService(_ groupVersion: GroupVersion, port: Int) async throws(KubernetesError) {
    let name = "\(groupVersion.version).\(groupVersion.group)"
    let registration: JSONValue = [
      "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": ["name": .string(name)],
      "spec": [
        "group": .string(groupVersion.group), "version": .string(groupVersion.version),
        "groupPriorityMinimum": 1000, "versionPriority": 100,
        "caBundle": .string(Data(trustBundle.utf8).base64EncodedString()),
        "service": [
          "namespace": .string(CustomResourceServer.namespace), "name": .string(CustomResourceServer.service),
          "port": JSONValue(port),
        ],
      ],
    ]
    let apiServices = APIResource(
      group: "apiregistration.k8s.io", version: "v1", plural: "apiservices", kind: "APIService", isNamespaced: false)
    try await put(apiServices, registration, client: client)
  }
}
