import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("The life of a policy", .showsLogs, .timeLimitOfQueue)
struct PolicyLifeTests {
  @Test("Deleting a policy changes nothing in the workload")
  func deletion() async throws {
    try await Scene.play { scene in
      let left: Set = ["events", "events.events.k8s.io", "rollbackpolicies.rollback-operator.io"]
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      try await scene.rolledOut()
      let before = try await scene.snapshot(excluding: left)
      try await scene.client.delete(.rollbackPolicies, namespace: scene.namespace, name: "web")
      try await eventually("the policy is gone") {
        Progress(
          try await !scene.client.exists(.rollbackPolicies, namespace: scene.namespace, name: "web"), "still there")
      }
      try await Task.sleep(for: .seconds(3))
      #expect(before.difference(to: try await scene.snapshot(excluding: left)) == [])
    }
  }

  @Test("Deleting a policy after the undo was accepted does not leave its event open")
  func deletionWhileVerifying() async throws {
    try await Scene.play { scene in
      // Four replicas of which one may be missing: the one that comes back needs some seconds to be ready.
      var slow = Release.good(1)
      slow.readyAfter = "6s"
      try await scene.deploy(Workload(replicas: 4, release: slow))
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.runs(1)
      try await scene.client.delete(.rollbackPolicies, namespace: scene.namespace, name: "web")
      let event = try await scene.closed(try #require(try await scene.events().first))
      #expect(event.status.outcome == .recovered)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }

  @Test("Applying a policy twice is the same as applying it once")
  func appliedTwice() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      let generation = try await scene.policy(named: "web").metadata.generation
      try await scene.verdict(1, becomes: "Good")
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      #expect(try await scene.policy(named: "web").metadata.generation == generation)
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      try await Task.sleep(for: .seconds(3))
      #expect(try await scene.events().count == 1)
      try await scene.undone(times: 1)
    }
  }

  @Test("Two policies for one Deployment undo a bad release once")
  func twoPolicies() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      try await scene.policy("target: {selector: {matchLabels: {app: web}}}\ntrial: {window: 4s}", name: "all")
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      try await Task.sleep(for: .seconds(4))
      for event in try await scene.events() {
        let outcome = try await scene.closed(event).status.outcome
        #expect(outcome == .recovered || outcome == .superseded, "\(outcome as Any)")
      }
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }

  @Test("A policy with a selector protects each matching Deployment on its own")
  func selector() async throws {
    try await Scene.play { scene in
      for name in ["cart", "shop", "other"] {
        let labels = ["tier": name == "other" ? "batch" : "api"]
        try await scene.deploy(Workload(name: name, labels: labels))
      }
      try await scene.policy("target: {selector: {matchLabels: {tier: api}}}\ntrial: {window: 4s}", name: "api")
      try await scene.verdict(1, of: "cart", becomes: "Good")
      try await scene.verdict(1, of: "shop", becomes: "Good")
      let policy = try await scene.policy(named: "api")
      #expect(policy.status.targetCount == 2)
      #expect(policy.status.targets?.map(\.name) == ["cart", "shop"])

      let shop = try await scene.deployment("shop")
      try await scene.rollOut(.bad(2), of: "cart")
      try await scene.rollOut(.bad(2), of: "other")
      let event = try await scene.event(.recovered, of: "cart")
      #expect(event.spec.policy?.name == "api")
      try await scene.pods(of: 2, "other", waitWith: "CrashLoopBackOff")
      try await Task.sleep(for: .seconds(3))
      #expect(try await scene.version(of: "cart") == 1)
      #expect(try await scene.version(of: "other") == 2)
      #expect(try await scene.verdict(1, of: "other") == nil)
      #expect(DeploymentDifference.rest(try await scene.deployment("shop")) == DeploymentDifference.rest(shop))
      #expect(try await scene.events().count == 1)

      // One that comes later is protected from then on.
      try await scene.deploy(Workload(name: "late", labels: ["tier": "api"]))
      try await scene.verdict(1, of: "late", becomes: "Good")
      #expect(try await scene.policy(named: "api").status.targetCount == 3)
    }
  }

  @Test("A policy without a Deployment says so, and takes one up when it comes")
  func targetComesLater() async throws {
    try await Scene.play { scene in
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      let missing = try await scene.policyCondition("TargetFound", is: .false)
      #expect(missing.message.contains("web"))
      try await scene.deploy()
      try await scene.policyCondition("TargetFound", is: .true)
      try await scene.verdict(1, becomes: "Good")
    }
  }
}
