import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("A person is asked and answers", .showsLogs, .timeLimitOfQueue)
struct ApprovalTests {
  static let policy = "target: {name: web}\ndecisions: [{severity: High, respond: Ask, within: 1h}]"

  /// A bad release, and the question about it.
  private func ask(_ scene: Scene, _ spec: String = policy) async throws -> EventObject {
    try await scene.deploy()
    try await scene.policy(spec)
    try await scene.rollOut(.bad(2))
    return try await scene.question()
  }

  @Test("Approved, it goes on and recovers", arguments: [policy, "target: {name: web}\nmode: Approve"])
  func approved(_ spec: String) async throws {
    try await Scene.play { scene in
      let question = try await ask(scene, spec)
      #expect(question.status.steps == nil)
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackAwaitingApproval"])
      #expect(try await scene.version() == 2)
      try await scene.decide(.approved, about: question)
      let event = try await scene.event(.recovered)
      #expect(event.metadata.name == question.metadata.name)
      #expect(event.status.conditions?["Approved"]?.message == "approved by ann: looked at it")
      #expect(try await scene.version() == 1)
    }
  }

  @Test("Rejected, nothing is changed, and the word is not taken back")
  func rejected() async throws {
    try await Scene.play { scene in
      let question = try await ask(scene)
      let before = try await scene.generation()
      try await scene.decide(.rejected, about: question)
      try await scene.event(.rejected)
      if scene.world.cluster.capabilities.validatesCustomResourcesWithCEL {
        let again = try await scene.world.cluster.kubectl(decision: .approved, event: question)
        #expect(!again.succeeded && again.error.contains("can be given only once"), "\(again.error)")
      }
      #expect(try await scene.generation() == before)
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("Who may not patch events cannot decide")
  func forbidden() async throws {
    try await Scene.play { scene in
      let question = try await ask(scene)
      let refused = try await scene.world.cluster.kubectl(decision: .approved, event: question, as: "eve")
      #expect(!refused.succeeded && refused.error.contains("forbidden"), "\(refused.error)")
      try await scene.decide(.rejected, about: question)
      try await scene.event(.rejected)
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("Nobody answers: it expires")
  func expired() async throws {
    try await Scene.play { scene in
      let spec = """
        target: {name: web}
        decisions:
        - {severity: High, respond: Ask, within: 4s, escalate: [{after: 1s, notify: [team]}, {after: 2s, notify: [chief]}]}
        """
      _ = try await ask(scene, spec)
      let event = try await scene.event(.expired)
      #expect(event.status.conditions?["Approved"]?.status == .false)
      #expect(event.status.notifications?.map(\.channel) == ["team", "chief"])
      try await scene.reasons(about: "Deployment", "web", include: ["RollbackEscalated", "RollbackExpired"])
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("Nobody answers and the policy says Act: it goes on")
  func acts() async throws {
    try await Scene.play { scene in
      let rule = "{severity: High, respond: Ask, within: 3s, onTimeout: Act}"
      _ = try await ask(scene, "target: {name: web}\ndecisions: [\(rule)]")
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("A template that is known to be bad is undone again when a person says so")
  func knownBad() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      try await scene.rollOut(.bad(2))
      let held = try await scene.held("KnownBad")
      #expect(try await scene.version() == 2)
      try await scene.decide(.approved, about: held)
      try await scene.event(.recovered, trigger: "known-bad")
      #expect(try await scene.version() == 1)
    }
  }
}
