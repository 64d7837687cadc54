/// An HTTP request as a client of the workload would send it.
public struct ProbeTrigger: Hashable, Sendable, Codable {
  /// A Service of the policy's namespace; exactly one of this and ``url``.
  public var service: String?
  /// Name or number of the Service's port; `nil`: its only one.
  public var port: PortReference?
  public var path: String
  public var scheme: Scheme
  /// A whole URL, whose host the operator's `egress.allow` must hold.
  public var url: String?
  /// A Secret of which every key is a header.
  public var headersFrom: SecretReference?
  /// Status codes that are healthy; empty: 200 to 299.
  public var expectStatus: [Int]
  public var expectJSON: [Expectation]
  /// For the whole request, at most ten seconds.
  public var timeout: PolicyDuration
  /// So many failures in a row are a breach.
  public var failureThreshold: Int

  /// How the Service is spoken to.
  public enum Scheme: String, Hashable, Sendable, Codable, CaseIterable {
    case http = "HTTP"
    case https = "HTTPS"
  }

  /// One value of the answer and what it must be.
  public struct Expectation: Hashable, Sendable, Codable {
    /// A ``JSONPath``.
    public var path: String
    public var equals: Document

    public init(path: String, equals: Document) {
      self.path = path
      self.equals = equals
    }
  }

  public init(
    service: String? = nil, port: PortReference? = nil, path: String = "/", scheme: Scheme = .http, url: String? = nil,
    headersFrom: SecretReference? = nil, expectStatus: [Int] = [], expectJSON: [Expectation] = [],
    timeout: PolicyDuration = .seconds(5), failureThreshold: Int = 3
  ) {
    self.service = service
    self.port = port
    self.path = path
    self.scheme = scheme
    self.url = url
    self.headersFrom = headersFrom
    self.expectStatus = expectStatus
    self.expectJSON = expectJSON
    self.timeout = timeout
    self.failureThreshold = failureThreshold
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String? {
      let text = try container.decodeIfPresent(String.self, forKey: key)
      return text?.isEmpty == true ? nil : text
    }
    self.init(
      service: try text(.service), port: try container.decodeIfPresent(PortReference.self, forKey: .port),
      path: try text(.path) ?? "/", scheme: try container.decodeIfPresent(Scheme.self, forKey: .scheme) ?? .http,
      url: try text(.url), headersFrom: try container.decodeIfPresent(SecretReference.self, forKey: .headersFrom),
      expectStatus: try container.decodeIfPresent([Int].self, forKey: .expectStatus) ?? [],
      expectJSON: try container.decodeIfPresent([Expectation].self, forKey: .expectJSON) ?? [],
      timeout: try container.decodeIfPresent(PolicyDuration.self, forKey: .timeout) ?? .seconds(5),
      failureThreshold: try container.decodeIfPresent(Int.self, forKey: .failureThreshold) ?? 3)
  }
}

/// A port of a Service, by name or by number.
public enum PortReference: Hashable, Sendable, Codable {
  case name(String)
  case number(Int)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else {
      let text = try container.decode(String.self)
      self = Int(text).map { .number($0) } ?? .name(text)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .name(let name): try container.encode(name)
    case .number(let number): try container.encode(number)
    }
  }
}
