import KubernetesClient
import LocalCluster
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An API server's front door that fails on purpose: it speaks HTTPS with the API server's own certificate, demands the
/// operator's client certificate, and passes everything on as one user, unless it is told otherwise.
final class FaultProxy: Sendable {
  typealias Rule = @Sendable (FaultRequest) async -> FaultAction

  private struct State {
    var rule: Rule = { _ in .forward }
    var requests: [FaultRequest] = []
    var writes = 0
    var wires: [ObjectIdentifier: FaultProxyWire] = [:]
    var freezesNewOnes = false
  }

  private let upstream: HTTPTransport
  private let state = Mutex(State())
  let port: Int

  /// Where the operator finds it.
  var address: String { "https://127.0.0.1:\(port)" }

  /// Runs a proxy before a cluster's API server for as long as `body` runs.
  ///
  /// - Parameter kubeconfig: as whom it passes requests on; `nil` for the user `operator`.
  static func run(
    before cluster: LocalCluster, as kubeconfig: String? = nil, _ body: (FaultProxy) async throws -> Void
  ) async throws {
    let configuration = try ClusterConfiguration.load(
      explicitPath: kubeconfig ?? cluster.operatorKubeconfig, environment: [:])
    let logger = Logger(label: "proxy") { _ in SwiftLogNoOpLogHandler() }
    let upstream = HTTPTransport(
      configuration: configuration, credentials: Credentials(configuration: configuration, logger: logger),
      purpose: .watches, logger: logger)
    let outcome: Result<Void, any Error>
    do {
      try await serve(upstream, tls: serverContext(cluster), body)
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await upstream.shutdown()
    try outcome.get()
  }

  private static func serve(
    _ upstream: HTTPTransport, tls: NIOSSLContext, _ body: (FaultProxy) async throws -> Void
  ) async throws {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      // Nothing is read before somebody is there to read it.
      .childChannelOption(.autoRead, value: false)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          let wire = FaultProxyWire(channel: channel)
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(wire.handler)
          try pipeline.addHandler(NIOSSLServerHandler(context: tls))
          try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
          return wire
        }
      }
    let proxy = FaultProxy(upstream: upstream, port: server.channel.localAddress?.port ?? 0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await proxy.accept(server) }
      defer {
        proxy.cut()
        group.cancelAll()
      }
      try await body(proxy)
    }
  }

  private init(upstream: HTTPTransport, port: Int) {
    self.upstream = upstream
    self.port = port
  }

  private static func serverContext(_ cluster: LocalCluster) throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMFile("\(cluster.folder)/pki/apiserver.crt")
    let key = try NIOSSLPrivateKey(file: "\(cluster.folder)/pki/apiserver.key", format: .pem)
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    tls.certificateVerification = .noHostnameVerification
    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(cluster.trustBundle.utf8)))
    return try NIOSSLContext(configuration: tls)
  }

  // MARK: what a test does

  /// From now on this decides about every request; a rule may take its time, its request waits.
  func setRule(_ rule: @escaping Rule) { state.withLock { $0.rule = rule } }

  /// Every request so far, in the order of arrival.
  var requests: [FaultRequest] { state.withLock { $0.requests } }

  /// The operator's writes so far; those that were not passed on too.
  var writes: [FaultRequest] { requests.filter { $0.writeNumber > 0 } }

  /// All connections fall silent for good but stay open; new ones too, until ``thaw()``.
  func freeze() {
    let wires = state.withLock { state in
      state.freezesNewOnes = true
      return Array(state.wires.values)
    }
    for wire in wires { wire.freeze() }
  }

  /// New connections work again; frozen ones stay frozen.
  func thaw() { state.withLock { $0.freezesNewOnes = false } }

  /// Closes all connections.
  func cut() {
    for wire in state.withLock({ Array($0.wires.values) }) { wire.cut() }
  }

  /// Connections at the moment.
  var connectionCount: Int { state.withLock { $0.wires.count } }

  // MARK: connections

  private func accept(_ server: NIOAsyncChannel<FaultProxyWire, Never>) async {
    await withDiscardingTaskGroup { group in
      try? await server.executeThenClose { wires in
        for try await wire in wires {
          let isFrozen = state.withLock { state in
            state.wires[ObjectIdentifier(wire)] = wire
            return state.freezesNewOnes
          }
          if isFrozen { wire.freeze() }
          group.addTask { [self] in
            await FaultProxyConnection(proxy: self, upstream: upstream, wire: wire).run()
            _ = state.withLock { $0.wires.removeValue(forKey: ObjectIdentifier(wire)) }
          }
        }
      }
      group.cancelAll()
    }
  }

  /// Takes note of a request and says what becomes of it.
  func judge(_ request: FaultRequest) async -> FaultAction {
    var request = request
    let rule = state.withLock { [write = request.write] state in
      if write != nil { state.writes += 1 }
      request.writeNumber = write == nil ? 0 : state.writes
      state.requests.append(request)
      return state.rule
    }
    return await rule(request)
  }
}
