import FoundationEssentials
import Glibc
import KubernetesClient
import LocalCluster
import RollbackOperator
import Testing

@Suite("A leader that is one no longer writes nothing and ends", .showsLogs, .timeLimit(.minutes(5)))
struct AvailabilityLostLeadTests {
  static let workloads = ["a", "b", "c", "d", "e", "f"]

  /// When a leader goes on that was stopped between its last look and its undo.
  enum Awakening: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case whenAnotherLeads = "as soon as another leads"
    case whenUndone = "when another has undone"

    var testDescription: String { rawValue }
  }

  @Test("Stopped between its last look and its undo, it goes on later", arguments: Awakening.allCases)
  func stopped(awakening: Awakening) async throws {
    try await Scene.playReplicas(2) { scene, replicas in
      try await scene.protect(all: Self.workloads)
      let released = FaultCounter()
      // Several at once, so that one of them is sent if any may be.
      replicas.holdBeforeUndo(of: Self.workloads.count, until: released) { replicas.leader.instance.send(SIGSTOP) }
      for name in Self.workloads { try await scene.rollOut(.bad(2), of: name) }
      let next = try await scene.leads(anyOf: replicas.others)
      if awakening == .whenUndone {
        for name in Self.workloads { try await scene.runs(1, name) }
      }
      let before = replicas.proxy.requests.count
      // What it had asked for is answered now: all that it had decided on is in its hands.
      released.next()
      replicas.leader.instance.send(SIGCONT)
      let (exit, _) = await replicas.leader.ended()
      #expect(exit == "exited with status 1")
      for name in Self.workloads { try await scene.isUndoneOnce(name) }
      let late = replicas.proxy.requests.dropFirst(before).filter { $0.method != "GET" }
      #expect(late.map { "\($0.method) \($0.path)" } == [], "not even tried")
      let (old, _) = try scene.failedOver(from: replicas.leader, to: next)
      #expect(!old.isGivenUp)
    }
  }

  /// How the way to the API server ends.
  enum Cut: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case silent = "nothing passes any more"
    case broken = "every connection breaks"

    var testDescription: String { rawValue }
  }

  @Test("Cut off from the API server in the middle of a rollback", arguments: Cut.allCases)
  func cutOff(cut: Cut) async throws {
    try await Scene.playReplicas(cut == .silent ? 2 : 3) { scene, replicas in
      try await scene.protect()
      replicas.strike(afterUndo: false) {
        switch cut {
        case .silent: replicas.proxy.freeze()
        case .broken:
          replicas.proxy.setRule { _ in .drop }
          replicas.proxy.cut()
        }
      }
      try await scene.rollOut(.bad(2))
      let (exit, endedAt) = await replicas.leader.ended()
      #expect(exit == "exited with status 1")
      #expect(replicas.leader.instance.log.contains("could not be renewed in time"))
      let next = try await scene.leads(anyOf: replicas.others)
      try await scene.isUndoneOnce()
      let (old, new) = try scene.failedOver(from: replicas.leader, to: next)
      let ending = endedAt.timeIntervalSince(old.lastRenewal)
      #expect(ending <= Replicas.renewDeadline + Replicas.slack)
      let gap = try #require(new.gap)
      #expect(gap <= Replicas.leaseDuration + Replicas.slack)
      print("cut off, \(cut): ended \(ending) s after the last renewal, fail-over \(gap) s after it")
    }
  }

  @Test("Somebody else writes himself into the lease in the middle of a rollback")
  func stolen() async throws {
    try await Scene.playReplicas(2) { scene, replicas in
      try await scene.protect()
      let released = FaultCounter()
      let held = FaultCounter()
      replicas.holdBeforeUndo(until: released) { held.next() }
      try await scene.rollOut(.bad(2))
      try await eventually("the leader is about to undo") { Progress(held.value == 1, "\(held.value)") }
      try await scene.client.patch(
        .leases, namespace: scene.namespace, name: Operator.leaseName,
        .merge(["spec": ["holderIdentity": "thief", "leaseDurationSeconds": 6]]))
      let (exit, endedAt) = await replicas.leader.ended()
      released.next()
      #expect(exit == "exited with status 1")
      #expect(replicas.leader.instance.log.contains("was taken over by thief"))
      let next = try await scene.leads(anyOf: replicas.others)
      try await scene.isUndoneOnce()

      let history = try scene.leaseHistory()
      let terms = history.terms
      try #require(terms.map(\.user) == [replicas.leader.user, terms.dropFirst().first?.user, next.user])
      history.check(except: terms[1].user)
      #expect(history.writes.filter { $0.user == terms[1].user }.count == 1, "a thief who never renews")
      #expect(try #require(terms[2].gap) <= Replicas.leaseDuration + Replicas.slack)
      #expect(endedAt.timeIntervalSince(terms[1].begin) <= Replicas.retryPeriod + Replicas.slack)
      let patches = try scene.writesOfReplicas().filter(\.isTemplatePatch)
      #expect(patches.map(\.user) == [next.user])
      let ofNext = try scene.writesOfReplicas().filter { $0.user == next.user }
      #expect(history.outsideTerms(ofNext) == [])
    }
  }

  @Test("Somebody deletes the lease: one leads, and who does not ends or stands by")
  func deleted() async throws {
    try await Scene.playReplicas(3) { scene, replicas in
      try await scene.protect()
      for _ in 0..<3 {
        try await scene.client.delete(.leases, namespace: scene.namespace, name: Operator.leaseName)
        try await scene.leads(anyOf: [replicas.leader] + replicas.others)
      }
      try await scene.rollOut(.bad(2))
      try await scene.isUndoneOnce()
      #expect(try scene.writesOfReplicas().count { $0.isTemplatePatch } == 1)
    }
  }
}

extension Replicas {
  /// The leader's last looks before its undos are answered only when `released` is counted up; `then` runs when so many
  /// are there.
  func holdBeforeUndo(
    of count: Int = 1, until released: FaultCounter, _ then: @escaping @Sendable () -> Void
  ) {
    let running = FaultCounter()
    let held = FaultCounter()
    proxy.setRule { request in
      if request.write == "PATCH rollbackevents/status",
        String(decoding: request.body, as: UTF8.self).contains("\"Running\"")
      {
        running.next()
      }
      let isLook = request.method == "GET" && request.path.hasSuffix("/rollbackpolicies/web")
      guard running.value > 0, isLook, released.value == 0 else { return .forward }
      return .forward(after: {
        if held.next() == count { then() }
        while released.value == 0, (try? await Task.sleep(for: .milliseconds(10))) != nil {}
      })
    }
  }
}
