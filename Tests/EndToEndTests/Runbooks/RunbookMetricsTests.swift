import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// Rows of runbooks that ask a metrics server, each by the example that a reader would take.
@Suite("Examples for metrics", .showsLogs, .timeLimitOfQueue)
struct RunbookMetricsTests {
  @Test("An error rate above 5 % is undone, one below it becomes Good")
  func errorRate() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.apply(
        Example("error-rate"), "interval: 15s → 1s", "for: 2m → 3s", "for: 1m → 3s", "[1m] → [5s]")
      try await scene.triggersReturnData()
      try await scene.rollOutAndWait(.signalling(2, ["error-rate": "0.04"]))
      try await scene.rollOutAndWait(.signalling(3, ["error-rate": "0.08"]))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "error-rate" && event.spec.trigger?.threshold == "above 5%")
      #expect(event.spec.trigger?.severity == .critical)
      #expect(event.status.from?.images == ["web:3", "sidecar:1"])
      #expect(try await scene.version() == 2)
      #expect(try await scene.events().count == 1, "4 % was let be")
      try await scene.undone(times: 1)
    }
  }

  /// How long requests take, the limit that this is above, and what is done.
  static let latencies: [(String, String, Bool)] = [
    ("4s", "above 3s", true), ("200ms", "above 3x of 0.0", true), ("35ms", "above +50% of 0.02", false),
  ]

  @Test("A latency above three seconds, above three times and above 1.5 times what is normal", arguments: latencies)
  func latency(latency: String, threshold: String, isUndone: Bool) async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.applyWhenProven(
        Example("latency"), "interval: 15s → 1s", "for: 1m → 2s", "for: 5m → 10s", "[1m] → [5s]", "window: 30m → 8s",
        window: "10s")
      try await scene.rollOutAndWait(.signalling(2, ["latency": latency]))
      if isUndone {
        let event = try await scene.event(.recovered, trigger: "p95")
        #expect(
          event.spec.trigger?.threshold?.hasPrefix(threshold) == true, "\(String(describing: event.spec.trigger))")
        #expect(try await scene.version() == 1)
      } else {
        let question = try await scene.question()
        #expect(question.spec.trigger?.name == "mean" && question.spec.trigger?.severity == .medium)
        #expect(
          question.spec.trigger?.threshold?.hasPrefix(threshold) == true, "\(String(describing: question.spec.trigger))"
        )
        #expect(try await scene.version() == 2)
      }
      try await scene.undone(times: isUndone ? 1 : 0)
    }
  }

  private static func database(_ version: Int, used: Int = 40, hits: Double = 9, failedLogins: Double = 0) -> Release {
    var release = Release.signalling(
      version,
      [
        "metrics": """
        db_connections_in_use \(used)
        db_connections_max 100
        cache_hits_total \(hits)
        cache_requests_total 10
        logins_failed_total \(failedLogins)
        """
      ])
    // Gauges are there also before a pod is ready.
    release.failAfter = "2s"
    return release
  }

  @Test("Connections, cache and logins: undone, asked about or only told, as grave as each is")
  func database() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy(Workload(release: Self.database(1)))
      try await scene.applyWhenProven(
        Example("database-and-logins"), "interval: 15s → 1s", "for: 1m → 2s", "for: 5m → 10s", "[1m] → [5s]",
        window: "10s")

      // 60 a minute of each of two pods.
      try await scene.rollOutAndWait(Self.database(2, failedLogins: 1))
      let told = try await scene.event(.observed, trigger: "failed-logins")
      #expect(told.spec.trigger?.threshold == "above 50/min" && told.spec.trigger?.severity == .low)
      #expect(told.spec.trigger?.value?.hasSuffix("/min") == true)

      try await scene.rollOutAndWait(Self.database(3, used: 85))
      let question = try await scene.question()
      #expect(question.spec.trigger?.name == "connections-scarce" && question.spec.trigger?.value == "85%")
      #expect(try await scene.version() == 3)

      try await scene.rollOutAndWait(Self.database(4, hits: 4))
      let cache = try await scene.event(.recovered, trigger: "cache-hit-rate")
      #expect(cache.spec.trigger?.threshold == "below 50%")
      #expect(try await scene.version() == 1)

      try await scene.rollOutAndWait(Self.database(5, used: 95))
      let exhausted = try await scene.event(.recovered, trigger: "connections-exhausted")
      #expect(exhausted.spec.trigger?.value == "95%" && exhausted.spec.trigger?.threshold == "above 90%")
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 2)
    }
  }

  @Test("An alert that fires already is a breach")
  func alert() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.apply(Example("firing-alert"), "interval: 15s → 1s")
      try await scene.triggersReturnData()
      try await scene.rollOutAndWait(.signalling(2, ["error-rate": "0.5"]))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "high-error-rate" && event.spec.trigger?.severity == .critical)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }
}
