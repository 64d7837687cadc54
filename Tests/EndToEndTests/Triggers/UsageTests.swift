import RollbackCore
import RollbackOperator
import Testing

@Suite("Usage from metrics.k8s.io", .showsLogs, .timeLimitOfQueue)
struct UsageTests {
  private static func release(_ version: Int, _ signal: String, _ value: String) -> Release {
    Release(version: version, annotations: ["simulator.rollback-operator.io/\(signal)": value])
  }

  @Test("Memory that stays above 90 % of the limit is caught, undone, and proven to be gone")
  func memory() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        trial: {window: 10s}
        triggers:
        - {name: memory, interval: 1s, for: 2s, usage: {resource: memory, above: "90%"}}
        """)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(Self.release(2, "memory", "960Mi"))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.value == "93.8%")
      #expect(event.spec.trigger?.threshold == "above 90%")
      try await scene.runs(1)
      try await scene.undone(times: 1)
    }
  }

  @Test("A processor that is used a little too much, at severity Low, is only told")
  func processor() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        trial: {window: 10s}
        triggers:
        - {name: cpu, severity: Low, interval: 1s, for: 2s, usage: {resource: cpu, container: web, above: "0.9"}}
        """)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(Self.release(2, "cpu", "1200m"))
      let event = try await scene.event(.observed)
      #expect(event.spec.trigger?.name == "cpu")
      #expect(event.spec.trigger?.severity == .low)
      #expect(event.spec.trigger?.value == "1.2")
      #expect(try await scene.version() == 2)
      try await scene.undone(times: 0)
    }
  }
}
