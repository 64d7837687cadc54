import NIOCore
import NIOHTTP1
import Synchronization

/// One connection to the proxy, below TLS, where it can be frozen or cut.
final class FaultProxyWire: Sendable {
  private let channel: any Channel
  private let frozen = Mutex(false)

  init(channel: any Channel) { self.channel = channel }

  typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  /// Begins to read; whoever has the connection must run it to its end.
  func open() async throws -> Connection {
    let connection = try await channel.eventLoop.submit { [channel] in
      try Connection(wrappingChannelSynchronously: channel)
    }.get()
    channel.setOption(.autoRead, value: true).whenFailure { _ in }
    return connection
  }

  /// From now on the connection stays open and nothing passes any more, in either direction: half-open for good.
  func freeze() { frozen.withLock { $0 = true } }

  /// Closes the connection without a word of TLS.
  func cut() {
    channel.eventLoop.execute { [channel] in
      let context = try? channel.pipeline.syncOperations.context(handlerType: Handler.self)
      context?.close(promise: nil)
    }
  }

  var handler: Handler { Handler(wire: self) }

  final class Handler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let wire: FaultProxyWire

    init(wire: FaultProxyWire) {
      self.wire = wire
    }

    private var isFrozen: Bool { wire.frozen.withLock { $0 } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      if !isFrozen { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      if isFrozen { promise?.succeed() } else { context.write(data, promise: promise) }
    }
  }
}
