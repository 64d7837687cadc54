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
      try await AggregatedServer.put(.customResourceDefinitions, definition, client: definitionClient)
    }
    let kinds = definitions.flatMap(Self.servedKinds)
    for kind in kinds { try await wait(until: kind, isServedBy: definitionClient) }
    guard let aggregatedPort else { return }
    let server = AggregatedServer(
      service: CustomResourceServer.service, port: aggregatedPort, trustBundle: trustBundle)
    try await server.register(
      Set(kinds.map { AggregatedServer.GroupVersion(group: $0.group, version: $0.version) }), client: client)
    for kind in kinds { try await wait(until: kind, isServedBy: client) }
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
}
