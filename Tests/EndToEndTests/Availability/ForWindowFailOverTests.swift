import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("A breach that has not lasted long enough yet is the next leader's too", .showsLogs, .timeLimit(.minutes(5)))
struct AvailabilityForWindowTests {
  /// Longer than a fail-over takes.
  private static let holds = 15.0
  /// What sampling once a second, and a busy machine, may add.
  private static let late = 5.0

  @Test("Killed in the middle of `for` or not, it is undone at the same moment", arguments: [false, true])
  func undone(isKilled: Bool) async throws {
    try await ScriptedMonitor.run { monitor, address in
      let configuration = { @Sendable (scene: Scene) throws -> String in
        let file = "\(scene.folder)/configuration.yaml"
        try FileSystem.write("sources: [{name: default, prometheus: {address: \"\(address)\"}}]\n", to: file)
        return file
      }
      try await Scene.playReplicas(
        2, environment: { scene, _ in ["ROLLBACK_OPERATOR_CONFIG": try configuration(scene)] }
      ) { scene, replicas in
        try await scene.protect(
          policy: """
            target: {name: web}
            triggers: [{name: errors, interval: 1s, for: \(Int(Self.holds))s, query: {promql: errors, above: 5}}]
            """)
        try await scene.triggersReturnData()
        try await scene.rollOutAndWait(.good(2))
        // What is bad within the second in which a rollout began was there before it.
        try await Task.sleep(for: .seconds(2))
        monitor.play([], rest: true)
        let began = try await eventually("the breach was seen") {
          try await scene.policy(named: "web").status.targets?.first?.triggers?
            .first { $0.state == .breaching }?.since
        }
        if isKilled { await replicas.leader.instance.kill() }
        try await scene.runs(1)
        monitor.play([], rest: false)

        let event = try await scene.event(.recovered)
        let since = try #require(event.spec.trigger?.since)
        #expect(abs(since.timeIntervalSince(began)) < 0.01, "\(since) instead of \(began)")
        let undo = try #require(try scene.writesOfReplicas().first(where: \.isTemplatePatch))
        let after = try #require(Timestamp.date(undo.received)).timeIntervalSince(since)
        #expect((Self.holds...Self.holds + Self.late).contains(after))
        #expect((undo.user == replicas.leader.user) == !isKilled, "\(undo.user)")
        #expect(try scene.writesOfReplicas().count { $0.isTemplatePatch } == 1)
        print("undone \(after) s after the breach began, which had to hold for \(Self.holds) s; killed: \(isKilled)")
      }
    }
  }
}
