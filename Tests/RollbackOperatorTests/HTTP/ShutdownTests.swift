import KubernetesClient
import Logging
import ServiceLifecycle
import Testing

@testable import RollbackOperator

@Suite("Ending the operator")
struct ShutdownTests {
  /// An API server that takes requests and never answers.
  private struct SilentTransport: Transport {
    let requests: AsyncStream<Void>.Continuation

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
      requests.yield()
      try? await Task.sleep(for: .seconds(3_600))
      throw TransportError(.cancelled, requestMayHaveBeenSent: true, message: "cancelled")
    }

    func stream(
      _ request: TransportRequest, idleTimeout: Duration,
      onResponse: (TransportResponse) async throws(TransportError) -> Bool,
      onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
    ) async throws(TransportError) -> TransportResponse {
      try await send(request)
    }
  }

  private struct NobodyThere: OutboundTransport {
    func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
      throw OutboundError(.connect, "nobody is there")
    }
  }

  @Test("Who has not synced yet, or stands by, ends at once and without an error", .timeLimit(.minutes(5)))
  func beforeSync() async throws {
    let (requests, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let client = KubernetesClient(transport: SilentTransport(requests: continuation), logger: logger)
    let parts = Operator(
      configuration: OperatorConfiguration(),
      clients: Operator.Clients(watches: client, requests: client, lease: client),
      identity: Operator.Identity(holder: "test", namespace: "ops"),
      metrics: OperatorMetrics(factory: PrometheusMetrics(includesProcess: false)), outbound: NobodyThere(),
      logger: logger)
    let group = ServiceGroup(services: parts.services, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      for await _ in requests { break }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }
}
