import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("Triggers that count at any time", .showsLogs, .timeLimitOfQueue)
struct AlwaysTests {
  private static let policy = """
    target: {name: web}
    trial: {window: 4s}
    triggers: [{name: pods, during: Always, actions: [undo], pods: {}}]
    """

  @Test("Pods that fail long after their trial are told once for each time, and nothing is undone")
  func incident() async throws {
    try await Scene.play { scene in
      try await scene.deploy(Workload(replicas: 1))
      try await scene.policy(Self.policy)
      try await scene.verdict(1, becomes: "Good")
      for number in [1, 2] as [Int64] {
        try await scene.breakPods()
        let event = try await eventually("incident \(number) is told") {
          try await scene.events().first { $0.spec.incident == number && $0.status.isFinal }
        }
        #expect(event.status.outcome == .notRecovered)
        #expect(event.spec.suspect == nil && event.spec.trigger?.name == "pods")
        #expect(event.status.steps?.first?.state == .notApplicable)
        #expect(event.status.steps?.first?.message?.hasPrefix("NoSuspect: ") == true)
        let status = try await scene.policy(named: "web").status
        #expect(status.targets?.first?.incidents == number)
        // A new pod is well again.
        _ = try await scene.world.kubectl("delete", "pods", "-n", scene.namespace, "-l", "app=web", "--wait=false")
        try await eventually("the trigger is healthy again") {
          let now = try await scene.policy(named: "web").status.targets?.first?.triggers?.first
          return Progress(now?.state == .healthy && now?.incident == nil, "\(String(describing: now))")
        }
      }
      #expect(try await scene.events().count == 2)
      #expect(try await scene.generation() == 1)
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackNotRecovered"])
    }
  }

  @Test("In a trial such a breach is the rollout's, and undone")
  func onTrial() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.policy)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.recovered)
      #expect(event.spec.incident == nil && event.spec.suspect?.revision == 2)
      try await scene.undone(times: 1)
    }
  }
}
