import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("What a Deployment is returned to", .showsLogs, .timeLimitOfQueue)
struct LastGoodTests {
  static let shortTrial = "target: {name: web}\ntrial: {window: 4s}"

  @Test("Revisions 1 and 2 good, 3 and 4 bad: each time back to 2, and never on from there")
  func twoGoodTwoBad() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(.good(2))
      try await scene.verdict(2, becomes: "Good")
      for version in [3, 4] {
        try await scene.rollOut(.bad(version))
        try await scene.runs(2)
        try await eventually("version \(version) is undone for good") {
          let events = try await scene.events()
          let ended = events.count { $0.status.outcome == .recovered }
          return Progress(ended == version - 2, "\(ended) of \(events.count) recovered")
        }
        #expect(try await scene.verdict(version) == "Bad")
      }
      try await Task.sleep(for: .seconds(8))
      #expect(try await scene.version() == 2)
      #expect(try await scene.verdict(2) == "Good")
      try await scene.undone(times: 2)
      #expect(try await scene.events().count == 2)
    }
  }

  @Test("A bad revision that nobody watched is not taken for a good one")
  func unprovenRevisionIsSkipped() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(.good(2))
      try await scene.verdict(2, becomes: "Good")
      try await scene.lastOperator.kill()
      try await scene.rollOut(.bad(3))
      _ = try await eventually("revision 3 exists") { try await scene.replicaSet(3) }
      try await scene.rollOut(.bad(4))
      _ = try await eventually("revision 4 exists") { try await scene.replicaSet(4) }
      try await scene.startOperator()
      let event = try await scene.event(.recovered)
      #expect(event.status.from?.revision == 4)
      #expect(try await scene.version() == 2)
      try await scene.undone(times: 1)
    }
  }

  @Test("A bad template that is deployed again is held and said, not fought")
  func badTemplateAgain() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      try await scene.runs(1)

      try await scene.rollOut(.bad(2))
      let report = try await scene.event(.held, trigger: "known-bad")
      #expect(report.spec.trigger?.message?.contains("rolled back before") == true)
      let held = try await scene.policyCondition("Held", is: .true)
      #expect(held.message.contains("rolled back before"))
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackHeld"])
      try await eventually("the policy shows it") {
        let state = try await scene.policy(named: "web").status.state
        return Progress(state == .held, state?.rawValue ?? "none")
      }
      try await Task.sleep(for: .seconds(6))
      #expect(try await scene.version() == 2)
      try await scene.undone(times: 1)
      #expect(try await scene.events().count == 2)

      try await scene.rollOutAndWait(.good(3))
      try await scene.verdict(3, becomes: "Good")
      try await scene.policyCondition("Held", is: .false)
      #expect(try await scene.ended(report.metadata.name).status.outcome != nil)
      try await scene.undone(times: 1)
    }
  }

  @Test("A restart of a bad version is the bad version")
  func restartOfBadVersion() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      var again = Release.bad(2)
      again.annotations["kubectl.kubernetes.io/restartedAt"] = "2026-01-01T00:00:00Z"
      try await scene.rollOut(again)
      try await scene.event(.held, trigger: "known-bad")
      try await Task.sleep(for: .seconds(4))
      try await scene.undone(times: 1)
    }
  }

  @Test("A good version that was restarted is returned to as it last was")
  func restartOfGoodVersion() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      _ = try await scene.world.kubectl("rollout", "restart", "deployment/web", "-n", scene.namespace)
      try await scene.rolledOut()
      let restarted = try await scene.deployment()
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      let after = try await scene.deployment()
      #expect(DeploymentDifference.template(after) == DeploymentDifference.template(restarted))
    }
  }

  @Test("A restart of a good version that fails is not the release's fault")
  func failingRestart() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      // A trial long enough to break the pods from outside.
      try await scene.policy()
      _ = try await scene.world.kubectl("rollout", "restart", "deployment/web", "-n", scene.namespace)
      try await scene.rolledOut()
      try await eventually("the restart is on trial of its own") {
        let status = try await scene.policy(named: "web").status
        let target = status.targets?.first
        return Progress(
          status.state == .onTrial && target?.current?.revision == 2 && target?.lastGood?.revision == 1, "\(status)")
      }
      try await scene.breakPods()
      let event = try await scene.event(.notCausedByRollout)
      #expect(event.status.conditions?["Succeeded"]?.message.contains("restart annotation") == true)
      try await Task.sleep(for: .seconds(3))
      #expect(try scene.templatePatches() == 0)
      #expect(try await scene.events().count == 1)
      #expect(try await scene.policy(named: "web").status.targets?.first?.lastGood?.revision == 1)
    }
  }

  @Test("With nothing proven good, fallback Previous returns to the revision before")
  func fallbackPrevious() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy()
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.recovered)
      #expect(event.status.to?.revision == 1)
      #expect(event.status.plan?.first?.detail.contains("no revision has ever been proven good") == true)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("With nothing proven good, fallback None changes nothing and says so")
  func fallbackNone() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\nlastGood: {fallback: None}")
      try await scene.policyCondition("KnownGoodAvailable", is: .false)
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.notRecovered)
      #expect(event.status.conditions?["Succeeded"]?.reason == "NoGoodRevision")
      #expect(event.status.steps?.map(\.state) == [.notApplicable])
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackNotRecovered"])
      try await Task.sleep(for: .seconds(3))
      #expect(try await scene.version() == 2)
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("A first deployment that is bad has nothing to go back to")
  func firstDeploymentIsBad() async throws {
    try await Scene.play { scene in
      try await scene.policy()
      try await scene.deploy(Workload(release: .bad(1)), waits: false)
      let event = try await scene.event(.notRecovered)
      #expect(event.status.conditions?["Succeeded"]?.reason == "NoGoodRevision")
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("A good revision whose ConfigMap is gone is passed over for an older one")
  func missingConfigMap() async throws {
    try await Scene.play { scene in
      let configMap: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "settings"]]
      try await scene.client.create(.configMaps, namespace: scene.namespace, configMap)
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      var configured = Release.good(2)
      configured.configMap = "settings"
      try await scene.rollOutAndWait(configured)
      try await scene.verdict(2, becomes: "Good")
      try await scene.client.delete(.configMaps, namespace: scene.namespace, name: "settings")
      try await scene.rollOut(.bad(3))
      let event = try await scene.event(.recovered)
      #expect(event.status.to?.revision == 1)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }

  /// `kubectl rollout undo` copies the annotations of a ReplicaSet to the Deployment, and the Deployment controller
  /// copies them on to every new ReplicaSet.
  @Test("A verdict that Kubernetes copied to another revision counts as none")
  func copiedVerdict() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(.good(2))
      try await scene.verdict(2, becomes: "Good")
      _ = try await scene.world.kubectl("rollout", "undo", "deployment/web", "-n", scene.namespace)
      try await scene.rolledOut()
      #expect(try await scene.version() == 1)
      try await scene.rollOut(.bad(3))
      let event = try await scene.event(.recovered)
      #expect(event.status.from?.revision == 4 && event.status.to?.revision == 3)
      #expect(try await scene.version() == 1)
      #expect(try await scene.verdict(3) == "Bad")
      let annotations = try await scene.deployment().at("/metadata/annotations")
      #expect(annotations?["rollback-operator.io/verdict"] == nil)
      // What came back is still good, and the next one is judged on its own.
      try await scene.rollOutAndWait(.good(4))
      try await scene.verdict(4, becomes: "Good")
    }
  }
}
