import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("Smoke tests", .showsLogs, .timeLimitOfQueue)
struct JobTests {
  /// The smoke test fails or passes for every release; which, is said by the behaviour.
  private static func policy(_ behaviour: String, more: String = "") -> String {
    """
    target: {name: web}
    trial: {window: 8s}
    verification: {timeout: 20s}
    \(more)
    triggers:
    - name: smoke
      interval: 1s
      job:
        timeout: 1m
        template:
          spec:
            template:
              metadata:
                annotations:
                  simulator.rollback-operator.io/behaviour: \(behaviour)
                  simulator.rollback-operator.io/ready-after: 1s
              spec:
                restartPolicy: Never
                containers: [{name: smoke, image: "smoke:1"}]
    """
  }

  private static func jobs(_ scene: Scene) async throws -> [JSONValue] {
    try await scene.client.listValues(.jobs, namespace: scene.namespace)
  }

  @Test("A release that passes its smoke test becomes Good, and each rollout is tested once")
  func passes() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.policy("Succeed"))
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(.good(2))
      try await scene.verdict(2, becomes: "Good")
      let jobs = try await Self.jobs(scene)
      #expect(jobs.count == 2)
      #expect(jobs.allSatisfy { $0.at("/status/succeeded")?.int == 1 })
      #expect(jobs.allSatisfy { $0.at("/metadata/ownerReferences/0/kind")?.string == "ReplicaSet" })
      try await scene.policyCondition("TriggersHealthy", is: .true)
      try await scene.undone(times: 0)
    }
  }

  @Test("A release whose smoke test fails is undone, and what is returned to is tested as well")
  func fails() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.policy("Succeed"))
      try await scene.verdict(1, becomes: "Good")
      try await scene.policy(Self.policy("Fail"))
      try await scene.rollOutAndWait(.good(2))
      try await scene.runs(1)
      // The test fails for every release: it is not the release's fault, and the event says that nothing got better.
      let event = try await scene.event(.notRecovered)
      #expect(event.spec.trigger?.name == "smoke")
      #expect(event.spec.trigger?.value == "failed")
      #expect(event.spec.trigger?.threshold == "succeeded")
      try await scene.undone(times: 1)
    }
  }

  @Test("In mode Observe no Job is made")
  func observes() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.policy("Fail", more: "mode: Observe"))
      try await eventually("the trigger says why it says nothing") {
        let state = try await scene.policy(named: "web").status.targets?.first?.triggers?.first?.state
        return Progress(state == .noData, "\(state as Any)")
      }
      #expect(try await Self.jobs(scene).isEmpty)
    }
  }
}
