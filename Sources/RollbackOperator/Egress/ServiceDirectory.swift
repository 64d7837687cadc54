/// Where what is known of Services comes from when a policy names one of its own namespace.
///
/// The cluster is asked and not the DNS: an ExternalName Service is a name that leads wherever its author likes.
public protocol ServiceDirectory: Sendable {
  /// - Returns: `nil` when there is no such Service.
  /// - Throws: when the cluster cannot be asked.
  func service(_ name: String, in namespace: String) async throws -> ServiceFacts?
}

extension ServiceDirectory {
  /// The cluster IPs of a Service, or the ready endpoints of a headless one; empty when it does not exist, has none, or
  /// is an ExternalName.
  func addresses(of service: String, in namespace: String) async throws -> [IPAddress] {
    try await self.service(service, in: namespace)?.addresses ?? []
  }
}
