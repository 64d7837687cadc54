public import KubernetesClient
import Synchronization

/// Reads Services from the API server, and remembers them for a short while, so that many probes of one Service are one
/// question.
public final class ClusterServices: ServiceDirectory {
  /// How long an answer is used again.
  static let lifetime = Duration.seconds(15)
  /// How long one that a rollout or a `kubectl apply` changes is: endpoints, and that there is no such Service.
  static let shortLifetime = Duration.seconds(2)
  /// The most answers that are kept.
  static let capacity = 10_000

  private struct Answer {
    var service: ServiceFacts?
    var until: Duration
  }

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let answers = Mutex<[String: Answer]>([:])

  /// - Parameter client: may get `services` and list `endpointslices` where policies are served.
  public init(client: KubernetesClient, clock: any RuntimeClock) {
    self.client = client
    self.clock = clock
  }

  /// Reads a Service, or says again what was read a moment ago.
  public func service(_ name: String, in namespace: String) async throws -> ServiceFacts? {
    let key = "\(namespace)/\(name)"
    let now = clock.monotonicTime
    if let known = answers.withLock({ $0[key] }), now < known.until { return known.service }
    let service = try await read(name, in: namespace)
    answers.withLock { answers in
      if answers.count >= Self.capacity { answers = answers.filter { now < $0.value.until } }
      guard answers.count < Self.capacity else { return }
      answers[key] = Answer(service: service, until: now + Self.lifetime(of: service))
    }
    return service
  }

  private static func lifetime(of service: ServiceFacts?) -> Duration {
    if case .clusterIP? = service?.kind { lifetime } else { shortLifetime }
  }

  private func read(_ name: String, in namespace: String) async throws(KubernetesError) -> ServiceFacts? {
    let spec: JSONValue
    do {
      spec = try await client.getValue(.services, namespace: namespace, name: name)["spec"] ?? .null
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
    let ports = (spec["ports"]?.array ?? []).compactMap(Self.port)
    guard spec["type"]?.string != "ExternalName" else { return ServiceFacts(.externalName, ports: ports) }
    let clusterIPs = (spec["clusterIPs"]?.array ?? [spec["clusterIP"] ?? .null]).compactMap(\.string)
    guard clusterIPs.contains("None") else {
      return ServiceFacts(.clusterIP(clusterIPs.compactMap { IPAddress($0) }), ports: ports)
    }
    let slices = try await slices(of: name, in: namespace)
    return ServiceFacts(.headless(slices.flatMap { Self.readyEndpoints(of: $0) }), ports: ports)
  }

  private func slices(of service: String, in namespace: String) async throws(KubernetesError) -> [JSONValue] {
    let options = ListOptions(labelSelector: "kubernetes.io/service-name=\(service)")
    do {
      return try await client.listValues(Self.endpointSlices("v1"), namespace: namespace, options: options)
    } catch {
      // Before Kubernetes 1.21 there is only this version, whose fields are the same as far as they are read here.
      guard error.code == .notFound else { throw error }
      return try await client.listValues(Self.endpointSlices("v1beta1"), namespace: namespace, options: options)
    }
  }

  private static func port(_ port: JSONValue) -> ServiceFacts.Port? {
    guard port["protocol"]?.string ?? "TCP" == "TCP", let number = port["port"]?.int.flatMap({ UInt16(exactly: $0) })
    else { return nil }
    return ServiceFacts.Port(name: port["name"]?.string ?? "", number: number)
  }

  private static func readyEndpoints(of slice: JSONValue) -> [ServiceFacts.Endpoint] {
    let ports = (slice["ports"]?.array ?? []).compactMap(port)
    let byName = Dictionary(ports.map { ($0.name, $0.number) }) { first, _ in first }
    let endpoints = slice["endpoints"]?.array ?? []
    return endpoints.filter { $0["conditions"]?["ready"]?.bool ?? true }
      .flatMap { $0["addresses"]?.array ?? [] }
      .compactMap { $0.string.flatMap { IPAddress($0) } }
      .map { ServiceFacts.Endpoint(address: $0, ports: byName) }
  }

  private static func endpointSlices(_ version: String) -> APIResource {
    APIResource(group: "discovery.k8s.io", version: version, plural: "endpointslices", kind: "EndpointSlice")
  }
}
