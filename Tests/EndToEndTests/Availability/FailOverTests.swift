import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// Which replicas there are, and at which side of the undo the leader is struck.
struct FailOver: Sendable, CustomTestStringConvertible {
  var replicas: Int
  var afterUndo: Bool

  var testDescription: String { "\(replicas) replicas, \(afterUndo ? "after" : "before") the undo" }

  static let all = [2, 3].flatMap { count in [false, true].map { FailOver(replicas: count, afterUndo: $0) } }
}

@Suite("Another replica takes over, and goes on with the rollback", .showsLogs, .timeLimit(.minutes(5)))
struct AvailabilityTests {
  @Test("The leader is killed", arguments: FailOver.all)
  func killed(how: FailOver) async throws {
    try await Scene.playReplicas(how.replicas) { scene, replicas in
      try await scene.protect()
      replicas.strike(afterUndo: how.afterUndo) { await replicas.leader.instance.kill() }
      try await scene.rollOut(.bad(2))
      let (_, killedAt) = await replicas.leader.ended()
      let next = try await scene.leads(anyOf: replicas.others)
      try await scene.isUndoneOnce()
      let (old, new) = try scene.failedOver(from: replicas.leader, to: next)
      let gap = try #require(new.gap)
      #expect(gap <= Replicas.leaseDuration + Replicas.slack)
      let took = new.begin.timeIntervalSince(killedAt)
      #expect(took <= 6 + Replicas.slack)
      #expect(!old.isGivenUp)
      print("fail-over after SIGKILL: \(took) s, \(gap) s after the last renewal")
    }
  }

  @Test("The leader is asked to end", arguments: FailOver.all)
  func terminated(how: FailOver) async throws {
    try await Scene.playReplicas(how.replicas) { scene, replicas in
      try await scene.protect()
      let asked = FaultCounter()
      let askedAt = Moment()
      replicas.proxy.setRule { request in
        guard request.isTemplatePatch, asked.next() == 1 else { return .forward }
        let ask: @Sendable () -> Void = {
          askedAt.set()
          replicas.leader.instance.send(15)
        }
        guard how.afterUndo else {
          ask()
          return .forward
        }
        return .forward(after: { ask() })
      }
      try await scene.rollOut(.bad(2))
      let (exit, _) = await replicas.leader.ended()
      #expect(exit == "exited with status 0")
      let next = try await scene.leads(anyOf: replicas.others)
      try await scene.isUndoneOnce()
      let (old, new) = try scene.failedOver(from: replicas.leader, to: next)
      let gap = try #require(new.gap)
      #expect(old.isGivenUp, "nobody waits for a lease that is given up")
      #expect(gap <= Replicas.retryPeriod + Replicas.slack)
      let took = new.begin.timeIntervalSince(try #require(askedAt.date))
      #expect(took <= 1 + Replicas.slack)
      print("fail-over after SIGTERM: \(took) s, \(gap) s after the lease was given up")
    }
  }
}

extension Replicas {
  /// Does something to the leader just before or just after the API server takes its undo; it never hears of it.
  func strike(afterUndo: Bool, _ blow: @escaping @Sendable () async -> Void) {
    let struck = FaultCounter()
    proxy.setRule { request in
      guard request.isTemplatePatch, struck.next() == 1 else { return .forward }
      if afterUndo { return .loseAnswer(after: blow) }
      await blow()
      return .drop
    }
  }
}

extension Scene {
  /// The record of a scene in which one replica followed another: no rule of the election was broken, and nobody wrote
  /// or tried to write without the lease.
  ///
  /// - Returns: the first leader's term and the second's.
  func failedOver(
    from old: Replica, to new: Replica, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (old: LeaseHistory.Term, new: LeaseHistory.Term) {
    let history = try leaseHistory()
    history.check(sourceLocation: sourceLocation)
    let terms = history.terms
    #expect(terms.map(\.user) == [old.user, new.user], sourceLocation: sourceLocation)
    #expect(history.writes.last?.transitions == 1, sourceLocation: sourceLocation)
    #expect(history.outsideTerms(try writesOfReplicas()) == [], sourceLocation: sourceLocation)
    let first = try #require(terms.first, sourceLocation: sourceLocation)
    return (first, try #require(terms.dropFirst().first, sourceLocation: sourceLocation))
  }
}
