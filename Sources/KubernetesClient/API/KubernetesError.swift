/// Why a request to the API server did not give what was asked for.
///
/// Switch on ``code``; show ``description``, which is one complete sentence that names the request, the server's reason
/// and its causes. Bodies that are not the API server's own (for example a proxy's page) are never part of it.
public struct KubernetesError: Error, Sendable, CustomStringConvertible {
  /// The API server's reason, or what happened before one could be had.
  public enum Code: String, Sendable, CaseIterable {
    /// 404: no such object, or no such kind.
    case notFound
    /// 404 without the API server's Status: not the object is missing, but the API that it belongs to. Its definition
    /// is not installed, or whatever serves it is starting.
    case notServed
    /// 409 on create: the name is taken.
    case alreadyExists
    /// 409: a precondition (resource version, UID, field ownership) does not hold.
    case conflict
    /// 422: the server understood the object and refuses its contents; the causes name the fields.
    case invalid
    /// 403: authorization, admission or quota refuses.
    case forbidden
    /// 401: the credentials are not valid.
    case unauthorized
    /// 410: the object or the resource version is no longer there.
    case gone
    /// 410: the resource version or the continue token is too old.
    case expired
    /// 429: flow control asks to come back later.
    case tooManyRequests
    /// 500 with reason ServerTimeout: the server could not finish in time and says so.
    case serverTimeout
    /// 504: the request did not complete within the server's own time limit.
    case timeout
    /// 500.
    case internalError
    /// 502 or 503.
    case unavailable
    /// 400.
    case badRequest
    /// 413, or an answer or a line of a watch beyond the client's cap.
    case tooLarge
    /// 405.
    case methodNotAllowed
    /// 406.
    case notAcceptable
    /// 415.
    case unsupportedMediaType
    /// Any other HTTP status.
    case unexpectedStatus
    /// No complete answer: no connection, connection lost, time-out, TLS.
    case transport
    /// The credentials could not be had, so nothing was sent.
    case credentials
    /// The answer is not what the API promises.
    case decoding
    /// The current task was cancelled, or the write was not sent because this process may no longer write.
    case cancelled
  }

  /// What to switch on.
  public var code: Code
  /// HTTP status of the answer; `nil` when there was none.
  public var httpStatus: Int?
  /// The API server's Status object with all its causes; `nil` when the answer was none.
  public var status: Status?
  /// The failure below HTTP when ``code`` is `.transport`, `.credentials` or `.cancelled`.
  public var transportError: TransportError?
  /// What was asked, for example `PATCH deployments/web in namespace shop`.
  public var request: String
  /// A write may have been done although no success was reported: read before deciding anything.
  public var isOutcomeUnknown: Bool
  /// How long the server asks to wait before the next try.
  public var retryAfter: Duration?
  /// What happened, without the request: the server's message and causes, or the transport's sentence.
  public var reason: String

  public init(
    _ code: Code, request: String, reason: String, httpStatus: Int? = nil, status: Status? = nil,
    transportError: TransportError? = nil, isOutcomeUnknown: Bool = false, retryAfter: Duration? = nil
  ) {
    self.code = code
    self.request = request
    self.reason = reason
    self.httpStatus = httpStatus
    self.status = status
    self.transportError = transportError
    self.isOutcomeUnknown = isOutcomeUnknown
    self.retryAfter = retryAfter
  }

  /// `REQUEST: [HTTP STATUS] reason`, followed by a warning when the outcome of a write is unknown.
  public var description: String {
    let unknown = isOutcomeUnknown ? " (the change may or may not have been made)" : ""
    return "\(request): \(reason)\(unknown)"
  }

  /// 404, of the object or of its whole API.
  public var isNotFound: Bool { code == .notFound || code == .notServed }

  /// Credentials, trust or rights are not what they should be, which hardly passes by itself.
  public var needsAPerson: Bool {
    switch code {
    case .unauthorized, .forbidden, .credentials: true
    case .transport: transportError?.code == .tls
    default: false
    }
  }

  /// A resource version or continue token is too old: list again.
  public var isGone: Bool { code == .gone || code == .expired }

  /// The server has not yet reached the resource version asked for, or never will because its data was restored from an
  /// older backup.
  public var isResourceVersionTooLarge: Bool {
    guard code == .timeout || code == .serverTimeout else { return false }
    guard let status else { return false }
    return status.details.causes.contains { $0.reason == "ResourceVersionTooLarge" }
      || status.message.contains("Too large resource version")
  }
}
