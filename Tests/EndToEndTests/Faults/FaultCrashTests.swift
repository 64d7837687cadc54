import RollbackCore
import RollbackOperator
import Testing

/// A write of one rollback: which of its kind it is.
struct WritePoint: Sendable, Hashable, CustomTestStringConvertible {
  var kind: String
  var number: Int
  /// Whether every rollback makes it; others depend on what the operator happens to see in between.
  var isCertain = true

  var testDescription: String { "\(kind) \(number)" }

  /// The writes of a rollback from the breach on. ``FaultCrashTests/table()`` holds them against a real one.
  static let ofRollback: [WritePoint] = [
    WritePoint(kind: "POST rollbackevents", number: 1),
    WritePoint(kind: "PATCH rollbackevents/status", number: 1),
    WritePoint(kind: "PATCH rollbackevents/status", number: 2),
    WritePoint(kind: "PATCH rollbackevents/status", number: 3),
    WritePoint(kind: "PATCH rollbackevents/status", number: 4, isCertain: false),
    WritePoint(kind: "PATCH rollbackevents/status", number: 5, isCertain: false),
    WritePoint(kind: "PATCH deployments", number: 1),
    WritePoint(kind: "PATCH replicasets", number: 1),
    WritePoint(kind: "PATCH rollbackpolicies/status", number: 1),
    WritePoint(kind: "PATCH rollbackpolicies/status", number: 2),
    WritePoint(kind: "PATCH rollbackpolicies/status", number: 3, isCertain: false),
    WritePoint(kind: "PATCH rollbackpolicies/status", number: 4, isCertain: false),
    WritePoint(kind: "PATCH rollbackpolicies/status", number: 5, isCertain: false),
    WritePoint(kind: "PATCH rollbackpolicies/status", number: 6, isCertain: false),
  ]
}

/// What happens around a write.
enum WriteFault: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case killedBefore = "SIGKILL before"
  case killedAfter = "SIGKILL after"
  case answerLost = "answer lost of"

  var testDescription: String { rawValue }
  var kills: Bool { self != .answerLost }
}

@Suite("A rollback interrupted at any write ends as if nothing had happened", .showsLogs, .timeLimitOfQueue)
struct FaultCrashTests {
  @Test("The writes that are interrupted are those that a rollback makes")
  func table() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.protect()
      let before = proxy.writes.count
      try await scene.rollOut(.bad(2))
      try await scene.isAsUndisturbed()
      try await settled(proxy)
      var counts: [String: Int] = [:]
      let made = proxy.writes.dropFirst(before).compactMap(\.write).map { kind in
        counts[kind, default: 0] += 1
        return WritePoint(kind: kind, number: counts[kind, default: 0])
      }
      // How often a status changes depends on what is seen in between; one such write is like the other.
      let unknown = Set(made.map(\.kind)).subtracting(WritePoint.ofRollback.map(\.kind))
      #expect(unknown.isEmpty, "a write that no test interrupts")
      let names = Set(made.map(\.testDescription))
      for point in WritePoint.ofRollback where point.isCertain {
        #expect(names.contains(point.testDescription), "no rollback makes this write: \(made)")
      }
    }
  }

  @Test("One write", arguments: WritePoint.ofRollback, WriteFault.allCases)
  func write(point: WritePoint, fault: WriteFault) async throws {
    try await Scene.playBehindProxy { scene, proxy in
      let victim = try await scene.startOperator(through: proxy)
      try await scene.protect()
      let struck = strike(point, fault, victim, proxy)
      try await scene.rollOut(.bad(2))
      try await eventually("the operator came to \(point.testDescription)", within: .seconds(120)) {
        if struck.value > 0 { return .met }
        if !point.isCertain, try await scene.events().contains(where: { $0.status.outcome == .recovered }) {
          try await settled(proxy)
          return .met
        }
        return .unmet("\(proxy.writes.compactMap(\.write))")
      }
      if fault.kills, struck.value > 0 {
        _ = await victim.waitForExit()
        try await scene.startOperator(through: proxy)
      }
      try await scene.isAsUndisturbed()
      #expect(struck.value == 1 || !point.isCertain)
    }
  }

  @Test("The verdict that a revision is good", arguments: WriteFault.allCases)
  func goodVerdict(fault: WriteFault) async throws {
    try await Scene.playBehindProxy { scene, proxy in
      let victim = try await scene.startOperator(through: proxy)
      let point = WritePoint(kind: "PATCH replicasets", number: 1)
      let struck = strike(point, fault, victim, proxy)
      try await scene.protect(policy: "{target: {name: web}, trial: {window: 2s}}")
      try await eventually("the operator came to the verdict", within: .seconds(60)) {
        Progress(struck.value == 1, "\(proxy.writes.compactMap(\.write))")
      }
      if fault.kills {
        _ = await victim.waitForExit()
        try await scene.startOperator(through: proxy)
      }
      try await scene.verdict(1, becomes: "Good")
      try await settled(proxy)
      #expect(try scene.templatePatches() == 0)
      #expect(try await scene.events().isEmpty)
    }
  }

  /// Lets the fault happen at the write.
  ///
  /// - Returns: how often it did.
  private func strike(
    _ point: WritePoint, _ fault: WriteFault, _ victim: OperatorInstance, _ proxy: FaultProxy
  ) -> FaultCounter {
    let seen = FaultCounter()
    let struck = FaultCounter()
    proxy.setRule { request in
      guard request.write == point.kind, seen.next() == point.number else { return .forward }
      struck.next()
      switch fault {
      case .killedBefore:
        await victim.kill()
        return .drop
      case .killedAfter:
        return .loseAnswer(after: { await victim.kill() })
      case .answerLost:
        return .loseAnswer
      }
    }
    return struck
  }

  /// Waits until the operator has written nothing for a while.
  private func settled(_ proxy: FaultProxy) async throws {
    var last = -1
    try await eventually("no more writes", every: .seconds(1)) {
      let now = proxy.writes.count
      defer { last = now }
      return Progress(now == last, "\(now) writes")
    }
  }
}
