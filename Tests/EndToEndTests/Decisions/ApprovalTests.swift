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

  /// What somebody may do with events, and whether that is enough to decide where the API server cannot ask for more.
  static let rights = [
    ("rollback-operator-view", false), ("rollback-operator-edit", false), ("rollback-operator-approve", true),
  ]

  @Test("Of the roles of the manifests only the one for it lets somebody decide", arguments: rights)
  func roles(role: String, decides: Bool) async throws {
    try await Scene.play { scene in
      let user = "dana"
      // Nobody who may edit may not look.
      try await scene.grant("rollback-operator-view", to: user)
      if role != "rollback-operator-view" { try await scene.grant(role, to: user) }
      let question = try await ask(scene)
      // Also not by the way of the status.
      for subresource in [["--subresource=status"], []] {
        let answer = try await scene.world.cluster.kubectl(
          decision: .approved, event: question, by: user, as: user, subresource)
        #expect(answer.succeeded == (decides && subresource.isEmpty), "\(role) \(subresource): \(answer.error)")
        #expect(answer.succeeded || answer.error.contains("forbidden"), "\(answer.error)")
      }
      guard decides else {
        try await scene.decide(.rejected, about: question)
        try await scene.event(.rejected)
        #expect(try scene.templatePatches() == 0)
        return
      }
      try await scene.event(.recovered)
      // Whoever may decide can do so once, and cannot put his word into another's mouth afterwards.
      if scene.world.cluster.capabilities.validatesCustomResourcesWithCEL {
        for by in [user, "ann"] {
          let again = try await scene.world.cluster.kubectl(decision: .rejected, event: question, by: by, as: user)
          #expect(!again.succeeded && again.error.contains("can be given only once"), "\(again.error)")
        }
      }
      let event = try await scene.event(.recovered)
      #expect(event.spec.approval?.by == user)
    }
  }

  @Test("An approval in the status, which is not where it is given, is none")
  func forgedInStatus() async throws {
    try await Scene.play { scene in
      let question = try await ask(scene)
      let forged = #"{"spec":{"approval":{"decision":"Approved","by":"ann"}},"status":{"rung":"undo"}}"#
      _ = try await scene.world.kubectl(
        "patch", "rollbackevent", question.metadata.name, "-n", scene.namespace, "--subresource=status", "--type=merge",
        "-p", forged)
      try await scene.decide(.rejected, about: question)
      let event = try await scene.event(.rejected)
      #expect(event.spec.approval?.decision == .rejected)
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
