import NIOCore
import NIOHTTP1
import NIOSSL
import SwiftASN1
import X509

/// What each path of an ``OutboundTestServer`` does.
///
/// `/echo` answers with the method and the body; `/status/N` with that status, a Location and the body `leaked`;
/// `/hang` with nothing; `/trickle` with a head, one byte and then nothing; `/endless` without end; `/huge` claims a
/// GiB; `/gzip` claims to be compressed; `/half` and `/close` break off; `/garbage` is no HTTP.
final class OutboundTestRoutes: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let log: OutboundTestServer.Log
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()
  private var isEndless = false

  init(log: OutboundTestServer.Log) {
    self.log = log
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body.clear()
    case .body(var part): body.writeBuffer(&part)
    case .end:
      guard let head else { return }
      let fields = head.headers.map { ($0.name.lowercased(), $0.value) }
      log.add(
        .init(
          method: head.method.rawValue, uri: head.uri, headers: Dictionary(fields) { "\($0), \($1)" },
          client: clientName(context)))
      answer(head, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if isEndless { pour(context) }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch head.uri.split(separator: "?").first.map(String.init) ?? "" {
    case "/hang": break
    case "/trickle":
      start(context)
      write(context, ".")
    case "/endless":
      start(context)
      isEndless = true
      pour(context)
    case "/huge":
      start(context, ["Content-Length": "\(1 << 30)"])
      write(context, "leaked")
    case "/gzip":
      start(context, ["Content-Encoding": "gzip", "Content-Length": "4"])
      write(context, "\u{1F}\u{0B}\u{08}\u{00}")
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    case "/half":
      start(context, ["Content-Length": "100"])
      write(context, "leaked")
      context.close(promise: nil)
    case "/close": context.close(promise: nil)
    case "/garbage":
      let junk = ByteBuffer(string: "leaked, this is no HTTP\r\n\r\n")
      garbage(context, junk)
    case let path where path.hasPrefix("/status/"):
      let status = HTTPResponseStatus(statusCode: Int(path.dropFirst(8)) ?? 500)
      whole(context, status, "leaked", ["Location": "http://127.0.0.1/leaked", "Content-Type": "text/leaked"])
    default:
      let text = "\(head.method.rawValue) \(String(buffer: body))"
      whole(context, .ok, head.method == .HEAD ? "" : text, ["Content-Type": "text/plain"])
    }
  }

  private func clientName(_ context: ChannelHandlerContext) -> String? {
    guard let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self),
      let bytes = try? tls.peerCertificate?.toDERBytes(), let certificate = try? Certificate(derEncoded: bytes)
    else { return nil }
    return "\(certificate.subject)"
  }

  private func pour(_ context: ChannelHandlerContext) {
    let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 64 * 1_024)
    while context.channel.isActive, context.channel.isWritable {
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: nil)
    }
  }

  private func garbage(_ context: ChannelHandlerContext, _ bytes: ByteBuffer) {
    guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
      return
    }
    encoder.writeAndFlush(NIOAny(bytes), promise: nil)
  }

  private func start(
    _ context: ChannelHandlerContext, _ fields: [String: String] = [:], status: HTTPResponseStatus = .ok
  ) {
    var headers = HTTPHeaders()
    for (name, value) in fields { headers.add(name: name, value: value) }
    context.writeAndFlush(
      wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
  }

  private func write(_ context: ChannelHandlerContext, _ text: String) {
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
  }

  private func whole(
    _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ text: String, _ fields: [String: String]
  ) {
    start(context, fields.merging(["Content-Length": "\(text.utf8.count)"]) { $1 }, status: status)
    if !text.isEmpty { write(context, text) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
