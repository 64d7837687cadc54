import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A request to a simulated node or pod. There is nothing to send, so that the body is not looked at.
struct SimulatorRequest: Sendable, Equatable {
  var method: String
  /// Without query, percent signs decoded.
  var path: String
  var query: [String: String]
  /// The host that the client means, without the port.
  var host: String

  /// - Parameters:
  ///   - target: of the request line: a path with a query, or a whole URL, as clients send it to a proxy.
  ///   - hostHeader: the header `Host`.
  init(method: String, target: String, hostHeader: String = "") {
    self.method = method
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    // Go writes a space in a query as a plus sign.
    let query = parts.count > 1 ? "?" + parts[1].replacing("+", with: "%20") : ""
    let components = URLComponents(string: parts[0] + query)
    path = components?.path ?? ""
    host = components?.host ?? hostHeader.split(separator: ":").first.map(String.init) ?? ""
    self.query = [:]
    for item in components?.queryItems ?? [] { self.query[item.name] = item.value ?? "" }
  }
}

struct SimulatorAnswer: Sendable, Equatable {
  var status = 200
  var contentType = "text/plain; charset=utf-8"
  var body: String
  /// How long the client waits for it.
  var delay: Duration = .zero
}

/// An HTTP/1.1 server, on the loopback interface unless told otherwise, with one request for each connection: when it
/// is stopped, no client goes on talking to it.
final class SimulatorServer: Sendable {
  private let channel: any Channel

  private init(channel: any Channel) { self.channel = channel }

  /// Where it listens.
  var port: Int { channel.localAddress?.port ?? 0 }

  /// - Parameters:
  ///   - port: 0 for any that is free.
  ///   - identity: the server's certificate; `nil` for no encryption.
  ///   - respond: called on a thread of the network; must not block.
  static func start(
    host: String = "127.0.0.1", port: Int, identity: CertificateAndKey? = nil,
    respond: @escaping @Sendable (SimulatorRequest) -> SimulatorAnswer
  ) async throws(ClusterError) -> SimulatorServer {
    do {
      let tls = try identity.map(Self.context)
      let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.backlog, value: 256)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
            try pipeline.configureHTTPServerPipeline()
            try pipeline.addHandler(RequestHandler(respond))
          }
        }
        .bind(host: host, port: port).get()
      return SimulatorServer(channel: channel)
    } catch {
      throw ClusterError(.process, "the simulated nodes cannot listen on \(host):\(port): \(error)")
    }
  }

  func stop() async { try? await channel.close() }

  private static func context(_ identity: CertificateAndKey) throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
    let key = try NIOSSLPrivateKey(bytes: Array(identity.privateKey.utf8), format: .pem)
    return try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
  }
}

private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let respond: @Sendable (SimulatorRequest) -> SimulatorAnswer
  private var head: HTTPRequestHead?

  init(_ respond: @escaping @Sendable (SimulatorRequest) -> SimulatorAnswer) { self.respond = respond }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      let answer = respond(
        SimulatorRequest(
          method: head.method.rawValue, target: head.uri, hostHeader: head.headers.first(name: "Host") ?? ""))
      guard answer.delay > .zero else { return write(answer, context) }
      context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(answer.delay)) {
        if context.channel.isActive { self.write(answer, context) }
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func write(_ answer: SimulatorAnswer, _ context: ChannelHandlerContext) {
    let body = context.channel.allocator.buffer(string: answer.body)
    let headers: HTTPHeaders = [
      "Content-Type": answer.contentType, "Content-Length": "\(body.readableBytes)", "Connection": "close",
    ]
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
  }
}
