import FoundationEssentials
import KubernetesClient
import RollbackCore
import Testing

@testable import RollbackOperator

@Suite("A policy's limits hold automatic rollbacks back", .showsLogs, .timeLimitOfQueue)
struct LimitTests {
  @Test(
    "The second rollback is held with its reason, and done once the limit allows it",
    arguments: [("maxRollbacks: 1, per: 60s", "MaxRollbacks"), ("cooldown: 60s", "Cooldown")])
  func heldThenDone(limits: String, reason: String) async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}\nlimits: {\(limits)}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      let first = try await scene.event(.recovered)

      try await scene.rollOut(.bad(3))
      let held = try await scene.event(.held)
      #expect(held.status.conditions?["Succeeded"]?.reason == reason)
      #expect(held.status.steps == nil)
      let condition = try await scene.policyCondition("Held", is: .true)
      #expect(condition.message.contains("limits."))
      #expect(try await scene.version() == 3)
      try await scene.undone(times: 1)
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackHeld"])

      let done = try await eventually("the held rollback is done", within: .seconds(180)) {
        try await scene.client.get(EventObject.self, namespace: scene.namespace, name: held.metadata.name)
      } where: {
        $0.status.outcome == .recovered
      }
      #expect(try await scene.version() == 1)
      let acted = try #require(done.record.acceptedAt)
      let firstActed = try #require(first.record.acceptedAt)
      #expect(acted.timeIntervalSince(firstActed) >= 59.9)
      try await scene.policyCondition("Held", is: .false)
      try await scene.undone(times: 2)
    }
  }

  @Test("A person may roll back by hand although the limit holds the operator")
  func manualIsNotLimited() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}\nlimits: {cooldown: 1h}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      try await scene.rollOut(.bad(3))
      let held = try await scene.event(.held)
      let manual = try await scene.ended(try await scene.askForRollback(["policy": ["name": "web"]]))
      #expect(manual.status.outcome == .recovered)
      #expect(try await scene.version() == 1)
      let after = try await eventually("the held event is closed") {
        try await scene.client.get(EventObject.self, namespace: scene.namespace, name: held.metadata.name)
      } where: {
        $0.status.outcome != .held
      }
      #expect(after.status.outcome == .superseded)
      try await scene.undone(times: 2)
    }
  }
}
