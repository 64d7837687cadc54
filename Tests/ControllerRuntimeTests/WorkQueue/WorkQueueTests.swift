import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ControllerRuntime

/// Counts what runs at the same time.
final class Occupancy<Key: Hashable & Sendable>: Sendable {
  private struct State {
    var now: [Key: Int] = [:]
    var most = 0
    var overlaps = 0
    var finished: [Key] = []
  }

  private let state = Mutex(State())

  func enter(_ key: Key) {
    state.withLock { state in
      state.now[key, default: 0] += 1
      if state.now[key] != 1 { state.overlaps += 1 }
      state.most = max(state.most, state.now.values.reduce(0, +))
    }
  }

  func leave(_ key: Key) {
    state.withLock { state in
      state.now[key, default: 0] -= 1
      state.finished.append(key)
    }
  }

  var overlaps: Int { state.withLock { $0.overlaps } }
  var most: Int { state.withLock { $0.most } }
  var finished: [Key] { state.withLock { $0.finished } }
}

@Suite("Work queue", .timeLimit(.minutes(2)))
struct WorkQueueTests {
  let clock = ManualClock()
  let logger = Logger.quiet

  /// Runs the queue beside the body, then shuts it down and waits for its end.
  private func run<Key>(
    _ queue: WorkQueue<Key>, workers: Int = 1, handle: @escaping @Sendable (Key) async -> WorkOutcome,
    _ body: () async throws -> Void
  ) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await queue.run(workers: workers, handle) }
      try await body()
      queue.shutDown()
    }
  }

  @Test("Runs what was added before and after the start, highest lane first")
  func order() async throws {
    let queue = WorkQueue<String>(name: "order", clock: clock, logger: logger)
    let seen = Shared<[String]>([])
    queue.add("housekeeping", .housekeeping)
    queue.add("evaluate", .evaluate)
    queue.add("act", .act)
    try await run(queue) { key in
      seen.update { $0.append(key) }
      return .settled
    } _: {
      try await until { seen.now.count == 3 }
      queue.add("later", .evaluate)
      try await until { seen.now.count == 4 }
    }
    #expect(seen.now == ["act", "evaluate", "housekeeping", "later"])
    #expect(queue.trackedKeys == 0)
  }

  @Test("Delayed keys run when their time has come, an earlier one overtakes the sleeping timer")
  func delays() async throws {
    let queue = WorkQueue<String>(name: "delays", clock: clock, logger: logger)
    let seen = Shared<[String]>([])
    try await run(queue) { key in
      seen.update { $0.append(key) }
      return .settled
    } _: {
      queue.add("late", .act, after: .seconds(3_600))
      try await until { clock.sleeperCount == 1 }
      queue.add("early", .act, after: .seconds(60))
      try await settle()
      try await clock.advance(by: .seconds(60), whenSleeping: 1)
      try await until { seen.now == ["early"] }
      try await clock.advance(by: .seconds(3_540), whenSleeping: 1)
      try await until { seen.now == ["early", "late"] }
    }
    #expect(clock.sleeperCount == 0)
  }

  @Test("A failing key comes back after its back-off, a settled one does not")
  func retries() async throws {
    let queue = WorkQueue<String>(name: "retries", clock: clock, logger: logger)
    let runs = Shared(0)
    try await run(queue) { _ in
      let run = runs.update { runs in
        runs += 1
        return runs
      }
      return run < 4 ? .failed(TestFailure()) : .settled
    } _: {
      queue.add("a", .act)
      for run in 1..<4 {
        try await until { runs.now == run }
        try await clock.advance(by: .seconds(1), whenSleeping: 1)
      }
      try await until { runs.now == 4 && queue.running == 0 }
      #expect(queue.trackedKeys == 0)
    }
    #expect(runs.now == 4)
  }

  @Test("Many adders and workers: no key beside itself, never more than the workers, the last add is always seen")
  func stress() async throws {
    let queue = WorkQueue<Int>(name: "stress", clock: clock, logger: logger)
    let occupancy = Occupancy<Int>()
    let wanted = Shared([Int: Int]())
    let seen = Shared([Int: Int]())
    try await run(queue, workers: 4) { key in
      occupancy.enter(key)
      let version = wanted.now[key]
      await Task.yield()
      seen.update { $0[key] = version }
      occupancy.leave(key)
      return .settled
    } _: {
      try await withThrowingDiscardingTaskGroup { group in
        for adder in 0..<4 {
          group.addTask {
            for round in 0..<2_000 {
              let key = (round * 7 + adder) % 10
              wanted.update { $0[key, default: 0] += 1 }
              queue.add(key, Lane.allCases[round % 3])
              if round % 50 == 0 { await Task.yield() }
            }
          }
        }
      }
      try await until { queue.depth == 0 && queue.running == 0 }
    }
    #expect(occupancy.overlaps == 0)
    #expect(occupancy.most <= 4)
    #expect(seen.now == wanted.now)
    #expect(queue.trackedKeys == 0)
  }

  @Test("Shutdown drains the running handlers without cancelling them and starts no other")
  func drain() async throws {
    let queue = WorkQueue<String>(name: "drain", clock: clock, logger: logger)
    let occupancy = Occupancy<String>()
    let proceed = Gate()
    let wasCancelled = Shared(false)
    queue.add("a", .act)
    queue.add("b", .act)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask {
        await queue.run(workers: 1) { key in
          occupancy.enter(key)
          try? await proceed.wait()
          wasCancelled.update { $0 = Task.isCancelled }
          occupancy.leave(key)
          return .settled
        }
      }
      try await until { queue.running == 1 }
      queue.shutDown()
      try await settle()
      #expect(queue.running == 1)
      proceed.open()
    }
    #expect(occupancy.finished == ["a"])
    #expect(!wasCancelled.now)
  }

  @Test("Graceful shutdown of a service group ends the run")
  func gracefulShutdown() async throws {
    struct Runner: Service {
      let queue: WorkQueue<String>
      func run() async { await queue.run(workers: 1) { _ in .settled } }
    }
    let queue = WorkQueue<String>(name: "graceful", clock: clock, logger: logger)
    let group = ServiceGroup(services: [Runner(queue: queue)], logger: logger)
    queue.add("later", .act, after: .seconds(60))
    try await withThrowingDiscardingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      try await until { clock.sleeperCount == 1 }
      await group.triggerGracefulShutdown()
    }
    #expect(clock.sleeperCount == 0)
  }

  @Test("Cancellation ends the handlers and the run")
  func cancellation() async throws {
    let queue = WorkQueue<String>(name: "cancelled", clock: clock, logger: logger)
    queue.add("a", .act)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask {
        await queue.run(workers: 1) { [clock] _ in
          try? await clock.sleep(for: .seconds(60))
          return .settled
        }
      }
      try await until { clock.sleeperCount == 1 }
      group.cancelAll()
    }
    #expect(clock.sleeperCount == 0)
  }
}
