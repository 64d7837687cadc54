import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// A small HTTP server on a loopback port whose paths misbehave in useful ways.
final class OutboundTestServer: Sendable {
  /// One request as it came in.
  struct Seen: Sendable {
    var method: String
    var uri: String
    var headers: [String: String]
    var client: String?
  }

  private let channel: any Channel
  private let log: Log

  var port: Int { channel.localAddress?.port ?? 0 }
  var seen: [Seen] { log.seen.withLock { $0 } }
  /// Connections that were made, whether or not something was asked on them.
  var connections: Int { log.connections.withLock { $0 } }

  final class Log: Sendable {
    let seen = Mutex<[Seen]>([])
    let connections = Mutex(0)
    private let waiters = Mutex<[(count: Int, continuation: CheckedContinuation<Void, Never>)]>([])

    func add(_ request: Seen) {
      let count = seen.withLock { seen in
        seen.append(request)
        return seen.count
      }
      let due = waiters.withLock { waiters in
        let due = waiters.filter { $0.count <= count }
        waiters.removeAll { $0.count <= count }
        return due
      }
      for waiter in due { waiter.continuation.resume() }
    }

    func wait(for count: Int) async {
      await withCheckedContinuation { continuation in
        waiters.withLock { $0.append((count, continuation)) }
        if seen.withLock({ $0.count >= count }) {
          let mine = waiters.withLock { waiters in
            let due = waiters.filter { $0.count <= count }
            waiters.removeAll { $0.count <= count }
            return due
          }
          for waiter in mine { waiter.continuation.resume() }
        }
      }
    }
  }

  /// Waits until so many requests have come.
  func waitForRequests(_ count: Int) async { await log.wait(for: count) }

  /// - Parameters:
  ///   - identity: the server's own; `nil` for plain HTTP.
  ///   - clientAuthority: who must have signed the client's certificate; `nil`: none is asked for.
  static func run<Result>(
    identity: OutboundTestIdentity? = nil, clientAuthority: OutboundTestAuthority? = nil,
    _ body: (OutboundTestServer) async throws -> Result
  ) async throws -> Result {
    var context: NIOSSLContext?
    if let identity {
      let chain = try NIOSSLCertificate.fromPEMBytes(identity.certificate)
      var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem)))
      if let clientAuthority {
        tls.certificateVerification = .noHostnameVerification
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(clientAuthority.pem))
      }
      context = try NIOSSLContext(configuration: tls)
    }
    let log = Log()
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { [context] channel in
        channel.eventLoop.makeCompletedFuture {
          log.connections.withLock { $0 += 1 }
          let pipeline = channel.pipeline.syncOperations
          if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(OutboundTestRoutes(log: log))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let server = OutboundTestServer(channel: channel, log: log)
    do {
      let result = try await body(server)
      try await channel.close()
      return result
    } catch {
      try? await channel.close()
      throw error
    }
  }

  private init(channel: any Channel, log: Log) {
    self.channel = channel
    self.log = log
  }
}
