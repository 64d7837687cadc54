import Foundation  // the time zones of the tz database
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("What is done follows from how grave the breach is", .showsLogs, .timeLimitOfQueue)
struct SeverityTests {
  static let low = "triggers: [{name: pods, severity: Low, pods: {}}]"

  @Test("Low is told, and nothing is changed")
  func notify() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\n\(Self.low)")
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.observed)
      #expect(event.status.conditions?["Succeeded"]?.reason == "Notify")
      #expect(event.status.steps == nil)
      #expect(try await scene.generation() == 2)
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("A Low breach that lasts becomes Critical and is undone")
  func raised() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        \(Self.low)
        decisions: [{severity: Low, respond: Notify, raise: {after: 4s, to: Critical}}]
        """)
      try await scene.rollOut(.bad(2))
      try await scene.event(.observed)
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.severity == .low)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("A Critical breach does not wait for the answer about a Medium one")
  func outranks() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        triggers:
        - {name: crash, severity: Medium, pods: {}}
        - {name: stall, severity: Critical, rollout: {stalledFor: 6s}}
        """)
      try await scene.rollOut(.bad(2))
      let question = try await scene.question()
      let event = try await scene.event(.recovered)
      #expect(event.metadata.name == question.metadata.name && event.spec.approval == nil)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("While a hotfix is waited for nothing is undone, and the hotfix supersedes the plan")
  func hotfix() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(
        "target: {name: web}\ndecisions: [{severity: High, respond: Act, hotfixWindow: 30m}]")
      try await scene.rollOut(.bad(2))
      try await scene.held("HotfixWindow")
      try await scene.rollOutAndWait(.good(3))
      try await scene.event(.superseded)
      #expect(try await scene.version() == 3)
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("No hotfix came: it is undone")
  func noHotfix() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy(
        "target: {name: web}\ndecisions: [{severity: High, respond: Act, hotfixWindow: 3s}]")
      try await scene.rollOut(.bad(2))
      let event = try await scene.event(.recovered)
      #expect(event.status.timeline?.contains { $0.what.contains("hotfixWindow: 3s") } == true)
      #expect(try await scene.version() == 1)
    }
  }

  @Test("What is scheduled is held until its time has come, and then undone")
  func scheduled() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      // More than half a minute away, by the clocks of a zone that the operator must know.
      let zone = try #require(TimeZone(identifier: "Asia/Kolkata"))
      let time = Date.now.addingTimeInterval(90 + Double(zone.secondsFromGMT()))
      let minutes = Int(time.timeIntervalSince1970) / 60
      try await scene.policy(
        """
        target: {name: web}
        decisions:
        - {severity: High, respond: Schedule, at: "\(minutes % 60) \(minutes / 60 % 24) * * *", timeZone: Asia/Kolkata}
        """)
      try await scene.rollOut(.bad(2))
      let held = try await scene.held("Scheduled")
      #expect(held.status.conditions?["Succeeded"]?.message.contains("timeZone: Asia/Kolkata") == true)
      #expect(try await scene.version() == 2)
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }
}
