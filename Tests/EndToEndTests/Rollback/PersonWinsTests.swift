import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("A person wins", .showsLogs, .timeLimitOfQueue)
struct PersonWinsTests {
  /// What a person does between detection and write.
  enum Interference: String, CaseIterable, Sendable {
    case fix, pause, suspend, deletePolicy

    var reason: String {
      switch self {
      case .fix: "NewRevision"
      case .pause: "Paused"
      case .suspend: "Suspended"
      case .deletePolicy: "PolicyDeleted"
      }
    }

    func happen(in scene: Scene) async throws {
      switch self {
      case .fix: try await scene.rollOut(.good(3))
      case .pause: try await scene.pause(true)
      case .suspend:
        try await scene.policy("target: {name: web}\ntrial: {window: 4s}\nsuspend: true", waits: false)
      case .deletePolicy:
        try await scene.client.delete(.rollbackPolicies, namespace: scene.namespace, name: "web")
      }
    }
  }

  @Test("What a person does between detection and write supersedes the rollback", arguments: Interference.allCases)
  func superseded(_ interference: Interference) async throws {
    try await Scene.play { scene in
      let running = try await scene.stopBeforeUndo()
      #expect(running.status.steps?.first?.state == .running)
      #expect((running.status.steps?.first?.attempts ?? 0) >= 2)
      try await interference.happen(in: scene)
      let event = try await scene.closed(running)
      #expect(event.status.outcome == .superseded)
      #expect(event.status.conditions?["Succeeded"]?.reason == interference.reason)
      try await scene.mayUndo(true)
      try await Task.sleep(for: .seconds(5))
      #expect(try await scene.version() == (interference == .fix ? 3 : 2))
      #expect(try scene.templatePatches() == 0)
      #expect(try await scene.verdict(2) != "Bad")
      #expect(try await scene.events().count == 1)
    }
  }

  @Test("A refused permission is named and tried again: given back, the rollback goes on, with the replicas of now")
  func permissionGivenBack() async throws {
    try await Scene.play { scene in
      let running = try await scene.stopBeforeUndo()
      let message = try #require(running.status.steps?.first?.message)
      #expect(message.contains("cannot patch resource") && message.contains("deployments"), "\(message)")
      try await scene.client.patch(
        .deployments, namespace: scene.namespace, name: "web", .merge(["spec": ["replicas": 3]]))
      try await scene.mayUndo(true)
      let event = try await scene.closed(running)
      #expect(event.status.outcome == .recovered)
      let deployment = try await scene.deployment()
      #expect(deployment.at("/spec/replicas")?.int == 3)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }

  @Test("A paused Deployment is held with its reason; resumed, it is undone")
  func paused() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.deploy()
      try await scene.rollOut(.bad(2))
      try await scene.pods(of: 2, waitWith: "CrashLoopBackOff")
      try await scene.pause(true)
      try await scene.policy(waits: false)
      try await scene.startOperator()
      let held = try await scene.event(.held)
      #expect(held.status.conditions?["Succeeded"]?.reason == "Paused")
      #expect(held.status.conditions?["Succeeded"]?.message.contains("kubectl rollout resume deployment/web") == true)
      let condition = try await scene.policyCondition("Held", is: .true)
      #expect(condition.message.contains("paused"))
      try await Task.sleep(for: .seconds(3))
      #expect(try await scene.version() == 2)
      #expect(try scene.templatePatches() == 0)

      try await scene.pause(false)
      let event = try await scene.closed(held)
      #expect(event.status.outcome == .recovered)
      #expect(try await scene.version() == 1)
      try await scene.policyCondition("Held", is: .false)
    }
  }

  @Test("While a policy is suspended nothing is judged and nothing is done; then it goes on")
  func suspended() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\nsuspend: true")
      try await scene.policyCondition("Suspended", is: .true)
      try await scene.rollOut(.bad(2))
      try await scene.pods(of: 2, waitWith: "CrashLoopBackOff")
      try await Task.sleep(for: .seconds(4))
      #expect(try await scene.events().isEmpty)
      #expect(try await scene.policy(named: "web").status.state == .suspended)
      let writes = try scene.writes().filter { $0.resource != "rollbackpolicies" || $0.subresource != "status" }
      #expect(writes.isEmpty, "\(writes.map(\.requestURI))")

      try await scene.policy("target: {name: web}\nsuspend: false")
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("A target that is no longer healthy is left where it is: one undo, and people are told")
  func targetIsBadToo() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}\nverification: {timeout: 15s}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.breakPods()
      try await scene.pods(of: 1, waitWith: "CrashLoopBackOff")
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.notRecovered)
      #expect(event.status.conditions?["Succeeded"]?.message.contains("it is not the release") == true)
      #expect(event.status.verification?.contains { !$0.passed } == true)
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackNotRecovered"])
      try await Task.sleep(for: .seconds(6))
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
      #expect(try await scene.events().count == 1)
    }
  }

  @Test("A Deployment that was deleted and made again under its name is another one")
  func deletedAndMadeAgain() async throws {
    try await Scene.play { scene in
      let running = try await scene.stopBeforeUndo()
      let old = try await scene.deployment().at("/metadata/uid")
      _ = try await scene.world.kubectl("delete", "deployment", "web", "-n", scene.namespace, "--timeout=30s")
      try await scene.deploy(Workload(release: .good(5)))
      #expect(try await scene.deployment().at("/metadata/uid") != old)
      let event = try await scene.closed(running)
      #expect(event.status.outcome == .superseded)
      #expect(event.status.conditions?["Succeeded"]?.reason == "TargetGone")
      try await scene.mayUndo(true)
      try await scene.verdict(5, becomes: "Good")
      #expect(try await scene.version() == 5)
      #expect(try scene.templatePatches() == 0)
    }
  }
}
