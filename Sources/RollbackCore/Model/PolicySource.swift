/// A named connection to a metrics server, in a policy.
public struct PolicySource: Hashable, Sendable, Codable {
  /// Unique within the policy; goes before a source of that name of the operator's configuration.
  public var name: String
  public var prometheus: Prometheus

  /// The name of the source that is used when a trigger names none.
  public static let defaultName = "default"

  public init(name: String, prometheus: Prometheus) {
    self.name = name
    self.prometheus = prometheus
  }

  /// A server that speaks Prometheus's HTTP API. Secrets are of the policy's namespace.
  public struct Prometheus: Hashable, Sendable, Codable {
    /// `http` or `https`, with a path where the API does not begin at the root.
    public var address: String
    /// A Secret of which every key is a header, for example of a tenant.
    public var headersFrom: SecretReference?
    public var bearerTokenFrom: SecretKey?
    /// A Secret with the keys `username` and `password`, as those of type `kubernetes.io/basic-auth` have.
    public var basicAuthFrom: SecretReference?
    public var tls: TLS?
    /// For the whole of a request, at most ten seconds.
    public var timeout: PolicyDuration

    public init(
      address: String, headersFrom: SecretReference? = nil, bearerTokenFrom: SecretKey? = nil,
      basicAuthFrom: SecretReference? = nil, tls: TLS? = nil, timeout: PolicyDuration = .seconds(10)
    ) {
      self.address = address
      self.headersFrom = headersFrom
      self.bearerTokenFrom = bearerTokenFrom
      self.basicAuthFrom = basicAuthFrom
      self.tls = tls
      self.timeout = timeout
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        address: try container.decode(String.self, forKey: .address),
        headersFrom: try container.decodeIfPresent(SecretReference.self, forKey: .headersFrom),
        bearerTokenFrom: try container.decodeIfPresent(SecretKey.self, forKey: .bearerTokenFrom),
        basicAuthFrom: try container.decodeIfPresent(SecretReference.self, forKey: .basicAuthFrom),
        tls: try container.decodeIfPresent(TLS.self, forKey: .tls),
        timeout: try container.decodeIfPresent(PolicyDuration.self, forKey: .timeout) ?? .seconds(10))
    }
  }

  /// Whom the server must be, and who the operator is towards it.
  public struct TLS: Hashable, Sendable, Codable {
    /// `nil`: the authorities that the machine trusts.
    public var caFrom: SecretKey?
    public var certFrom: SecretKey?
    public var keyFrom: SecretKey?

    public init(caFrom: SecretKey? = nil, certFrom: SecretKey? = nil, keyFrom: SecretKey? = nil) {
      self.caFrom = caFrom
      self.certFrom = certFrom
      self.keyFrom = keyFrom
    }
  }
}

/// A Secret of the policy's namespace.
public struct SecretReference: Hashable, Sendable, Codable {
  public var secret: String

  public init(secret: String) {
    self.secret = secret
  }
}

/// One key of a Secret of the policy's namespace.
public struct SecretKey: Hashable, Sendable, Codable {
  public var secret: String
  public var key: String

  public init(secret: String, key: String) {
    self.secret = secret
    self.key = key
  }
}
