import KubernetesClient
import NIOCore
import NIOHTTP1

/// Serves one connection of the operator: its requests one after the other.
struct FaultProxyConnection: Sendable {
  typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

  let proxy: FaultProxy
  let upstream: HTTPTransport
  let wire: FaultProxyWire

  func run() async {
    try? await wire.open().executeThenClose { inbound, outbound in
      let (requests, queue) = AsyncStream.makeStream(of: FaultRequest.self, bufferingPolicy: .bufferingOldest(4))
      await withTaskGroup { group in
        group.addTask {
          for await request in requests { await answer(request, outbound) }
        }
        try? await read(inbound, into: queue)
        // The operator has left: what it asked for is of no use any more.
        queue.finish()
        group.cancelAll()
      }
    }
  }

  private func read(
    _ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>, into queue: AsyncStream<FaultRequest>.Continuation
  ) async throws {
    var request: FaultRequest?
    for try await part in inbound {
      switch part {
      case .head(let head):
        request = FaultRequest(
          method: head.method.rawValue, target: head.uri, headers: head.headers.map { ($0.name, $0.value) }, body: [])
      case .body(let bytes):
        request?.body += bytes.readableBytesView
      case .end:
        if let request { queue.yield(request) }
        request = nil
      }
    }
  }

  private func answer(_ request: FaultRequest, _ outbound: Outbound) async {
    do {
      switch await proxy.judge(request) {
      case .forward where request.isWatch:
        try await stream(request, outbound)
      case .forward(let after):
        let answer = try await upstream.send(request.forwarded)
        await after?()
        try await write(answer, outbound)
      case .drop:
        wire.cut()
      case .loseAnswer(let after):
        _ = try await upstream.send(request.forwarded)
        await after?()
        wire.cut()
      case .refuse(let status, let reason, let retryAfter):
        try await write(Self.refusal(status, reason, retryAfter), outbound)
      }
    } catch {
      wire.cut()
    }
  }

  private func stream(_ request: FaultRequest, _ outbound: Outbound) async throws {
    let answer = try await upstream.stream(
      request.forwarded, idleTimeout: .seconds(3600),
      onResponse: { head throws(TransportError) in
        guard head.status == 200 else { return false }
        try await send(.head(Self.head(head)), outbound)
        return true
      },
      onChunk: { bytes throws(TransportError) in
        try await send(.body(.byteBuffer(ByteBuffer(bytes: bytes))), outbound)
      })
    if answer.status == 200 { try await send(.end(nil), outbound) } else { try await write(answer, outbound) }
  }

  private func send(_ part: HTTPServerResponsePart, _ outbound: Outbound) async throws(TransportError) {
    do {
      try await outbound.write(part)
    } catch {
      throw TransportError(.consumer, requestMayHaveBeenSent: true, message: "the operator has left: \(error)")
    }
  }

  private func write(_ answer: TransportResponse, _ outbound: Outbound) async throws {
    var head = Self.head(answer)
    head.headers.replaceOrAdd(name: "Content-Length", value: "\(answer.body.count)")
    try await outbound.write(.head(head))
    if !answer.body.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))) }
    try await outbound.write(.end(nil))
  }

  private static func head(_ answer: TransportResponse) -> HTTPResponseHead {
    HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
      headers: HTTPHeaders(
        answer.headers.filter { !FaultRequest.isAboutTheConnection($0.name) }.map { ($0.name, $0.value) }))
  }

  private static func refusal(_ status: Int, _ reason: String, _ retryAfter: Int?) -> TransportResponse {
    guard !reason.isEmpty else {
      let headers = [(name: "Content-Type", value: "text/plain; charset=utf-8")]
      return TransportResponse(status: status, headers: headers, body: Array("\(status) page not found\n".utf8))
    }
    let body: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
      "message": "refused by the proxy", "code": JSONValue(status),
    ]
    var headers = [(name: "Content-Type", value: "application/json")]
    if let retryAfter { headers.append((name: "Retry-After", value: "\(retryAfter)")) }
    return TransportResponse(status: status, headers: headers, body: body.serialized())
  }
}

extension FaultRequest {
  /// The same for the API server.
  var forwarded: TransportRequest {
    TransportRequest(
      method: method, path: target, headers: headers.filter { !Self.isAboutTheConnection($0.name) }, body: body,
      timeout: .seconds(120))
  }

  static func isAboutTheConnection(_ header: String) -> Bool {
    ["host", "connection", "content-length", "transfer-encoding"].contains(header.lowercased())
  }
}
