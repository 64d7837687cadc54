import AsyncHTTPClient
import CoreMetrics
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import Testing

@testable import RollbackOperator

@Suite("Health and metrics endpoints", .timeLimit(.minutes(2)))
struct EndpointTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs the endpoints on a free loopback port around `body`, and waits for their end.
  private func withEndpoints(
    checks: [ReadinessCheck] = [], metrics: PrometheusMetrics = PrometheusMetrics(includesProcess: false),
    _ body: @Sendable (String) async throws -> Void
  ) async throws {
    let (addresses, continuation) = AsyncStream.makeStream(of: ListenAddress.self, bufferingPolicy: .bufferingNewest(1))
    let endpoints = OperatorEndpoints(
      address: ListenAddress(host: "127.0.0.1", port: 0), checks: checks, metrics: metrics, logger: Self.quiet,
      onListening: { continuation.yield($0) })
    let group = ServiceGroup(services: [endpoints], logger: Self.quiet)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      for await address in addresses {
        #expect(address.port != 0)
        try await body("http://\(address)")
        break
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  private static func get(
    _ url: String, method: HTTPMethod = .GET
  ) async throws -> (status: UInt, body: String, headers: HTTPHeaders) {
    var request = HTTPClientRequest(url: url)
    request.method = method
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
    let body = try await response.body.collect(upTo: 1_024 * 1_024)
    return (response.status.code, String(buffer: body), response.headers)
  }

  @Test("A process that answers is healthy, ready or not")
  func health() async throws {
    try await withEndpoints(checks: [ReadinessCheck("caches") { .notReady("waiting") }]) { base in
      let answer = try await Self.get(base + "/healthz")
      #expect(answer.status == 200)
      #expect(answer.body == "ok\n")
      #expect(answer.headers.first(name: "content-type") == "text/plain; charset=utf-8")
    }
  }

  @Test("Ready is when every check says so, and each is listed")
  func readiness() async throws {
    let isSynced = Flag()
    let checks = [
      ReadinessCheck("caches") { isSynced.isSet ? .ready : .notReady("waiting for deployments") },
      ReadinessCheck("lease") { .readyAnd("standing by") },
    ]
    try await withEndpoints(checks: checks) { base in
      let early = try await Self.get(base + "/readyz")
      #expect(early.status == 503)
      #expect(early.body == "[-]caches not ready: waiting for deployments\n[+]lease ok: standing by\nnot ready\n")
      isSynced.set()
      let late = try await Self.get(base + "/readyz?verbose")
      #expect(late.status == 200)
      #expect(late.body == "[+]caches ok\n[+]lease ok: standing by\nready\n")
    }
  }

  @Test("A scrape gets the metrics with their content type")
  func metrics() async throws {
    let metrics = PrometheusMetrics(includesProcess: false)
    Counter(label: "answers_total", factory: metrics).increment(by: 42)
    try await withEndpoints(metrics: metrics) { base in
      let answer = try await Self.get(base + "/metrics")
      #expect(answer.status == 200)
      #expect(answer.headers.first(name: "content-type") == "text/plain; version=0.0.4; charset=utf-8")
      #expect(answer.body == "# TYPE answers_total counter\nanswers_total 42\n")
    }
  }

  @Test("Other paths are not found, other methods not allowed")
  func refusals() async throws {
    try await withEndpoints { base in
      for path in ["/", "/healthz/", "/healthzz", "/metrics/../healthz", "/debug/pprof", "/%68ealthz"] {
        #expect(try await Self.get(base + path).status == 404, "\(path)")
      }
      for path in ["/healthz", "/readyz", "/metrics"] {
        for method in [HTTPMethod.POST, .PUT, .DELETE, .PATCH, .OPTIONS] {
          let answer = try await Self.get(base + path, method: method)
          #expect(answer.status == 405, "\(method) \(path)")
          #expect(answer.headers.first(name: "allow") == "GET")
        }
      }
    }
  }

  @Test("An address that is taken is named with its key and the remedy, and is unusable configuration")
  func taken() async throws {
    try await withEndpoints { base in
      let port = try #require(base.split(separator: ":").last.flatMap { UInt16($0) })
      let second = OperatorEndpoints(
        address: ListenAddress(host: "127.0.0.1", port: port), checks: [],
        metrics: PrometheusMetrics(includesProcess: false), logger: Self.quiet)
      let error = try await #require(throws: ListenError.self) { try await second.run() }
      #expect(error.description.hasPrefix("http.address: cannot listen on 127.0.0.1:\(port) ("))
      #expect(error.description.contains("in use"))
      #expect(error.description.hasSuffix("); free the address or write another with --http-address"))
      #expect(ExitStatus(error) == .unusableConfiguration)
    }
  }

  @Test("A host that is not one of this machine's is named")
  func foreign() async throws {
    let endpoints = OperatorEndpoints(
      address: ListenAddress(host: "192.0.2.1", port: 0), checks: [],
      metrics: PrometheusMetrics(includesProcess: false), logger: Self.quiet)
    let error = try await #require(throws: ListenError.self) { try await endpoints.run() }
    #expect(error.description.hasPrefix("http.address: cannot listen on 192.0.2.1:0 ("))
  }

  private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }
}
