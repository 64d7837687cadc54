import AsyncHTTPClient
public import Logging
import NIOCore
import NIOHTTP1

/// The way to an API server over HTTP/1.1 and mutual TLS, with credentials that may change while it runs.
///
/// - Redirects are not followed, bodies are not decompressed, and nothing is sent twice, with two exceptions that are
///   safe for every method: a request that the server answered with 401, and one whose TLS handshake failed, are sent
///   once more if there are new credentials by then.
/// - HTTP/1.1 is deliberate: each watch has its own connection, so that a dead one concerns nobody else.
/// - Idle peers are probed by TCP keep-alive; a machine that is gone is noticed within 15 s also while nothing is said.
///
/// ``shutdown()`` must be called before the last reference goes.
public final class HTTPTransport: Transport {
  /// What the connections of one transport are for; each purpose has its own, so that none starves another.
  public enum Purpose: String, Sendable {
    /// Long-lived streams: one connection each, as many as there are watches.
    case watches
    /// Reads and writes.
    case requests
    /// Renewals of the leader's Lease: few connections and short patience.
    case lease

    var connectionLimit: Int {
      switch self {
      case .watches: 10_000
      case .requests: 64
      case .lease: 4
      }
    }

    var connectTimeout: TimeAmount {
      switch self {
      case .watches, .requests: .seconds(5)
      case .lease: .seconds(2)
      }
    }
  }

  /// The largest body that ``send(_:)`` returns, in bytes.
  public static let maximumBodySize = 64 << 20

  let configuration: ClusterConfiguration
  let purpose: Purpose
  private let credentials: Credentials
  private let clients: HTTPClients
  private let alerts = TLSAlertNotes()
  private let clock: any RuntimeClock
  private let maximumBodySize: Int

  /// - Parameters:
  ///   - credentials: shared by the transports of one cluster.
  ///   - maximumBodySize: a larger answer fails with ``TransportError/Code/tooLarge``.
  public init(
    configuration: ClusterConfiguration, credentials: Credentials, purpose: Purpose,
    clock: any RuntimeClock = SystemClock(), logger: Logger, maximumBodySize: Int = HTTPTransport.maximumBodySize
  ) {
    self.configuration = configuration
    self.purpose = purpose
    self.credentials = credentials
    self.clock = clock
    self.maximumBodySize = maximumBodySize
    clients = HTTPClients(configuration: configuration, purpose: purpose, alerts: alerts)
  }

  /// Closes all connections; requests and streams that are under way fail with ``TransportError/Code/cancelled``.
  public func shutdown() async {
    await clients.shutdown()
  }

