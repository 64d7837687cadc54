/// On whose word a request is sent; it decides which addresses may be reached.
public enum OutboundOrigin: Sendable, Hashable {
  /// The operator's own configuration: every address may be reached, loopback included.
  case administrator
  /// A Service of the policy's own namespace that the policy names by its name. The operator took `addresses` (cluster
  /// IPs, or endpoints of a headless Service) from the cluster; the URL's host is not looked up.
  case ownService(namespace: String, addresses: [IPAddress])
  /// A URL that is written in a policy of this namespace.
  case policy(namespace: String)
}

/// What the TLS session of a request needs beyond the machine's own trust store. Certificates are always verified.
public struct OutboundTLS: Sendable, Hashable {
  /// PEM certificates that may have signed the server's; `nil`: the machine's own trust store.
  public var authority: [UInt8]?
  /// PEM certificate with its chain, and PEM key, to prove who the operator is.
  public var certificate: [UInt8]?
  public var key: [UInt8]?
  /// The name to verify the server's certificate against; `nil`: the URL's host.
  public var serverName: String?

  public init(
    authority: [UInt8]? = nil, certificate: [UInt8]? = nil, key: [UInt8]? = nil, serverName: String? = nil
  ) {
    self.authority = authority
    self.certificate = certificate
    self.key = key
    self.serverName = serverName
  }
}

/// One request to something else than the API server.
public struct OutboundRequest: Sendable {
  /// What may be asked; nothing else is needed by triggers, checks, webhooks and notifications.
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case head = "HEAD"
  }

  public var url: OutboundURL
  public var origin: OutboundOrigin
  public var method: Method
  /// Sent in this order. Names are tokens; `Host`, framing and hop-by-hop fields are refused.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]?
  /// The time for everything, from waiting for its turn to the last byte; cut to
  /// 10 s.
  public var timeout: Duration
  /// A longer answer is an error, not a part of an answer.
  public var maximumBytes: Int
  public var tls: OutboundTLS?

  public init(
    url: OutboundURL, origin: OutboundOrigin, method: Method = .get, headers: [(name: String, value: String)] = [],
    body: [UInt8]? = nil, timeout: Duration = .seconds(10), maximumBytes: Int = 1 << 20, tls: OutboundTLS? = nil
  ) {
    self.url = url
    self.origin = origin
    self.method = method
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.maximumBytes = maximumBytes
    self.tls = tls
  }
}

/// A whole answer; every status but a redirection is one.
public struct OutboundResponse: Sendable, Hashable {
  public var status: Int
  /// The field `Content-Type` as it was sent, on one line; not to be shown to anybody.
  public var contentType: String?
  /// Not decompressed, and not to be shown to anybody.
  public var body: [UInt8]

  public init(status: Int, contentType: String? = nil, body: [UInt8] = []) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }
}

/// No whole answer was received, or none was asked for.
public struct OutboundError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What to switch on.
  public enum Code: Sendable, Hashable {
    /// The address may not be reached; nothing was sent.
    case refused(EgressRefusal)
    /// The name could not be resolved, or not in time.
    case resolve
    /// Nothing reached the server, and that is not its doing: other requests were in the way, or this machine has no
    /// route to it, or no ports or files left.
    case unsent
    /// No connection could be made, or it broke before the answer was whole, or the answer was no HTTP.
    case connect
    /// The TLS session could not be had: an untrusted, expired or wrong certificate, or a refused one of ours.
    case tls
    /// The server was asked, and its whole answer was not there in time.
    case timeout
    /// The answer is longer than the request allows.
    case tooLarge
    /// The server answered with a redirection of this status; none is followed.
    case redirect(status: Int)
    /// The request itself cannot be sent: a header field, a certificate or a key is unusable.
    case invalidRequest
    /// The task was cancelled or the operator is about to end.
    case cancelled
  }

  public var code: Code
  /// One sentence that names the server and the cause; never a path, a query, a header or a byte of an answer.
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}

/// The one door through which the operator speaks to everything but the API server, so that a test can put something
/// else in its stead.
public protocol OutboundTransport: Sendable {
  /// Sends a request and returns its whole answer. Nothing is repeated and no redirection is followed.
  func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse
}
