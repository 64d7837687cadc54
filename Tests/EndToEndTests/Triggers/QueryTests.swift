import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("Queries to a real Prometheus", .showsLogs, .timeLimitOfQueue)
struct QueryTests {
  private static func policy(_ more: String = "", promql: String = Scene.errorRate()) -> String {
    """
    target: {name: web}
    trial: {window: 12s}
    triggers:
    - name: error-rate
      severity: Critical
      interval: 1s
      for: 3s
      query: {promql: '\(promql)', above: "5%"}
    \(more)
    """
  }

  @Test("An error rate that stays high is caught through Prometheus, undone, and proven to be gone")
  func errorRate() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.policy(Self.policy())
      try await scene.verdict(1, becomes: "Good")
      let before = try await scene.deployment()
      try await scene.rollOutAndWait(.failing(2))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "error-rate")
      #expect(event.spec.trigger?.severity == .critical)
      #expect(event.spec.trigger?.threshold == "above 5%")
      #expect(event.spec.trigger?.value?.hasSuffix("%") == true)
      #expect(event.status.verification?.last?.check == "trigger error-rate cleared")
      let after = try await scene.deployment()
      #expect(DeploymentDifference.template(after) == DeploymentDifference.template(before))
      #expect(DeploymentDifference.rest(after) == DeploymentDifference.rest(before))
      try await scene.undone(times: 1)
    }
  }
}