  /// Sends a request and returns its whole answer; see ``Transport/send(_:)``.
  ///
  /// - Throws: ``TransportError`` that names server, cause and remedy.
  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    try await within(request.timeout, of: request) { [self] () async throws(TransportError) in
      let response = try await open(request, idleTimeout: nil)
      return try await answer(response, of: request)
    }
  }

  /// Sends a request whose answer is read piece by piece; see ``Transport/stream(_:idleTimeout:onResponse:onChunk:)``.
  ///
  /// - Throws: ``TransportError`` that names server, cause and remedy.
  public func stream(
    _ request: TransportRequest,
    idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    let response = try await open(request, idleTimeout: idleTimeout)
    let head = TransportResponse(response, body: [])
    guard try await onResponse(head) else {
      return try await within(request.timeout, of: request) { [self] () async throws(TransportError) in
        try await answer(response, of: request)
      }
    }
    let mark = alerts.mark
    do {
      for try await chunk in response.body {
        try await onChunk(Array(buffer: chunk)[...])
      }
    } catch {
      throw failures(of: request, since: mark).transportError(error, idleTimeout: idleTimeout)
    }
    // The body's sequence just ends when its task is cancelled between two chunks.
    if Task.isCancelled { throw failures(of: request, since: mark).cancelled }
    return head
  }

  // MARK: one exchange

  /// Sends the request and returns the answer's head, with new credentials if the present ones are refused.
  private func open(
    _ request: TransportRequest, idleTimeout: Duration?
  ) async throws(TransportError) -> HTTPClientResponse {
    let deadline = NIODeadline.now() + TimeAmount(request.timeout)
    let used = try await credentialsNow { () async throws(CredentialError) in try await credentials.current() }
    let refusal: TransportError
    var answer: HTTPClientResponse?
    do {
      let response = try await attempt(request, with: used, idleTimeout: idleTimeout, deadline: deadline)
      guard response.status == .unauthorized else { return response }
      answer = response
      refusal = failures(of: request, since: alerts.mark, with: used).unauthorized
    } catch {
      // A server that has lost trust in a certificate may just close the connection.
      if error.code == .tls || error.code == .connectionLost { credentials.checkFiles() }
      guard error.code == .tls, !error.requestMayHaveBeenSent else { throw error }
      refusal = error
    }
    let new = try await credentialsNow { () async throws(CredentialError) in
      try await credentials.replacement(for: used)
    }
    if let new { return try await attempt(request, with: new, idleTimeout: idleTimeout, deadline: deadline) }
    guard let answer, used.certificate?.problem(at: clock.wallTime) == nil else { throw refusal }
    return answer
  }

  private func attempt(
    _ request: TransportRequest, with snapshot: CredentialSnapshot, idleTimeout: Duration?, deadline: NIODeadline
  ) async throws(TransportError) -> HTTPClientResponse {
    let mark = alerts.mark
    do {
      let client = try clients.client(idleTimeout: idleTimeout)
      return try await client.execute(httpRequest(request, snapshot), deadline: deadline)
    } catch {
      throw failures(of: request, since: mark, with: snapshot).transportError(error, idleTimeout: idleTimeout)
    }
  }

  private func httpRequest(_ request: TransportRequest, _ snapshot: CredentialSnapshot) -> HTTPClientRequest {
    let server = configuration.server
    var url = server
    url.host = configuration.tlsServerName ?? server.host
    var result = HTTPClientRequest(url: "\(url)\(request.path)")
    result.method = HTTPMethod(rawValue: request.method)
    for header in request.headers { result.headers.add(name: header.name, value: header.value) }
    // The connection is made for the name that the certificate is verified against; the server is still addressed by
    // its own.
    if url.host != server.host { result.headers.replaceOrAdd(name: "Host", value: server.authority) }
    if let authorization = snapshot.authorization {
      result.headers.replaceOrAdd(name: "Authorization", value: authorization)
    }
    if !request.body.isEmpty { result.body = .bytes(ByteBuffer(bytes: request.body)) }
    result.tlsConfiguration = snapshot.tls
    return result
  }

  private func answer(
    _ response: HTTPClientResponse, of request: TransportRequest
  ) async throws(TransportError) -> TransportResponse {
    var answer = try await TransportResponse(response, body: collect(response, of: request))
    if response.status == .unauthorized, let used = try? await credentials.current() {
      answer.remark = used.refusal(by: configuration)
    }
    return answer
  }

  private func collect(
    _ response: HTTPClientResponse, of request: TransportRequest
  ) async throws(TransportError) -> [UInt8] {
    let mark = alerts.mark
    var body: [UInt8] = []
    do {
      for try await chunk in response.body {
        guard body.count + chunk.readableBytes <= maximumBodySize else {
          throw failures(of: request, since: mark).tooLarge(maximumBodySize)
        }
        body.append(contentsOf: chunk.readableBytesView)
      }
    } catch {
      throw failures(of: request, since: mark).transportError(error, idleTimeout: nil)
    }
    return body
  }

  // MARK: helpers

  /// Runs `operation`, which has to end within `timeout`: the client's own deadline ends with the answer's head.
  private func within<Result: Sendable>(
    _ timeout: Duration, of request: TransportRequest,
    _ operation: @escaping @Sendable () async throws(TransportError) -> Result
  ) async throws(TransportError) -> Result {
    let mark = alerts.mark
    do {
      return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
          try await Task.sleep(for: timeout)
          return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else {
          throw failures(of: request, since: mark).timedOut
        }
        return result
      }
    } catch {
      throw failures(of: request, since: mark).transportError(error, idleTimeout: nil)
    }
  }

  private func credentialsNow<Result>(
    _ get: () async throws(CredentialError) -> Result
  ) async throws(TransportError) -> Result {
    do {
      return try await get()
    } catch {
      if Task.isCancelled {
        throw TransportError(.cancelled, requestMayHaveBeenSent: false, message: "The request was cancelled.")
      }
      throw TransportError(
        .credentials, requestMayHaveBeenSent: false,
        message: "No credentials for the API server \(configuration.server) (\(configuration.origin)): \(error)")
    }
  }

  private func failures(
    of request: TransportRequest, since mark: Int, with snapshot: CredentialSnapshot? = nil
  ) -> TransportFailures {
    TransportFailures(
      configuration: configuration, request: request, snapshot: snapshot, wallTime: clock.wallTime,
      alert: alerts.latest(since: mark))
  }
}

extension TransportResponse {
  fileprivate init(_ response: HTTPClientResponse, body: [UInt8]) {
    self.init(
      status: Int(response.status.code), headers: response.headers.map { (name: $0.name, value: $0.value) }, body: body)
  }
}
