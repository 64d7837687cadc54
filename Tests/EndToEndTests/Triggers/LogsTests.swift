import RollbackCore
import RollbackOperator
import Testing

@Suite("Lines of logs", .showsLogs, .timeLimitOfQueue)
struct LogsTests {
  @Test("A release that logs errors all the time is caught, undone, and proven to be quiet again")
  func errors() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        trial: {window: 10s}
        triggers:
        - name: errors
          severity: Critical
          interval: 2s
          for: 2s
          logs: {container: web, pattern: '\\b(ERROR|FATAL)\\b', above: "20/min"}
        """)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(
        Release(
          version: 2,
          annotations: ["simulator.rollback-operator.io/log-lines": "ERROR out of cheese\nserved a request"]))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "errors")
      #expect(event.spec.trigger?.threshold == "above 20/min")
      #expect(event.spec.trigger?.value?.hasSuffix("/min") == true)
      try await scene.runs(1)
      try await scene.undone(times: 1)
    }
  }
}
