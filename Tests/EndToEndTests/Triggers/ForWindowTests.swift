import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("A breach must hold for as long as the policy says", .showsLogs, .timeLimitOfQueue)
struct ForWindowTests {
  private static let interval = 2.0
  /// Longer than four samples, shorter than six.
  private static let holds = 9.0

  private static let policy = """
    target: {name: web}
    triggers: [{name: errors, interval: 2s, for: 9s, query: {promql: errors, above: 5}}]
    """

  @Test("Four bad samples, a good one and four bad ones are no breach; six bad ones are, from the first of them on")
  func breaks() async throws {
    try await ScriptedMonitor.run { monitor, address in
      try await Scene.play(startsOperator: false) { scene in
        try await scene.startOperatorWithMetrics(address: address)
        try await scene.deploy()
        try await scene.policy(Self.policy)
        try await scene.triggersReturnData()
        try await scene.rollOutAndWait(.good(2))
        let bad = Array(repeating: true, count: 4)
        monitor.play(bad + [false] + bad + [false], rest: true)

        try await eventually("the second pause is over") { Progress(monitor.answers.count > 10, "\(monitor.answers)") }
        #expect(try await scene.events().isEmpty)
        #expect(try await scene.version() == 2)

        try await scene.runs(1)
        let run = monitor.answers.dropFirst(10)
        monitor.play([], rest: false)
        let event = try await scene.event(.recovered)
        let first = try #require(run.first).at
        let since = try #require(event.spec.trigger?.since)
        #expect(abs(since.timeIntervalSince(first)) < 0.01, "\(since) instead of \(first)")
        // As a sample may be late, or the next be taken before the undo has arrived.
        #expect((5...7).contains(run.count), "\(run)")
        #expect(try #require(run.last).at.timeIntervalSince(first) >= Self.holds)
        #expect(event.spec.trigger?.value == "9" && event.spec.trigger?.threshold == "above 5")
        try await scene.undone(times: 1)
      }
    }
  }
}
