import AsyncHTTPClient
import NIOCore
import Synchronization

/// The HTTP clients of one transport: one for each idle time-out, because it is a property of a client.
final class HTTPClients: Sendable {
  private struct State {
    var clients: [Duration?: HTTPClient] = [:]
    var isShutDown = false
  }

  private let state = Mutex(State())
  private let configuration: ClusterConfiguration
  private let purpose: HTTPTransport.Purpose
  private let alerts: TLSAlertNotes

  init(configuration: ClusterConfiguration, purpose: HTTPTransport.Purpose, alerts: TLSAlertNotes) {
    self.configuration = configuration
    self.purpose = purpose
    self.alerts = alerts
  }

  /// - Parameter idleTimeout: rounded up to whole seconds above one second, so that jitter does not make a client each.
  /// - Throws: `HTTPClientError.alreadyShutdown`.
  func client(idleTimeout: Duration?) throws -> HTTPClient {
    let key = idleTimeout.map { $0 <= .seconds(1) ? $0 : .seconds($0.components.seconds + 1) }
    return try state.withLock { state in
      guard !state.isShutDown else { throw HTTPClientError.alreadyShutdown }
      if let client = state.clients[key] { return client }
      let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: clientConfiguration(idleTimeout: key))
      state.clients[key] = client
      return client
    }
  }

  func shutdown() async {
    let clients = state.withLock { state in
      state.isShutDown = true
      defer { state.clients = [:] }
      return Array(state.clients.values)
    }
    for client in clients { try? await client.shutdown() }
  }

  private func clientConfiguration(idleTimeout: Duration?) -> HTTPClient.Configuration {
    var result = HTTPClient.Configuration()
    result.httpVersion = .http1Only
    result.redirectConfiguration = .disallow
    result.decompression = .disabled
    result.timeout = .init(connect: purpose.connectTimeout, read: idleTimeout.map { TimeAmount($0) })
    result.connectionPool.idleTimeout = .seconds(60)
    result.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = purpose.connectionLimit
    // A failed connection is reported at once, with its cause, instead of as a time-out: when to try again is decided
    // above.
    result.connectionPool.retryConnectionEstablishment = false
    if let name = configuration.tlsServerName, name != configuration.server.host {
      result.dnsOverride = [name: configuration.server.host]
    }
    let alerts = alerts
    result.http1_1ConnectionDebugInitializer = { channel in
      channel.eventLoop.submit {
        HTTPConnectionSetup.enableKeepAlive(channel)
        try alerts.watch(channel)
      }
    }
    return result
  }
}
