/// Where the addresses of Services come from when a policy's URL names one of its own namespace.
///
/// The cluster is asked and not the DNS: an ExternalName Service is a name that leads wherever its author likes.
public protocol ServiceDirectory: Sendable {
  /// The cluster IPs of a Service; empty when it does not exist, has none, or is an ExternalName.
  ///
  /// - Throws: when the cluster cannot be asked.
  func addresses(of service: String, in namespace: String) async throws -> [IPAddress]
}
