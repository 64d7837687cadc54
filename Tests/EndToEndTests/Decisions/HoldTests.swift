import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("What holds a rollback back, and what lets it go on", .showsLogs, .timeLimitOfQueue)
struct HoldTests {
  @Test("A freeze holds, and its end lets it go on")
  func frozen() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy()
      try await scene.freeze()
      try await scene.rollOut(.bad(2, "ImagePull"))
      let event = try await scene.held("Frozen")
      #expect(event.status.conditions?["Succeeded"]?.message.contains("(audit)") == true)
      #expect(try await scene.version() == 2)
      try await scene.endFreeze()
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("A freeze that allows Critical holds what is less, and lets what is Critical through")
  func allowed() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.deploy(Workload(name: "api"))
      try await scene.freeze(["reason": "audit", "allow": "Critical"])
      try await scene.policy()
      try await scene.policy(
        "target: {name: api}\ntriggers: [{name: pods, severity: Critical, pods: {}}]", name: "api")
      try await scene.rollOut(.bad(2))
      try await scene.held("Frozen")
      try await scene.rollOut(.bad(2), of: "api")
      try await scene.event(.recovered, of: "api")
      #expect(try await scene.version() == 2)
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test(
    "A person holds a Deployment or a policy, and releases it", arguments: ["deployment", "rollbackpolicy"])
  func hold(kind: String) async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy()
      try await scene.hold(kind, reason: "we look at it")
      try await scene.rollOut(.bad(2))
      let event = try await scene.held("OnHold")
      #expect(event.status.conditions?["Succeeded"]?.message.contains("we look at it") == true)
      try await scene.policyCondition("Held", is: .true)
      #expect(try await scene.version() == 2)
      try await scene.hold(kind, reason: nil)
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("Eight workloads that breach together are not one bad release: none is undone, a person may undo one")
  func sharedCause() async throws {
    try await Scene.play { scene in
      let names = (1...8).map { "web-\($0)" }
      try await Self.each(names) { name in
        try await scene.deploy(Workload(name: name, replicas: 1, labels: ["tier": "api"]))
      }
      // Long enough that a slow machine sees all of them before the first one counts.
      try await scene.policy(
        """
        target: {selector: {matchLabels: {tier: api}}}
        triggers: [{name: pull, for: 10s, pods: {crashLooping: false, oomKilled: false}}]
        """)
      try await eventually("all are protected") {
        let count = try await scene.policy(named: "web").status.targetCount
        return Progress(count == names.count, "\(String(describing: count))")
      }
      try await Self.each(names) { name in try await scene.rollOut(.bad(2, "ImagePull"), of: name) }
      for name in names { try await scene.held("SharedCause", of: name) }
      #expect(try names.allSatisfy { try scene.templatePatches(of: $0) == 0 })
      let first = try #require(try await scene.events(of: "web-1").last)
      try await scene.decide(.approved, about: first)
      try await scene.event(.recovered, of: "web-1")
      for name in names.dropFirst() {
        #expect(try await scene.version(of: name) == 2)
        #expect(try scene.templatePatches(of: name) == 0)
        #expect(try await !scene.reasons(about: "Deployment", name).contains("RollbackHeld"))
      }
      try await scene.reasons(about: "Lease", "rollback-operator", include: ["SharedCause"])
      let told = try scene.lastOperator.log.split(separator: "\n").count { $0.contains("SharedCause first=") }
      #expect(told <= 1, "it is told once for all of them")
    }
  }

  @Test("Forty of a hundred workloads that breach together are held, and it is told once")
  func sharedCauseOfMany() async throws {
    try await Scene.play { scene in
      let names = (1...100).map { "web-\($0)" }
      try await Self.each(names) { name in
        try await scene.deploy(Workload(name: name, replicas: 1, labels: ["tier": "api"]), waits: false)
      }
      try await Self.each(names) { name in try await scene.rolledOut(name) }
      try await scene.policy(
        """
        target: {selector: {matchLabels: {tier: api}}}
        triggers: [{name: pull, for: 20s, pods: {crashLooping: false, oomKilled: false}}]
        """)
      try await eventually("all are protected") {
        let count = try await scene.policy(named: "web").status.targetCount
        return Progress(count == names.count, "\(String(describing: count))")
      }
      let bad = Array(names.prefix(40))
      try await Self.each(bad) { name in try await scene.rollOut(.bad(2, "ImagePull"), of: name) }
      try await eventually("all forty are held") {
        let events = try await scene.events()
        let held = events.filter {
          $0.status.outcome == .held && $0.status.conditions?["Succeeded"]?.reason == "SharedCause"
        }
        return Progress(Set(held.map(\.spec.target.name)) == Set(bad), "\(held.count) of \(events.count)")
      }
      #expect(try scene.writes().allSatisfy { !$0.isTemplatePatch }, "no rollback at all")
      for name in names { #expect(try await scene.generation(of: name) == (bad.contains(name) ? 2 : 1), "\(name)") }
      try await scene.reasons(about: "Lease", "rollback-operator", include: ["SharedCause"])
      let told = try scene.lastOperator.log.split(separator: "\n").count { $0.contains("SharedCause first=") }
      #expect(told == 1, "it is told once for all of them")
    }
  }

  private static func each(_ names: [String], _ body: @escaping @Sendable (String) async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
      for name in names { group.addTask { try await body(name) } }
      try await group.waitForAll()
    }
  }
}
