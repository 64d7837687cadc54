import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

/// A real Prometheus that is stopped, which the others' one may not be.
@Suite("Prometheus goes away in the middle", .ownWorld, .showsLogs, .timeLimitOfQueue)
struct MonitorOutageTests {
  @Test("A breach neither counts nor is forgotten, and a rollback is not called recovered, until it is back")
  func outage() async throws {
    let world = try OwnWorld.ofSuite
    let prometheus = try await world.cluster.startPrometheus(PrometheusOptions(scrapeInterval: .milliseconds(500)))
    try await Scene.play(in: world, startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics(address: prometheus.address)
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        triggers:
        - {name: error-rate, interval: 1s, for: 6s, query: {promql: '\(Scene.errorRate())', above: "5%"}}
        """)
      try await scene.triggersReturnData()
      try await scene.rollOutAndWait(.failing(2))
      let since = try await eventually("the breach was seen") {
        try await scene.policy(named: "web").status.targets?.first?.triggers?.first { $0.state == .breaching }?.since
      }

      await prometheus.stop()
      let condition = try await scene.policyCondition("TriggersHealthy", is: .false)
      #expect(condition.message.contains("trigger error-rate of web"))
      try await eventually("the breach would count") {
        Progress(since.addingTimeInterval(9) < Date(), "\(since)")
      }
      #expect(try await scene.events().isEmpty)
      #expect(try await scene.version() == 2)
      let kept = try await scene.policy(named: "web").status.targets?.first?.triggers?.first
      #expect(kept?.state == .breaching && kept?.since == since, "\(String(describing: kept))")

      try await prometheus.start()
      try await scene.runs(1)
      await prometheus.stop()
      try await scene.rolledOut()
      try await scene.policyCondition("TriggersHealthy", is: .false)
      #expect(try await scene.events().map(\.status.outcome) == [nil])
      try await prometheus.start()
      let event = try await scene.event(.recovered)
      #expect(event.status.verification?.last?.check == "trigger error-rate cleared")
      try await scene.undone(times: 1)
    }
  }
}
