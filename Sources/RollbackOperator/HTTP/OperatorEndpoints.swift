import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Serves `/healthz`, `/readyz` and `/metrics` until the service group shuts down.
///
/// Plain HTTP without authentication, as probes and scrapers expect: nothing secret is ever answered. Connections are
/// few and short-lived: more than ``connectionLimit`` wait, idle ones are closed.
public struct OperatorEndpoints: Service {
  /// Connections that are served at once.
  public static let connectionLimit = 128

  private let address: ListenAddress
  private let responder: EndpointResponder
  private let logger: Logger
  private let onListening: @Sendable (ListenAddress) async -> Void

  /// - Parameters:
  ///   - address: `http.address` of the configuration; port 0 takes a free one.
  ///   - checks: what `/readyz` asks, in this order.
  ///   - onListening: told where it really listens, once connections are accepted.
  public init(
    address: ListenAddress, checks: [ReadinessCheck], metrics: PrometheusMetrics, logger: Logger,
    onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
  ) {
    self.address = address
    self.responder = EndpointResponder(checks: checks, metrics: metrics)
    self.logger = logger
    self.onListening = onListening
  }

  /// - Throws: ``ListenError`` when the address cannot be listened on.
  public func run() async throws {
    let isListening = Flag()
    var serverLogger = logger
    // What it says at info is said here or by the process already.
    if logger.logLevel > .debug { serverLogger.logLevel = max(logger.logLevel, .warning) }
    let application = Application(
      responder: responder,
      server: .http1(configuration: .init(idleTimeout: .seconds(30))),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: Int(address.port)),
        availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit, logger: serverLogger)),
      onServerRunning: { [address, onListening] channel in
        isListening.set()
        let port = channel.localAddress?.port.flatMap { UInt16(exactly: $0) } ?? address.port
        await onListening(ListenAddress(host: address.host, port: port))
      },
      logger: serverLogger)
    do {
      try await application.run()
    } catch  where !isListening.isSet && !(error is CancellationError) {
      throw ListenError(address: address, reason: Self.reason(error))
    }
  }

  private static func reason(_ error: any Error) -> String {
    // Without the name of the system call and its arguments.
    guard let error = error as? IOError, let text = strerror(error.errnoCode) else { return ErrorText.oneLine(error) }
    return String(cString: text)
  }

  private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }
}

/// The operator's endpoints cannot listen where the configuration says.
public struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
  public var address: ListenAddress
  public var reason: String

  public var description: String {
    let key = ConfigurationKey.httpAddress
    return "\(key.path): cannot listen on \(address) (\(reason)); free the address or write another with --\(key.flag)"
  }
}
