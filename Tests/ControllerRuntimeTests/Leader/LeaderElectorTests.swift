import KubernetesClient
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ControllerRuntime

@Suite("Leader elector", .timeLimit(.minutes(2)))
struct LeaderElectorTests {
  let clock = ManualClock(jitter: 0)
  let server = FakeLeaseServer()

  private func makeElector(_ identity: String) -> (LeaderElector, FakeLeaseLock) {
    let lock = FakeLeaseLock(server, clock: clock)
    return (LeaderElector(lock: lock, identity: identity, clock: clock, logger: .quiet), lock)
  }

  /// Runs the elector until it ends; the error it threw.
  private func end(of elector: LeaderElector) async -> (any Error)? {
    do {
      try await elector.run()
      return nil
    } catch { return error }
  }

  /// Lets half seconds pass, one after the other, when everybody sleeps.
  private func pass(halves: Int, sleepers: Int) async throws {
    for _ in 0..<halves {
      try await clock.advance(by: .milliseconds(500), whenSleeping: sleepers)
      try await settle()
    }
  }

  @Test("One of two leads, renews every second, and the other takes over when it dies")
  func takeover() async throws {
    let (first, _) = makeElector("first")
    let (second, _) = makeElector("second")
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      try await withThrowingTaskGroup(of: (any Error)?.self) { firstGroup in
        firstGroup.addTask { await end(of: first) }
        try await until { first.isLeading }
        group.addTask { await end(of: second) }
        try await pass(halves: 20, sleepers: 2)
        #expect(first.isLeading && !second.isLeading)
        #expect(server.writes.count == 11)
        firstGroup.cancelAll()
        #expect(try await firstGroup.next() as? CancellationError != nil)
      }
      #expect(server.holder == "first", "a process that was killed gives nothing up")
      let began = clock.monotonicTime
      while !second.isLeading {
        try await pass(halves: 1, sleepers: 1)
        #expect(!(first.isLeading && second.isLeading))
      }
      #expect(clock.monotonicTime - began <= .seconds(6), "the duration and one pause")
      #expect(server.spec?["leaseTransitions"] == 1)
      group.cancelAll()
    }
  }

  @Test(
    "A leader that cannot renew ends with an error at the deadline, whatever the connection does",
    arguments: [FakeLeaseServer.Mode.fails, .hangs])
  func lost(mode: FakeLeaseServer.Mode) async throws {
    let (elector, lock) = makeElector("me")
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      group.addTask { await end(of: elector) }
      try await elector.waitUntilLeading()
      let renewed = clock.monotonicTime
      lock.mode.update { $0 = mode }
      while elector.isLeading { try await pass(halves: 1, sleepers: 1) }
      #expect(clock.monotonicTime - renewed == .seconds(4))
      let error = try await group.next() as? LeadershipLost
      #expect(error?.reason == .notRenewed)
    }
    await #expect(throws: LeadershipLost.self) { try await elector.waitUntilLeading() }
    #expect(clock.sleeperCount == 0)
  }

  @Test("isLeading ends with the deadline even when nothing of the elector runs")
  func frozen() async throws {
    let (elector, lock) = makeElector("me")
    let hasEnded = Shared(false)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask {
        _ = await end(of: elector)
        hasEnded.update { $0 = true }
      }
      try await until { elector.isLeading }
      lock.mode.update { $0 = .hangs }
      clock.advance(by: .seconds(4))
      #expect(!elector.isLeading)
      await clock.advance { hasEnded.now }
    }
  }

  @Test("A write whose answer was lost is found again by reading")
  func lostAnswer() async throws {
    let (elector, lock) = makeElector("me")
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      group.addTask { await end(of: elector) }
      try await until { elector.isLeading }
      lock.mode.update { $0 = .losesAnswers }
      try await pass(halves: 2, sleepers: 1)
      lock.mode.update { $0 = .works }
      try await pass(halves: 20, sleepers: 1)
      #expect(elector.isLeading && server.holder == "me")
      group.cancelAll()
    }
  }

  @Test("Another holder in the lease ends the leadership at once")
  func takenOver() async throws {
    let (elector, _) = makeElector("me")
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      group.addTask { await end(of: elector) }
      try await until { elector.isLeading }
      server.edit { $0["spec"]?["holderIdentity"] = "other" }
      try await pass(halves: 2, sleepers: 1)
      let error = try await group.next() as? LeadershipLost
      #expect(error?.reason == .takenOver(by: "other"))
    }
    #expect(server.holder == "other")
  }

  @Test("A label put on the lease does not disturb the leader")
  func edited() async throws {
    let (elector, _) = makeElector("me")
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      group.addTask { await end(of: elector) }
      try await until { elector.isLeading }
      server.edit { $0["metadata"]?["labels"] = ["a": "b"] }
      try await pass(halves: 4, sleepers: 1)
      #expect(elector.isLeading && server.spec?["leaseTransitions"] == 0)
      group.cancelAll()
    }
  }

  @Test("Graceful shutdown gives the lease up, so that the other leads within its next try")
  func release() async throws {
    let (first, _) = makeElector("first")
    let (second, _) = makeElector("second")
    let service = ServiceGroup(services: [first], logger: .quiet)
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      try await withThrowingDiscardingTaskGroup { services in
        services.addTask { try await service.run() }
        try await until { first.isLeading }
        group.addTask { await end(of: second) }
        await clock.waitForSleepers(2)
        await service.triggerGracefulShutdown()
      }
      #expect(server.holder == "" && server.spec?["leaseDurationSeconds"] == 1 && !first.isLeading)
      await #expect(throws: LeadershipLost.self) { try await first.waitUntilLeading() }
      try await pass(halves: 2, sleepers: 1)
      try await until { second.isLeading }
      #expect(server.spec?["leaseTransitions"] == 1)
      group.cancelAll()
    }
  }

  @Test("The lease is written to the API server as Kubernetes wants it")
  func requests() async throws {
    let transport = ScriptedTransport(clock: clock) { request, _ in
      request.method == "GET"
        ? .status(404, "NotFound") : .response(TransportResponse(status: 201, body: request.body))
    }
    let client = KubernetesClient(transport: transport, clock: clock, logger: .quiet)
    let lock = KubernetesLeaseLock(client: client, namespace: "ns", name: "operator")
    let elector = LeaderElector(lock: lock, identity: "me", clock: clock, logger: .quiet)
    try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      group.addTask { await end(of: elector) }
      try await until { elector.isLeading }
      group.cancelAll()
    }
    let requests = transport.requests
    #expect(requests.map(\.method).map { "\($0)" } == ["GET", "POST"])
    let path = "/apis/coordination.k8s.io/v1/namespaces/ns/leases"
    #expect(requests.first?.path == path + "/operator" && requests.last?.path.hasPrefix(path) == true)
    let body = try JSONValue(parsing: requests.last?.body ?? [])
    #expect(body["kind"] == "Lease" && body["apiVersion"] == "coordination.k8s.io/v1")
    #expect(body["spec"]?["renewTime"] == "2027-01-15T08:00:00.000000Z")
  }
}
