import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("A rollback by hand", .showsLogs, .timeLimitOfQueue)
struct ManualRollbackTests {
  @Test("Without a policy it returns to the revision before, verifies, and tells it")
  func previousRevision() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      let before = try await scene.deployment()
      try await scene.rollOutAndWait(.good(2))
      let name = try await scene.askForRollback(reason: "the basket is empty")
      #expect(name.hasPrefix("web-manual-"))
      let event = try await scene.ended(name)
      #expect(event.status.outcome == .recovered)
      #expect(event.status.from?.revision == 2 && event.status.to?.revision == 1)
      #expect(event.status.steps?.map(\.state) == [.done])
      #expect(event.status.timeline?.first?.what.contains("the basket is empty") == true)
      let after = try await scene.deployment()
      #expect(DeploymentDifference.template(after) == DeploymentDifference.template(before))
      #expect(DeploymentDifference.rest(after) == DeploymentDifference.rest(before))
      #expect(try await scene.verdict(2) == "Bad")
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackTriggered", "RollbackSucceeded"])
      try await scene.undone(times: 1)
    }
  }

  @Test("It returns to the revision that it names")
  func namedRevision() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.rollOutAndWait(.good(2))
      try await scene.rollOutAndWait(.good(3))
      let event = try await scene.ended(try await scene.askForRollback(["to": ["revision": 1]]))
      #expect(event.status.outcome == .recovered)
      #expect(event.status.to?.revision == 1)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("With a policy it returns to the last good revision")
  func lastGood() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      try await scene.verdict(1, becomes: "Good")
      // Both are on trial still when the rollback is asked for.
      try await scene.policy()
      try await scene.rollOutAndWait(.good(2))
      try await scene.rollOutAndWait(.good(3))
      let event = try await scene.ended(try await scene.askForRollback(["policy": ["name": "web"]]))
      #expect(event.status.outcome == .recovered)
      #expect(try await scene.version() == 1)
      try await scene.reasons(about: "RollbackPolicy", "web", include: ["RollbackTriggered", "RollbackSucceeded"])
      try await eventually("the policy names the event") {
        let last = try await scene.policy(named: "web").status.lastEvent
        return Progress(last == event.metadata.name, last ?? "none")
      }
    }
  }

  @Test("What cannot be done is refused with a sentence, and nothing changes")
  func refusals() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.rollOutAndWait(.good(2))
      // From 2 to 1: version 2 is bad now, and version 1 is revision 3.
      #expect(try await scene.ended(try await scene.askForRollback()).status.outcome == .recovered)
      let before = DeploymentDifference.template(try await scene.deployment())

      let refusals: [(JSONValue, reason: String, sentence: String)] = [
        (["to": ["revision": 99]], "NoSuchRevision", "keeps no revision 99"),
        (["to": ["revision": 3]], "AlreadyCurrent", "already runs revision 3"),
        (["to": ["revision": 2]], "BadTarget", "was rolled back before"),
      ]
      for (spec, reason, sentence) in refusals {
        try await expectRefused(try await scene.askForRollback(spec), reason, sentence, scene)
      }
      try await scene.pause(true)
      try await expectRefused(try await scene.askForRollback(), "Paused", "kubectl rollout resume", scene)
      try await scene.pause(false)

      try await Task.sleep(for: .seconds(2))
      #expect(DeploymentDifference.template(try await scene.deployment()) == before)
      try await scene.undone(times: 1)
    }
  }

  private func expectRefused(_ name: String, _ reason: String, _ sentence: String, _ scene: Scene) async throws {
    let event = try await scene.ended(name)
    let condition = event.status.conditions?["Succeeded"]
    #expect(event.status.outcome == .failed, "\(reason)")
    #expect(condition?.status == .false && condition?.reason == reason, "\(condition as Any)")
    #expect(condition?.message.contains(sentence) == true, "\(condition?.message ?? "")")
  }

  @Test("There is nothing to return to: said, not done")
  func onlyOneRevision() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      let event = try await scene.ended(try await scene.askForRollback())
      #expect(event.status.outcome == .notRecovered)
      #expect(event.status.conditions?["Succeeded"]?.reason == "NoGoodRevision")
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("A Deployment that does not exist ends the event")
  func noSuchDeployment() async throws {
    try await Scene.play { scene in
      let event = try await scene.ended(try await scene.askForRollback(of: "nowhere"))
      #expect(event.status.conditions?["Succeeded"]?.reason == "TargetGone")
    }
  }
}
