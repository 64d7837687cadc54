/// One HTTP request towards the API server, before credentials are added.
public struct TransportRequest: Sendable {
  /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
  public var method: String
  /// Path below the server's address with its query, already percent-encoded.
  public var path: String
  /// Header fields in the order they are sent.
  public var headers: [(name: String, value: String)]
  /// Body; empty for none.
  public var body: [UInt8]
  /// The time until the whole answer (for a stream: its head) must be there.
  public var timeout: Duration

  public init(
    method: String, path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(30)
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }
}

/// The answer to a ``TransportRequest``.
public struct TransportResponse: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// What the transport knows about a refusal and the server does not say: which credentials were refused, and what to
  /// do.
  public var remark: String?

  public init(
    status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], remark: String? = nil
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.remark = remark
  }

  /// The first value of a header field, compared without regard to case.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

/// A failure below HTTP: no complete answer of the API server was received.
public struct TransportError: Error, Sendable, CustomStringConvertible {
  /// What to switch on.
  public enum Code: String, Sendable {
    /// No connection could be made: refused, unreachable, name not resolved.
    case connectionFailed
    /// The connection ended before the answer was complete.
    case connectionLost
    /// The answer did not come within the request's time-out.
    case timedOut
    /// A stream carried nothing for longer than its idle time-out.
    case idle
    /// The TLS handshake failed: wrong certificate authority, expired or missing certificate, wrong name.
    case tls
    /// Credentials could not be had (unreadable file, failing exec plugin).
    case credentials
    /// The answer is larger than the cap.
    case tooLarge
    /// The current task was cancelled.
    case cancelled
    /// The consumer of a stream gave up.
    case consumer
  }

  public var code: Code
  /// Whether the server may have received and executed the request.
  public var requestMayHaveBeenSent: Bool
  /// A sentence that names the server, the cause and, where there is one, the remedy.
  public var message: String

  public init(_ code: Code, requestMayHaveBeenSent: Bool, message: String) {
    self.code = code
    self.requestMayHaveBeenSent = requestMayHaveBeenSent
    self.message = message
  }

  public var description: String { message }
}

/// The way to one API server; the only place below the client that knows connections, so that a test can put an
/// in-memory API server in its stead.
public protocol Transport: Sendable {
  /// Sends a request and returns its whole answer.
  ///
  /// HTTP error statuses are answers, not errors. Nothing is repeated here: what may be sent again is the client's
  /// decision.
  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse

  /// Sends a request whose answer is read piece by piece.
  ///
  /// - Parameters:
  ///   - idleTimeout: the longest time without a single byte; after it the stream fails with
  ///     ``TransportError/Code/idle``. A consumer that needs longer than this for one piece may see that too, because
  ///     it holds up the reading.
  ///   - onResponse: called with the head. `true`: the body goes to `onChunk`; `false`: it is collected as for
  ///     ``send(_:)``.
  ///   - onChunk: called for each piece in order; it throws to end the stream.
  /// - Returns: the head, with the collected body if `onResponse` said `false`.
  func stream(
    _ request: TransportRequest,
    idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse
}
