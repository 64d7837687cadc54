import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// A small HTTP server whose paths misbehave in useful ways.
///
/// `/whoami` answers with the client certificate's CN, the `Authorization` and the `Host` header; `/ticks` streams
/// for ever; `/silent` sends a head and then nothing; `/hang` nothing at all; `/half` breaks off; `/close` closes
/// without an answer; `/big` sends a MiB; `/trickle` sends a byte now and then; `/token/X` is 401 unless the bearer
/// token is X.
final class TLSTestServer: Sendable {
  let port: Int
  private let channel: any Channel
  private let accepted: Counter

  /// How many connections have been made to it.
  var connections: Int { accepted.value }

  final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
  }

  /// - Parameters:
  ///   - identity: the server's own; `nil` for plain HTTP.
  ///   - clientAuthority: who must have signed the client's certificate; `nil`: none is asked for.
  static func start(
    identity: TestIdentity?, clientAuthority: TestAuthority? = nil, clientMustHaveCertificate: Bool = true
  ) async throws -> TLSTestServer {
    var context: NIOSSLContext?
    if let identity {
      let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
      var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem)))
      if let clientAuthority {
        tls.certificateVerification = clientMustHaveCertificate ? .noHostnameVerification : .optionalVerification
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(clientAuthority.pem.utf8)))
      }
      context = try NIOSSLContext(configuration: tls)
    }
    let accepted = Counter()
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [context] channel in
        channel.eventLoop.makeCompletedFuture {
          accepted.add()
          let pipeline = channel.pipeline.syncOperations
          if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(Routes())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return TLSTestServer(channel: channel, accepted: accepted)
  }

  private init(channel: any Channel, accepted: Counter) {
    self.channel = channel
    self.accepted = accepted
    port = channel.localAddress?.port ?? 0
  }

  func stop() async { try? await channel.close() }
}

private final class Routes: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private var head: HTTPRequestHead?

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end: answer(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ context: ChannelHandlerContext) {
    guard let head else { return }
    let authorization = head.headers.first(name: "Authorization") ?? "-"
    let path = head.uri.split(separator: "?").first.map(String.init) ?? "/"
    switch path {
    case "/hang": break
    case "/close": context.close(promise: nil)
    case "/silent": start(context)
    case "/ticks":
      start(context)
      tick(context, "tick of \(clientName(context))\n", every: .milliseconds(10))
    case "/trickle":
      start(context)
      tick(context, ".", every: .milliseconds(20))
    case "/half":
      start(context, length: 100)
      write(context, "only the beginning")
      context.close(promise: nil)
    case "/big": whole(context, .ok, String(repeating: "x", count: 1 << 20))
    case _ where path.hasPrefix("/token/"):
      whole(context, authorization == "Bearer \(path.dropFirst(7))" ? .ok : .unauthorized, authorization)
    default:
      whole(context, .ok, "\(clientName(context))|\(authorization)|\(head.headers.first(name: "Host") ?? "-")")
    }
  }

  private func clientName(_ context: ChannelHandlerContext) -> String {
    guard let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self),
      let bytes = try? tls.peerCertificate?.toDERBytes(), let certificate = try? Certificate(derEncoded: bytes)
    else { return "nobody" }
    return "\(certificate.subject)"
  }

  private func tick(_ context: ChannelHandlerContext, _ text: String, every pause: TimeAmount) {
    guard context.channel.isActive else { return }
    write(context, text)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: pause) {
      let (routes, context) = bound.value
      routes.tick(context, text, every: pause)
    }
  }

  private func start(_ context: ChannelHandlerContext, length: Int? = nil, status: HTTPResponseStatus = .ok) {
    var headers = HTTPHeaders()
    if let length { headers.add(name: "Content-Length", value: "\(length)") }
    context.writeAndFlush(
      wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
  }

  private func write(_ context: ChannelHandlerContext, _ text: String) {
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
  }

  private func whole(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ text: String) {
    start(context, length: text.utf8.count, status: status)
    write(context, text)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
