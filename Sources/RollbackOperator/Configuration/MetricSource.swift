public import RollbackCore

/// A named connection for metrics of the operator's own configuration; policies refer to it by its name.
///
/// An administrator may name every address, loopback included. Credentials are files that are read again when they
/// change, so that none stands in the configuration.
public struct MetricSource: Sendable, Equatable {
  /// The source that a policy uses when it names none.
  public static let defaultName = "default"

  /// Unique; at most 63 lower-case letters, digits and dashes.
  public var name: String
  public var prometheus: Prometheus

  public init(name: String, prometheus: Prometheus) {
    self.name = name
    self.prometheus = prometheus
  }

  /// A server that speaks the Prometheus HTTP API.
  public struct Prometheus: Sendable, Equatable {
    /// Where the API is; its path, if it has one, goes before `/api/v1`.
    public var address: OutboundURL
    /// A file with one header field a line, as `X-Scope-OrgID: shop` or `Authorization: Basic …`.
    public var headersFile: String?
    /// A file with a bearer token.
    public var bearerTokenFile: String?
    public var tls = TLS()
    /// The time for one answer, at most 10 s.
    public var timeout = PolicyDuration.seconds(10)

    public init(address: OutboundURL) {
      self.address = address
    }
  }

  /// PEM files for the TLS session.
  public struct TLS: Sendable, Equatable {
    /// Certificates that may have signed the server's; `nil`: the machine's own trust store.
    public var caFile: String?
    /// A client certificate with its chain.
    public var certFile: String?
    /// The key of ``certFile``.
    public var keyFile: String?

    public init() {}
  }
}
