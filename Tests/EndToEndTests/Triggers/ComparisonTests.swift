import RollbackCore
import RollbackOperator
import Testing

@Suite("Queries that are compared with the time before the rollout", .showsLogs, .timeLimitOfQueue)
struct ComparisonTests {
  private static let p95 =
    "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{"
    + "namespace=\"{{namespace}}\",deployment=\"{{target}}\"}[5s])))"

  @Test("A p95 of three times what it was before the rollout is caught, undone, and proven to be gone")
  func baseline() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        trial: {window: 12s}
        triggers:
        - name: p95
          interval: 1s
          for: 3s
          query: {promql: '\(Self.p95)', baseline: {window: 10s, above: "3x"}}
        """)
      try await scene.verdict(1, becomes: "Good")
      let before = try await scene.deployment()
      try await scene.rollOutAndWait(
        Release(version: 2, readyAfter: "2s", annotations: ["simulator.rollback-operator.io/latency": "500ms"]))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "p95")
      #expect(event.spec.trigger?.threshold?.hasPrefix("above 3x of 0.0") == true)
      #expect(event.spec.trigger?.message?.contains("of the 10s before the rollout; the limit is 3x") == true)
      #expect(event.status.verification?.last?.check == "trigger p95 cleared")
      let after = try await scene.deployment()
      #expect(DeploymentDifference.template(after) == DeploymentDifference.template(before))
      try await scene.undone(times: 1)
    }
  }
}
