import NIOCore
import NIOSSL
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is done to each new connection.
enum HTTPConnectionSetup {
  /// Lets the kernel probe an idle peer, so that a machine that is gone is noticed within 15 s, and one that does not
  /// acknowledge what was sent as well. Must run on the channel's event loop.
  static func enableKeepAlive(_ channel: any Channel) {
    guard let options = channel.syncOptions else { return }
    try? options.setOption(.socketOption(.so_keepalive), value: 1)
    #if os(Linux)
      for (name, value) in [(TCP_KEEPIDLE, 5), (TCP_KEEPINTVL, 3), (TCP_KEEPCNT, 3), (TCP_USER_TIMEOUT, 14_000)] {
        try? options.setOption(.socket(SocketOptionLevel(IPPROTO_TCP), name), value: SocketOptionValue(value))
      }
    #endif
  }
}

/// Remembers why a TLS session was ended, because the HTTP client itself often sees no more than a closed connection.
///
/// With TLS 1.3 a server refuses a client certificate after the client's side of the handshake is done, by an alert
/// that comes in place of the answer.
final class TLSAlertNotes: Sendable {
  private let notes = Mutex<(count: Int, latest: String)>((0, ""))

  /// To be given to ``latest(since:)`` later.
  var mark: Int { notes.withLock { $0.count } }

  /// The last alert after `mark`; it may have been on another connection of the same transport.
  func latest(since mark: Int) -> String? {
    notes.withLock { $0.count > mark ? $0.latest : nil }
  }

  func take(_ error: any Error) {
    let text = "\(error)"
    guard text.contains("ALERT") else { return }
    notes.withLock { $0 = ($0.count + 1, text) }
  }

  /// Looks at the errors of a connection, directly behind its TLS handler. Must run on the channel's event loop.
  func watch(_ channel: any Channel) throws {
    let pipeline = channel.pipeline.syncOperations
    guard let tls = try? pipeline.handler(type: NIOSSLClientHandler.self) else { return }
    try pipeline.addHandler(ErrorListener(notes: self), position: .after(tls))
  }

  private final class ErrorListener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let notes: TLSAlertNotes

    init(notes: TLSAlertNotes) {
      self.notes = notes
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      notes.take(error)
      context.fireErrorCaught(error)
    }
  }
}
