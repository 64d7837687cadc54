import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// Rows of runbooks that say who decides and when, each by the example that a reader would take.
@Suite("Examples for decisions", .showsLogs, .timeLimitOfQueue)
struct RunbookDecisionTests {
  @Test("Critical at once, High after its deadline, Medium by a person, Low in the evening unless it lasts")
  func severity() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.apply(
        Example("severity"), "within: 15m → 4s", "after: 10m → 6s", "for: 1m → 2s", "interval: 15s → 2s")
      try await scene.rollOut(.bad(2))
      let critical = try await scene.event(.recovered, trigger: "pods")
      #expect(critical.spec.approval == nil)

      try await scene.rollOut(.bad(3, "Unready"))
      let question = try await scene.question()
      #expect(question.spec.trigger?.name == "readiness" && question.spec.trigger?.severity == .medium)
      #expect(try await scene.version() == 3)
      try await scene.decide(.approved, about: question)
      try await scene.event(.recovered, trigger: "readiness")

      // Low waits for the evening; after 10 minutes it is High, a person has 15 minutes, and then it goes on.
      var noisy = Release.signalling(4, ["log-lines": "WARN no cheese today"])
      // Else a slow machine finds it unready for as long as counts.
      noisy.readyAfter = nil
      try await scene.rollOutAndWait(noisy)
      let scheduled = try await scene.held("Scheduled")
      #expect(scheduled.spec.trigger?.name == "warnings")
      #expect(try await scene.version() == 4)
      let raised = try await scene.event(.recovered, trigger: "warnings")
      #expect(raised.spec.approval == nil && raised.spec.trigger?.severity == .low)
      #expect(raised.status.timeline?.contains { $0.what.contains("High is answered with Ask") } == true)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 3)
    }
  }

  @Test("A warning that does not go away is undone")
  func warning() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.apply(
        Example("warning"), "interval: 15s → 1s", "for: 1m → 2s", "[1m] → [5s]", "after: 10m → 8s")
      try await scene.triggersReturnData()
      try await scene.rollOutAndWait(.signalling(2, ["error-rate": "0.03"]))
      let told = try await scene.event(.observed)
      #expect(told.spec.trigger?.name == "some-errors" && told.spec.trigger?.threshold == "above 1%")
      #expect(try await scene.version() == 2)
      let event = try await scene.event(.recovered)
      #expect(event.spec.suspect?.hash == told.spec.suspect?.hash)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }

  /// How long a hotfix is waited for, and whether one comes.
  @Test("More than 5 % of errors waits for a hotfix", arguments: [("30m", true), ("6s", false)])
  func hotfix(window: String, arrives: Bool) async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      // The warning about the same errors does not become Critical meanwhile.
      try await scene.apply(
        Example("warning"), "interval: 15s → 1s", "for: 1m → 2s", "[1m] → [5s]", "after: 10m → 1h",
        "hotfixWindow: 30m → \(window)")
      try await scene.triggersReturnData()
      try await scene.rollOutAndWait(.signalling(2, ["error-rate": "0.2"]))
      if arrives {
        try await scene.held("HotfixWindow")
        try await scene.rollOutAndWait(.good(3))
        try await scene.event(.superseded)
        #expect(try await scene.version() == 3)
      } else {
        let event = try await scene.event(.recovered, trigger: "many-errors")
        #expect(event.spec.trigger?.threshold == "above 5%")
        #expect(event.status.timeline?.contains { $0.what.contains("hotfixWindow: 6s") } == true)
        #expect(try await scene.version() == 1)
      }
      try await scene.undone(times: arrives ? 0 : 1)
    }
  }

  @Test("On-call at once, the lead later, lead and CTO at last, and then it expires")
  func escalation() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.apply(
        Example("escalation"), "after: 15m → 3s", "after: 30m → 5s", "within: 1h → 8s")
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.expired)
      let told = event.status.notifications ?? []
      #expect(told.map(\.channel) == ["on-call", "lead", "lead", "cto"])
      #expect(told.compactMap(\.at) == told.compactMap(\.at).sorted())
      #expect(try await scene.version() == 2)
      #expect(try scene.templatePatches() == 0)
    }
  }
}
