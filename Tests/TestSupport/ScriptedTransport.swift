public import KubernetesClient
import Synchronization

/// A transport whose answers a test has written down, one for each request or by a function of the request.
///
/// Time passes on the test's clock: an answer that never comes ends with the request's time-out there, a silent stream
/// with its idle time-out.
public final class ScriptedTransport: Transport {
  /// How one request is answered.
  public enum Answer: Sendable {
    case response(TransportResponse)
    case failure(TransportError)
    /// No answer until the time-out or the end of the task.
    case silence
    /// A streamed answer of status 200.
    case stream([StreamStep])
    /// A streamed answer that the test goes on writing.
    case feed(StreamFeed)
  }

  /// What happens on a scripted stream, one after the other; at the end of the script the server closes it.
  public enum StreamStep: Sendable {
    case chunk([UInt8])
    case pause(Duration)
    case failure(TransportError)
    /// Nothing more until the idle time-out or the end of the task.
    case silence

    /// One line of a watch.
    public static func line(_ text: String) -> StreamStep { .chunk(Array("\(text)\n".utf8)) }
  }

  private struct State {
    var requests: [TransportRequest] = []
    var answers: [Answer] = []
  }

  private let clock: any RuntimeClock
  private let state: Mutex<State>
  private let respond: (@Sendable (TransportRequest, Int) -> Answer?)?
  private let changes = Condition()

  /// Answers in the order written; what comes after the last is refused as a failed connection.
  public init(clock: any RuntimeClock, _ answers: [Answer] = []) {
    self.clock = clock
    state = Mutex(State(answers: answers))
    respond = nil
  }

  /// Answers by a function of the request and its number, from 0; `nil` falls back to what was added by ``add(_:)``.
  public init(clock: any RuntimeClock, respond: @escaping @Sendable (TransportRequest, Int) -> Answer?) {
    self.clock = clock
    state = Mutex(State())
    self.respond = respond
  }

  /// Writes another answer at the end of the script.
  public func add(_ answer: Answer) { state.withLock { $0.answers.append(answer) } }

  /// All requests so far.
  public var requests: [TransportRequest] { state.withLock { $0.requests } }

  /// The paths, with queries, of all requests so far.
  public var paths: [String] { requests.map(\.path) }

  /// Waits until so many requests have come.
  public func waitForRequests(_ count: Int) async {
    await changes.wait { self.state.withLock { $0.requests.count } >= count }
  }

  // MARK: Transport

  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    switch take(request) {
    case .response(let response): return response
    case .failure(let error): throw error
    case .silence, .stream, .feed:
      try await pause(request.timeout)
      throw TransportError(.timedOut, requestMayHaveBeenSent: true, message: "no answer within \(request.timeout)")
    }
  }

  public func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    let head = TransportResponse(status: 200, headers: [("Content-Type", "application/json")])
    switch take(request) {
    case .response(let response):
      if try await onResponse(TransportResponse(status: response.status, headers: response.headers)) {
        try await onChunk(response.body[...])
      }
      return response
    case .failure(let error):
      throw error
    case .silence:
      try await pause(request.timeout)
      throw TransportError(.timedOut, requestMayHaveBeenSent: true, message: "no answer within \(request.timeout)")
    case .stream(let steps):
      guard try await onResponse(head) else { return head }
      for step in steps { try await run(step, idleTimeout, onChunk) }
      return head
    case .feed(let feed):
      guard try await onResponse(head) else { return head }
      try await feed.deliver(onChunk)
      return head
    }
  }

  private func run(
    _ step: StreamStep, _ idleTimeout: Duration, _ onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) {
    switch step {
    case .chunk(let bytes): try await onChunk(bytes[...])
    case .pause(let duration): try await pause(duration)
    case .failure(let error): throw error
    case .silence:
      try await pause(idleTimeout)
      throw TransportError(.idle, requestMayHaveBeenSent: true, message: "silent for \(idleTimeout)")
    }
  }

  private func take(_ request: TransportRequest) -> Answer {
    let (number, written) = state.withLock { state in
      state.requests.append(request)
      let isScripted = respond == nil && !state.answers.isEmpty
      return (state.requests.count - 1, isScripted ? state.answers.removeFirst() : nil)
    }
    defer { changes.notify() }
    if let written { return written }
    if let answer = respond?(request, number) { return answer }
    return state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() } ?? .failure(.refused)
  }

  private func pause(_ duration: Duration) async throws(TransportError) {
    do {
      try await clock.sleep(for: duration)
    } catch {
      throw TransportError(.cancelled, requestMayHaveBeenSent: true, message: "the task was cancelled")
    }
  }
}

extension TransportError {
  /// Nobody listens: the request was surely not sent.
  public static let refused = TransportError(
    .connectionFailed, requestMayHaveBeenSent: false, message: "connection refused")
  /// The connection ended before the answer came: the outcome is not known.
  public static let lost = TransportError(.connectionLost, requestMayHaveBeenSent: true, message: "connection lost")
}

extension ScriptedTransport.Answer {
  /// A JSON answer.
  public static func json(_ status: Int = 200, _ text: String, headers: [(name: String, value: String)] = []) -> Self {
    .response(
      TransportResponse(
        status: status, headers: [("Content-Type", "application/json")] + headers, body: Array(text.utf8)))
  }

  /// The API server's refusal.
  public static func status(
    _ code: Int, _ reason: String, _ message: String = "refused", retryAfter: Int? = nil,
    causes: [Status.Cause] = []
  ) -> Self {
    let status = Status(
      message: message, reason: reason, code: code,
      details: Status.Details(causes: causes, retryAfterSeconds: retryAfter))
    return .json(
      code, String(decoding: status.json.serialized(), as: UTF8.self),
      headers: retryAfter.map { [("Retry-After", "\($0)")] } ?? [])
  }

  /// An HTML page, as proxies answer.
  public static func page(_ status: Int, _ text: String) -> Self {
    .response(
      TransportResponse(status: status, headers: [("Content-Type", "text/html")], body: Array(text.utf8)))
  }
}
