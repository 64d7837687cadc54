public import KubernetesClient
import Synchronization

/// Reads the addresses of Services from the API server, and remembers them for a short while, so that many probes of
/// one Service are one question.
public final class ClusterServices: ServiceDirectory {
  /// How long an answer is used again.
  static let lifetime = Duration.seconds(15)
  /// The most answers that are kept.
  static let capacity = 10_000

  private struct Answer {
    var addresses: [IPAddress]
    var readAt: Duration
  }

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let answers = Mutex<[String: Answer]>([:])

  /// - Parameter client: may get `services` and list `endpointslices` where policies are served.
  public init(client: KubernetesClient, clock: any RuntimeClock) {
    self.client = client
    self.clock = clock
  }

  /// The cluster IPs; of a headless Service the ready endpoints; none for an ExternalName and for what does not exist.
  public func addresses(of service: String, in namespace: String) async throws -> [IPAddress] {
    let key = "\(namespace)/\(service)"
    let now = clock.monotonicTime
    if let known = answers.withLock({ $0[key] }), now - known.readAt < Self.lifetime { return known.addresses }
    let addresses = try await read(service, in: namespace)
    answers.withLock { answers in
      if answers.count >= Self.capacity { answers = answers.filter { now - $0.value.readAt < Self.lifetime } }
      if answers.count < Self.capacity { answers[key] = Answer(addresses: addresses, readAt: now) }
    }
    return addresses
  }

  private func read(_ service: String, in namespace: String) async throws(KubernetesError) -> [IPAddress] {
    let spec: JSONValue?
    do {
      spec = try await client.getValue(.services, namespace: namespace, name: service)["spec"]
    } catch {
      guard error.code == .notFound else { throw error }
      return []
    }
    guard let spec, spec["type"]?.string != "ExternalName" else { return [] }
    let clusterIPs = (spec["clusterIPs"]?.array ?? [spec["clusterIP"] ?? .null]).compactMap(\.string)
    guard clusterIPs.contains("None") else { return clusterIPs.compactMap { IPAddress($0) } }
    let slices = try await client.listValues(
      Self.endpointSlices, namespace: namespace,
      options: ListOptions(labelSelector: "kubernetes.io/service-name=\(service)"))
    return slices.flatMap { Self.readyAddresses(of: $0) }
  }

  private static func readyAddresses(of slice: JSONValue) -> [IPAddress] {
    let endpoints = slice["endpoints"]?.array ?? []
    return endpoints.filter { $0["conditions"]?["ready"]?.bool ?? true }
      .flatMap { $0["addresses"]?.array ?? [] }
      .compactMap { $0.string.flatMap { IPAddress($0) } }
  }

  private static let endpointSlices = APIResource(
    group: "discovery.k8s.io", version: "v1", plural: "endpointslices", kind: "EndpointSlice")
}
