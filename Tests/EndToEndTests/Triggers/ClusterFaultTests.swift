import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Synchronization
import Testing

/// What the API server, or what serves `metrics.k8s.io` and logs behind it, may do wrong for those who ask it.
@Suite("When usage, logs and smoke tests cannot be read", .showsLogs, .timeLimitOfQueue)
struct ClusterFaultTests {
  /// What is answered to a question, and words of what the condition says.
  static let faults: [(FaultAction, String)] = [
    (.refuse(status: 503, reason: "", retryAfter: nil), "trigger memory of web: metrics.k8s.io does not answer"),
    (
      .refuse(status: 403, reason: "Forbidden", retryAfter: nil), "trigger lines of web: the operator may not read logs"
    ),
    (.refuse(status: 404, reason: "", retryAfter: nil), "trigger memory of web: metrics.k8s.io is not served"),
    (.refuse(status: 429, reason: "TooManyRequests", retryAfter: 1), "trigger smoke of web"),
    (.drop, "trigger lines of web"),
  ]

  /// With another interval: triggers that ask for the same share what was read.
  private static let later = """
    target: {name: web}
    triggers:
    - {name: memory-later, interval: 2s, for: 1h, usage: {resource: memory, above: "90%"}}
    - {name: lines-later, interval: 2s, for: 1h, logs: {pattern: ERROR, above: 20/min}}
    """

  private static let now = """
    target: {name: web}
    triggers:
    - {name: memory, interval: 1s, for: 2s, usage: {resource: memory, above: "90%"}}
    - {name: lines, interval: 1s, for: 2s, logs: {pattern: ERROR, above: 20/min}}
    - name: smoke
      interval: 1s
      job: {template: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: smoke, image: "smoke:1"}]}}}}}
    """

  @Test("Nothing is done and nothing is forgotten; when they can be read again, the breach counts")
  func faults() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.deploy()
      try await scene.policy(Self.later, name: "later")
      try await scene.rollOutAndWait(.signalling(2, ["memory": "960Mi", "log-lines": "ERROR out of cheese"]))
      let before = try await eventually("both breach") {
        try await scene.policy(named: "later").status.targets?.first?.triggers
      } where: {
        $0.count == 2 && $0.allSatisfy { $0.state == .breaching }
      }

      for (index, (fault, says)) in Self.faults.enumerated() {
        proxy.setRule { $0.isMeasurement ? fault : .forward }
        if index == 0 { try await scene.policy(Self.now, name: "now") }
        let begin = Date()
        try await eventually("the condition says \(says), for longer than the breach would have to last") {
          let status = try await scene.policy(named: "now").status
          let message = status.conditions?["TriggersHealthy"]?.message ?? ""
          let states = status.targets?.first?.triggers?.map(\.state) ?? []
          return Progress(
            message.contains(says) && states.allSatisfy { $0 == .error } && Date() > begin.addingTimeInterval(4),
            "\(states) \(message)")
        }
      }
      let after = try await scene.policy(named: "later").status.targets?.first?.triggers ?? []
      #expect(after.map(\.state) == before.map(\.state) && after.map(\.since) == before.map(\.since), "\(after)")
      #expect(try await scene.events().isEmpty)
      #expect(try await scene.verdict(2) == nil)
      #expect(try await scene.jobCount() == 0)

      proxy.setRule { _ in .forward }
      try await scene.runs(1)
      let event = try await scene.event(.recovered)
      #expect(["memory", "lines"].contains(event.spec.trigger?.name))
      try await scene.undone(times: 1)
    }
  }
}

extension FaultRequest {
  /// Whether it asks for usage, logs or a smoke test.
  fileprivate var isMeasurement: Bool {
    path.hasPrefix("/apis/metrics.k8s.io/") || path.hasSuffix("/log") || path.hasPrefix("/apis/batch/")
  }
}

extension Scene {
  fileprivate func jobCount() async throws -> Int {
    try await client.listValues(.jobs, namespace: namespace).count
  }
}
