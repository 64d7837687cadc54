import Logging

/// One call of the API in the client's own terms.
struct APICall: Sendable {
  var method: String
  var path: String
  /// The request in words, for errors.
  var title: String
  var accept = "application/json"
  var contentType: String?
  var body: [UInt8] = []
  var timeout: Duration
  /// A write that is meant, as opposed to a read or a dry run, which may be repeated freely.
  var changesState = false
}

/// Sends calls over a transport, turns refusals into errors and tries again what may be tried again.
struct RequestExecutor: Sendable {
  let transport: any Transport
  let clock: any RuntimeClock
  let logger: Logger
  let userAgent: String
  let policy: RequestPolicy
  /// Header fields added to every request (impersonation).
  var extraHeaders: [HeaderField] = []
  /// Asked right before a write is sent, also before each further try.
  var mayWrite: @Sendable () -> Bool = { true }

  struct HeaderField: Sendable {
    var name: String
    var value: String
  }

  /// Sends `call`, again where the policy allows, and returns the answer of status 2xx.
  func perform(_ call: APICall) async throws(KubernetesError) -> TransportResponse {
    let start = clock.monotonicTime
    var attempt = 1
    while true {
      do throws(KubernetesError) {
        return try await performOnce(call)
      } catch {
        let delay = policy.delay(
          after: error, attempt: attempt, elapsed: clock.monotonicTime - start, changesState: call.changesState,
          jitter: clock.random(in: 0...1))
        guard let delay else { throw error }
        logger.debug("Request failed and is tried again", metadata: ["error": "\(error)", "attempt": "\(attempt)"])
        do {
          try await clock.sleep(for: delay)
        } catch {
          throw KubernetesError(
            .cancelled, request: call.title, reason: "the task was cancelled while waiting for another try")
        }
        attempt += 1
      }
    }
  }

  /// Sends `call` once.
  func performOnce(_ call: APICall) async throws(KubernetesError) -> TransportResponse {
    guard !call.changesState || mayWrite() else {
      throw KubernetesError(
        .cancelled, request: call.title, reason: "it was not sent, because this process may no longer write")
    }
    let answer: TransportResponse
    do {
      answer = try await transport.send(request(for: call))
    } catch {
      throw KubernetesError(transport: error, request: call.title, changesState: call.changesState)
    }
    guard (200..<300).contains(answer.status) else {
      throw KubernetesError(answer: answer, request: call.title, changesState: call.changesState)
    }
    if let warning = answer.header("Warning") {
      logger.debug(
        "The API server warns", metadata: ["request": "\(call.title)", "warning": "\(KubernetesError.clean(warning))"])
    }
    return answer
  }

  func request(for call: APICall) -> TransportRequest {
    var headers: [(name: String, value: String)] = [("Accept", call.accept), ("User-Agent", userAgent)]
    if let contentType = call.contentType { headers.append(("Content-Type", contentType)) }
    for field in extraHeaders { headers.append((field.name, field.value)) }
    return TransportRequest(
      method: call.method, path: call.path, headers: headers, body: call.body, timeout: call.timeout)
  }

  /// Sends `call` and parses the answer as a JSON tree.
  func performValue(_ call: APICall, isRetried: Bool = true) async throws(KubernetesError) -> JSONValue {
    let answer = isRetried ? try await perform(call) : try await performOnce(call)
    do {
      return try JSONValue(parsing: answer.body)
    } catch {
      throw KubernetesError(decoding: error, request: call.title, changesState: call.changesState)
    }
  }
}
