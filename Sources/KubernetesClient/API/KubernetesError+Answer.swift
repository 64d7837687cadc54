extension KubernetesError {
  /// The longest text of a server that is repeated in a description, in characters.
  static let maximumReasonLength = 2_000

  /// The error an HTTP answer with a status of 300 or more stands for.
  ///
  /// - Parameters:
  ///   - request: the request in words.
  ///   - changesState: the request was a real write, so that a failure that is not a plain refusal leaves its outcome
  ///     open.
  init(answer: TransportResponse, request: String, changesState: Bool) {
    let status = answer.isJSON ? Status.decode(answer.body) : nil
    let code =
      status == nil && answer.status == 404 ? .notServed : Code(httpStatus: answer.status, reason: status?.reason ?? "")
    let retryAfter = Self.retryAfter(answer, status)
    let said = status.map { Self.reason(answer.status, $0) } ?? Self.foreignReason(answer)
    self.init(
      code, request: request, reason: answer.remark.map { "\(said); \(Self.clean($0))" } ?? said,
      httpStatus: answer.status, status: status,
      isOutcomeUnknown: changesState && !Self.isRefusal(answer.status, status: status, retryAfter: retryAfter),
      retryAfter: retryAfter)
  }

  /// The error a Status object inside a watch stream stands for.
  init(status: Status, request: String) {
    let httpStatus = status.code == 0 ? 500 : status.code
    self.init(
      Code(httpStatus: httpStatus, reason: status.reason), request: request, reason: Self.reason(httpStatus, status),
      httpStatus: httpStatus, status: status,
      retryAfter: Self.retryAfter(seconds: status.details.retryAfterSeconds))
  }

  /// The error a failure of the transport stands for.
  init(transport error: TransportError, request: String, changesState: Bool) {
    let code: Code =
      switch error.code {
      case .cancelled: .cancelled
      case .credentials: .credentials
      case .tooLarge: .tooLarge
      case .connectionFailed, .connectionLost, .timedOut, .idle, .tls, .consumer: .transport
      }
    self.init(
      code, request: request, reason: Self.clean(error.message), transportError: error,
      isOutcomeUnknown: changesState && error.requestMayHaveBeenSent)
  }

  /// The error of an answer that cannot be read.
  init(decoding error: JSONError, request: String, changesState: Bool) {
    self.init(
      .decoding, request: request, reason: "the answer of the API server cannot be read: \(error)",
      isOutcomeUnknown: changesState)
  }

  /// Whether the server says for sure that it did nothing.
  ///
  /// A 5xx may come after the object was stored (etcd slow, a proxy's time limit); only flow control's own 503, a
  /// Status that asks to come back, is a refusal.
  private static func isRefusal(_ httpStatus: Int, status: Status?, retryAfter: Duration?) -> Bool {
    switch httpStatus {
    case 408: false
    case 300..<500: true
    case 503: status != nil && retryAfter != nil
    default: false
    }
  }

  private static func retryAfter(_ answer: TransportResponse, _ status: Status?) -> Duration? {
    if let text = answer.header("Retry-After"), let seconds = Int(text), let wait = retryAfter(seconds: seconds) {
      return wait
    }
    return retryAfter(seconds: status?.details.retryAfterSeconds)
  }

  private static func retryAfter(seconds: Int?) -> Duration? {
    guard let seconds, seconds > 0, seconds <= 86_400 else { return nil }
    return .seconds(seconds)
  }

  private static func reason(_ httpStatus: Int, _ status: Status) -> String {
    let title = status.reason.isEmpty ? "\(httpStatus)" : "\(httpStatus) \(status.reason)"
    var said = status.message.isEmpty ? [] : [status.message]
    for cause in status.details.causes {
      let text = cause.message.isEmpty ? cause.reason : cause.message
      // The server's message usually contains the causes already.
      guard !text.isEmpty, !status.message.contains(text) else { continue }
      said.append(cause.field.isEmpty ? text : "\(cause.field): \(text)")
    }
    // Quotas and webhooks forbid too; this is the authorizer's own way to put it.
    if httpStatus == 403, status.message.contains("is forbidden: User ") {
      said.append("a Role or ClusterRole has to grant this right")
    }
    return clean(said.isEmpty ? title : "\(title): \(said.joined(separator: "; "))")
  }

  private static func foreignReason(_ answer: TransportResponse) -> String {
    let type = answer.header("Content-Type").map { clean(String($0.prefix(100))) } ?? "no content type"
    return "the server answered \(answer.status) with \(type) instead of a Kubernetes status; "
      + "something between here and the API server may have answered"
  }

  /// Bounded, and without control characters, so that a message can never forge a line of a log.
  static func clean(_ text: String) -> String {
    OneLine.text(text, limit: maximumReasonLength)
  }
}

extension KubernetesError.Code {
  /// The code of an HTTP status, refined by the reason of the API server's Status.
  init(httpStatus: Int, reason: String) {
    if let known = Self.reasons[reason] {
      self = known
      return
    }
    self =
      switch httpStatus {
      case 400: .badRequest
      case 401: .unauthorized
      case 403: .forbidden
      case 404: .notFound
      case 405: .methodNotAllowed
      case 406: .notAcceptable
      case 409: .conflict
      case 410: .gone
      case 413: .tooLarge
      case 415: .unsupportedMediaType
      case 422: .invalid
      case 429: .tooManyRequests
      case 500: .internalError
      case 502, 503: .unavailable
      case 504: .timeout
      default: .unexpectedStatus
      }
  }

  private static let reasons: [String: Self] = [
    "NotFound": .notFound, "AlreadyExists": .alreadyExists, "Conflict": .conflict, "Invalid": .invalid,
    "Forbidden": .forbidden, "Unauthorized": .unauthorized, "Gone": .gone, "Expired": .expired,
    "TooManyRequests": .tooManyRequests, "ServerTimeout": .serverTimeout, "Timeout": .timeout,
    "InternalError": .internalError, "ServiceUnavailable": .unavailable, "BadRequest": .badRequest,
    "RequestEntityTooLarge": .tooLarge, "MethodNotAllowed": .methodNotAllowed, "NotAcceptable": .notAcceptable,
    "UnsupportedMediaType": .unsupportedMediaType,
  ]
}

extension TransportResponse {
  /// Whether the body claims to be JSON.
  var isJSON: Bool {
    guard let type = header("Content-Type") else { return false }
    return type.lowercased().hasPrefix("application/json")
  }
}
