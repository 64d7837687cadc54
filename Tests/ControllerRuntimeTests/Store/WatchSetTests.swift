import KubernetesClient
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ControllerRuntime

@Suite("Watches that come and go", .timeLimit(.minutes(2)))
struct WatchSetTests {
  /// Counts the sources that are alive.
  final class Sources: Sendable {
    let alive = Atomic<Int>(0)
    let started = Atomic<Int>(0)

    func source(_ key: Int) -> Reflector<Pod>.Source {
      { handle in
        self.alive.add(1, ordering: .relaxed)
        self.started.add(1, ordering: .relaxed)
        await handle(.relistStarted)
        await handle(.relisted(.pod("pod-\(key)", 1)))
        await handle(.relistDone(resourceVersion: "1"))
        _ = await Bell().wait()
        self.alive.subtract(1, ordering: .relaxed)
      }
    }

    var aliveNow: Int { alive.load(ordering: .relaxed) }
    var startedNow: Int { started.load(ordering: .relaxed) }
  }

  struct WeakStore { weak var store: Store<Pod>? }

  let clock = ManualClock()
  let sources = Sources()
  let told = Shared<[String]>([])

  private func makeSet() -> WatchSet<Int, Pod> {
    WatchSet(
      source: { [sources] in sources.source($0) }, indexes: [.owner], clock: clock, logger: .quiet
    ) { [told] key, change in
      let summary = "\(key) \(change.summary)"
      told.update { $0.append(summary) }
    }
  }

  @Test("A key is watched once, into its own store, until it is released")
  func lifecycle() async throws {
    let set = makeSet()
    let early = set.ensure(1)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await set.run() }
      #expect(set.ensure(1) === early)
      let other = set.ensure(2)
      try await until { early.isSynced && other.isSynced }
      #expect(sources.startedNow == 2 && set.tasks == 2 && Set(set.keys) == [1, 2])
      #expect(other.names().map(\.name) == ["pod-2"])
      set.release(1)
      set.release(1)
      try await until { set.tasks == 1 && sources.aliveNow == 1 }
      #expect(set.store(1) == nil && set.store(2) === other)
      group.cancelAll()
    }
    #expect(sources.aliveNow == 0 && set.tasks == 0 && set.keys.isEmpty)
    #expect(Set(told.now) == ["1 new pod-1@1", "1 synced", "2 new pod-2@1", "2 synced"])
  }

  @Test("A key that was released before the start is never watched")
  func releasedEarly() async throws {
    let set = makeSet()
    set.ensure(1)
    set.release(1)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await set.run() }
      let store = set.ensure(2)
      try await until { store.isSynced }
      group.cancelAll()
    }
    #expect(sources.startedNow == 1)
  }

  @Test("Released and ensured again is a new watch with a new store")
  func again() async throws {
    let set = makeSet()
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await set.run() }
      let first = set.ensure(1)
      try await until { first.isSynced }
      set.release(1)
      let second = set.ensure(1)
      #expect(first !== second && !second.isSynced)
      try await until { second.isSynced && set.tasks == 1 }
      group.cancelAll()
    }
    #expect(sources.startedNow == 2 && sources.aliveNow == 0)
  }

  @Test("A thousand watches that came and went leave no task and no store behind")
  func nothingLeft() async throws {
    let set = makeSet()
    var stores: [WeakStore] = []
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await set.run() }
      for round in 0..<1_000 {
        stores.append(WeakStore(store: set.ensure(round)))
        if round % 3 == 0 { try await until { set.store(round)?.isSynced == true } }
        if round >= 10 { set.release(round - 10) }
      }
      for round in 990..<1_000 { set.release(round) }
      try await until { set.tasks == 0 && sources.aliveNow == 0 }
      #expect(set.keys.isEmpty)
      // The last child's own references end with its task.
      try await until { stores.allSatisfy { $0.store == nil } }
      group.cancelAll()
    }
    #expect(sources.startedNow > 100)
  }

  @Test("Graceful shutdown ends all watches")
  func gracefulShutdown() async throws {
    let set = makeSet()
    let store = set.ensure(1)
    let group = ServiceGroup(services: [set], logger: .quiet)
    try await withThrowingDiscardingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      try await until { store.isSynced }
      await group.triggerGracefulShutdown()
    }
    #expect(sources.aliveNow == 0 && set.tasks == 0)
  }
}
