import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("mode: Observe", .showsLogs, .timeLimitOfQueue)
struct ObserveTests {
  /// What the operator may write in this mode.
  static let ownKinds: Set = [
    "rollbackevents", "rollbackevents/status", "rollbackpolicies/status", "events",
  ]

  @Test("A bad release stays, and an event says what would have been done")
  func observed() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\nmode: Observe\ntrial: {window: 4s}")
      try await scene.policyCondition("KnownGoodAvailable", is: .true)
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.observed)
      #expect(event.spec.mode == .observe)
      let detail = try #require(event.status.plan?.first?.detail)
      #expect(detail.hasPrefix("would undo revision 2 (") && detail.contains("→ revision 1 ("), "\(detail)")
      #expect(event.status.steps == nil)
      #expect(event.status.from?.revision == 2 && event.status.to?.revision == 1)
      #expect(event.status.detectedAfter != nil && event.status.actedAfter == nil)
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackObserved"])
      try await scene.reasons(about: "RollbackPolicy", "web", include: ["RollbackObserved"])
      try await Task.sleep(for: .seconds(3))
      #expect(try await scene.version() == 2)
      #expect(try await scene.events().count == 1)
      #expect(try await scene.verdict(1) == nil)
      #expect(try await scene.verdict(2) == nil)
      let writes = try scene.writes()
      #expect(writes.count >= 4)
      let others = writes.map { write in
        write.subresource.isEmpty ? write.resource : "\(write.resource)/\(write.subresource)"
      }.filter { !Self.ownKinds.contains($0) }
      #expect(others.isEmpty, "\(others)")
    }
  }

  @Test("No object of the namespace changes but the policy's status, events and RollbackEvents")
  func nothingElseChanges() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let left: Set = ["events", "events.events.k8s.io", "rollbackevents.rollback-operator.io"]
      try await scene.deploy()
      try await scene.rollOut(.bad(2))
      try await scene.pods(of: 2, waitWith: "CrashLoopBackOff")
      try await scene.policy("target: {name: web}\nmode: Observe", waits: false)
      let before = try await scene.snapshot(excluding: left)
      try await scene.startOperator()
      try await scene.event(.observed)
      try await Task.sleep(for: .seconds(3))
      let after = try await scene.snapshot(excluding: left)
      #expect(before.difference(to: after) == [])
      #expect(before.objects.count >= 6)
    }
  }

  @Test("Changed to Auto, the policy acts on a breach that is still there, once")
  func becomesAuto() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\nmode: Observe\ntrial: {window: 4s}")
      try await scene.policyCondition("KnownGoodAvailable", is: .true)
      try await scene.rollOut(.bad(2))
      try await scene.event(.observed)
      #expect(try scene.templatePatches() == 0)
      try await scene.policy("target: {name: web}\nmode: Auto\ntrial: {window: 4s}")
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
      try await Task.sleep(for: .seconds(3))
      try await scene.undone(times: 1)
      #expect(try await scene.events().count == 2)
    }
  }
}
