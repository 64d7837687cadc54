import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import LocalCluster

/// What a monitor does instead of answering a question.
enum MonitorFault: String, Sendable, CaseIterable {
  case refused, expired
  case errorInside, badRequest, tooManyRequests, unavailable, loginPage, redirect
  case empty, notANumber, infinite, tooLarge, hexadecimal, wrongType
  case partial
  case old, ahead
  case severalSeries
  case endless, silent
}

/// A server that is a Prometheus at `/prometheus/NAME`, a document with a number at `/value/NAME`, and a health
/// endpoint at `/probe/NAME`: each has the fault of its name, or, at `/turning/prometheus/NAME` and so on, the fault
/// only once ``turn()`` was called, and before that a breach.
///
/// Whatever a fault has for a body, there is a breach in it: who reads it in spite of all acts on it.
final class FaultyMonitor: Sendable {
  /// What all that is well answers with; the limits of the policies are below it.
  static let breach = 9

  private let channel: any Channel
  /// Speaks TLS with a certificate of yesterday.
  private let encrypted: SimulatorServer
  private let hasTurned = Atomic(false)

  let host: String
  var port: Int { channel.localAddress?.port ?? 0 }
  var encryptedPort: Int { encrypted.port }

  /// Runs one for as long as `body` runs.
  static func run(host: String, _ body: (FaultyMonitor) async throws -> Void) async throws {
    let identity = try CertificateAuthority(commonName: "monitor").issueServer(
      commonName: "monitor", names: ["localhost"],
      addresses: [host.split(separator: ".").compactMap { UInt8($0) }], validFor: .seconds(-3_600))
    let encrypted = try await SimulatorServer.start(host: host, port: 0, identity: identity) { _ in
      SimulatorAnswer(body: "\(breach)")
    }
    let routes = Mutex<(@Sendable (String) -> MonitorReply)?>(nil)
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 256)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(MonitorHandler { path in routes.withLock { $0 }?(path) ?? .silence })
        }
      }
      .bind(host: host, port: 0).get()
    let monitor = FaultyMonitor(channel: channel, encrypted: encrypted, host: host)
    routes.withLock { $0 = { [weak monitor] in monitor?.reply(to: $0) ?? .silence } }
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await body(monitor))
    } catch {
      outcome = .failure(error)
    }
    try? await channel.close()
    await encrypted.stop()
    try outcome.get()
  }

  private init(channel: any Channel, encrypted: SimulatorServer, host: String) {
    self.channel = channel
    self.encrypted = encrypted
    self.host = host
  }

  /// From now on what was well has its fault.
  func turn() { hasTurned.store(true, ordering: .releasing) }

  /// Where a kind of monitor has a fault.
  func address(_ kind: String, _ fault: MonitorFault, turning: Bool = false) -> String {
    guard !turning else { return "http://\(host):\(port)/turning/\(kind)/\(fault.rawValue)" }
    return switch fault {
    // Nobody listens on the port of the service discard.
    case .refused: "http://\(host):9/\(kind)"
    case .expired: "https://\(host):\(encryptedPort)/\(kind)"
    default: "http://\(host):\(port)/\(kind)/\(fault.rawValue)"
    }
  }

  private func reply(to path: String) -> MonitorReply {
    var steps = path.split(separator: "/").map(String.init)
    let turns = steps.first == "turning"
    if turns { steps.removeFirst() }
    guard steps.count >= 2, let fault = MonitorFault(rawValue: steps[1]) else { return MonitorReply(status: 404) }
    let isWell = turns && !hasTurned.load(ordering: .acquiring)
    if steps[0] == "prometheus" {
      if steps.last == "query_range" { return .json(PrometheusText.matrix([])) }
      return isWell ? .json(PrometheusText.vector()) : PrometheusText.reply(with: fault)
    }
    return isWell ? .json("{\"rate\":\(Self.breach)}") : Self.document(with: fault)
  }

  /// What a document with a number, or a health endpoint, answers.
  private static func document(with fault: MonitorFault) -> MonitorReply {
    let rate = { (text: String) in MonitorReply.json("{\"rate\":\(text)}") }
    switch fault {
    case .empty: return .json("{}")
    case .notANumber: return rate("\"NaN\"")
    case .infinite: return rate("\"+Inf\"")
    case .tooLarge: return rate("1e400")
    case .hexadecimal: return rate("\"0x1p3\"")
    case .wrongType: return rate("[9]")
    case .errorInside: return .json("{\"error\":\"rate is 9\"}")
    default: return MonitorReply(fault, body: "{\"rate\":\(breach)}")
    }
  }
}

/// What is sent to a client.
struct MonitorReply: Sendable {
  var status = 200
  var headers: [(String, String)] = []
  var body = ""
  /// Whether the body is repeated without an end.
  var isEndless = false
  /// Whether nothing is sent at all.
  var isSilent = false

  static let silence = MonitorReply(isSilent: true)

  static func json(_ body: String) -> MonitorReply {
    MonitorReply(headers: [("Content-Type", "application/json")], body: body)
  }
}

extension MonitorReply {
  /// Faults that every HTTP server can have, with a body that would be a breach.
  init(_ fault: MonitorFault, body: String) {
    self = .json(body)
    switch fault {
    case .badRequest: status = 400
    case .tooManyRequests: status = 429
    case .unavailable: status = 503
    case .redirect:
      status = 302
      headers.append(("Location", "/turning/prometheus/empty/api/v1/query"))
    case .loginPage:
      self = MonitorReply(
        headers: [("Content-Type", "text/html")], body: "<html><form>Log in 9<input name=password></form></html>")
    case .endless:
      self.body += String(repeating: " ", count: 65_536)
      isEndless = true
    // Who cannot be reached any more answers nothing.
    case .silent, .refused, .expired: isSilent = true
    default: break
    }
  }
}

private final class MonitorHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let reply: @Sendable (String) -> MonitorReply
  private var path = ""

  init(_ reply: @escaping @Sendable (String) -> MonitorReply) { self.reply = reply }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): path = String(head.uri.prefix { $0 != "?" })
    case .body: break
    case .end: send(reply(path), context)
    }
  }

  private func send(_ reply: MonitorReply, _ context: ChannelHandlerContext) {
    guard !reply.isSilent else { return }
    var headers = HTTPHeaders(reply.headers)
    let body = context.channel.allocator.buffer(string: reply.body)
    if !reply.isEndless { headers.add(name: "Content-Length", value: "\(body.readableBytes)") }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if reply.isEndless { return sendEndlessly(body, context) }
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// Until the client has left.
  private func sendEndlessly(_ body: ByteBuffer, _ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body)))).whenSuccess {
      let (handler, context) = bound.value
      if context.channel.isActive { handler.sendEndlessly(body, context) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
