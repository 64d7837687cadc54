import KubernetesClient
import Logging
import Synchronization
import TestSupport
import Testing

@testable import ControllerRuntime

@Suite("Reflector", .timeLimit(.minutes(2)))
struct ReflectorTests {
  let clock = ManualClock()
  let store = Store<Pod>(indexes: [.owner])
  let feed = EventFeed<Pod>()
  let changes = Shared<[String]>([])

  private func run(_ body: () async throws -> Void) async throws {
    let reflector = Reflector(
      source: feed.source, store: store, clock: clock, logger: .quiet, metrics: StoreMetrics(resource: "pods")
    ) { [changes] change in
      let summary = change.summary
      changes.update { $0.append(summary) }
    }
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await reflector.run() }
      try await body()
      group.cancelAll()
    }
  }

  /// What was told since the last time, after `count` changes came.
  private func told(_ count: Int) async throws -> [String] {
    try await until { changes.now.count >= count }
    try await settle()
    return changes.update { changes in
      defer { changes = [] }
      return changes
    }
  }

  @Test("The store is empty and not synced until the list is whole")
  func initialList() async throws {
    try await run { () async throws in
      feed.send(.relistStarted, .relisted(.pod("a", 1)), .relisted(.pod("b", 2)))
      try await settle()
      #expect(store.count == 0 && !store.isSynced && changes.now.isEmpty)
      feed.send(.relistDone(resourceVersion: "5"))
      #expect(try await Set(told(3)) == ["new a@1", "new b@2", "synced"])
      #expect(store.isSynced && store.count == 2 && store.resourceVersion == "5")
    }
  }

  @Test("Events change the store before they are told; the same version again is not told")
  func events() async throws {
    try await run { () async throws in
      feed.relist([.pod("a", 1)], at: "5")
      _ = try await told(2)
      feed.send(.applied(.pod("a", 6)), .applied(.pod("a", 6)), .applied(.pod("b", 7)), .deleted(.pod("a", 8)))
      #expect(try await told(3) == ["changed a@1→6", "new b@7", "deleted a@6"])
      #expect(store.names().map(\.name) == ["b"])
      feed.send(.bookmark(resourceVersion: "20"), .deleted(.pod("a", 21)))
      try await until { store.resourceVersion == "21" }
      #expect(try await told(0) == [])
    }
  }

  @Test(
    "A re-list tells what was deleted, changed and made meanwhile, and nothing else; the old content serves until then")
  func relist() async throws {
    try await run { () async throws in
      feed.relist([.pod("gone", 1), .pod("same", 2), .pod("changed", 3), .pod("again", 4, uid: "one")], at: "5")
      _ = try await told(5)
      feed.send(.relistStarted, .relisted(.pod("same", 2)), .relisted(.pod("changed", 9)))
      try await settle()
      #expect(store.count == 4)
      feed.send(
        .relisted(.pod("new", 8)), .relisted(.pod("again", 7, uid: "two")), .relistDone(resourceVersion: "10"))
      let told = try await told(6)
      #expect(told.last == "synced")
      #expect(
        Set(told) == ["deleted gone@1", "changed changed@3→9", "new new@8", "deleted again@4", "new again@7", "synced"])
      #expect(told.count == 6)
      #expect(store.count == 4 && store.byIndex("owner", "rs").count == 4)
    }
  }

  @Test("An undecodable object is told and never stops the watch")
  func undecodable() async throws {
    try await run { () async throws in
      feed.relist([.pod("a", 1), .broken("bad", 2)], at: "5")
      #expect(try await Set(told(3)) == ["new a@1", "undecodable bad@2", "synced"])
      feed.send(.applied(.broken("a", 6)), .applied(.pod("b", 7)), .applied(.pod("bad", 8)))
      #expect(try await told(3) == ["undecodable a@6", "new b@7", "new bad@8"])
      #expect(store.undecodable.keys.map(\.name) == ["a"] && store.count == 2)
      feed.relist([.pod("b", 7), .broken("a", 6), .broken("c", 9)], at: "10")
      #expect(try await told(3) == ["deleted bad@8", "undecodable c@9", "synced"])
      feed.send(.deleted(.broken("a", 11)))
      #expect(try await told(1) == ["undecodableDeleted a"])
      feed.relist([], at: "12")
      #expect(try await Set(told(3)) == ["deleted b@7", "undecodableDeleted c", "synced"])
      #expect(store.count == 0 && store.undecodable.isEmpty)
    }
  }

  @Test("An interrupted watch leaves the store as it is, a list that breaks off leaves it too")
  func interrupted() async throws {
    try await run { () async throws in
      feed.relist([.pod("a", 1)], at: "5")
      _ = try await told(2)
      feed.send(
        .interrupted(KubernetesError(.transport, request: "GET pods", reason: "gone")), .relistStarted,
        .relisted(.pod("b", 6)), .relistStarted, .relisted(.pod("a", 7)), .relistDone(resourceVersion: "8"))
      #expect(try await told(2) == ["changed a@1→7", "synced"])
      #expect(store.count == 1 && store.isCurrent)
    }
  }

  @Test("What an interrupted watch left is not current until there is a whole list again")
  func isCurrent() async throws {
    try await run { () async throws in
      #expect(!store.isCurrent)
      feed.relist([.pod("a", 1)], at: "5")
      _ = try await told(2)
      #expect(store.isCurrent)
      feed.send(.interrupted(KubernetesError(.transport, request: "GET pods", reason: "gone")))
      try await until { !store.isCurrent }
      #expect(store.isSynced && store.count == 1)
      feed.send(.relistStarted, .relisted(.pod("a", 1)))
      try await settle()
      #expect(!store.isCurrent)
      feed.send(.relistDone(resourceVersion: "8"))
      #expect(try await told(1) == ["synced"])
      #expect(store.isCurrent)
    }
  }

  @Test("A list from the past is held back until the watch has caught up; what is known is never undone")
  func timeTravel() async throws {
    try await run { () async throws in
      feed.relist([.pod("a", 1), .pod("old", 2)], at: "5")
      feed.send(.deleted(.pod("old", 8)), .applied(.pod("a", 9)))
      #expect(try await told(5).suffix(2) == ["deleted old@2", "changed a@1→9"])
      feed.relist([.pod("a", 1), .pod("old", 2)], at: "6")
      feed.send(.deleted(.pod("old", 8)))
      #expect(try await told(0) == [])
      #expect(store.get(namespace: "shop", name: "a")?.metadata.resourceVersion == "9" && store.count == 1)
      feed.send(.applied(.pod("a", 9)))
      #expect(try await told(1) == ["synced"])
      feed.send(.applied(.pod("a", 10)))
      #expect(try await told(1) == ["changed a@9→10"])
    }
  }

  @Test("After a restore from a backup the past becomes the present within a minute")
  func restored() async throws {
    try await run { () async throws in
      feed.relist([.pod("a", 900)], at: "1000")
      _ = try await told(2)
      feed.relist([.pod("a", 50)], at: "100")
      feed.send(.bookmark(resourceVersion: "101"))
      #expect(try await told(0) == [])
      clock.advance(by: .seconds(60))
      feed.send(.bookmark(resourceVersion: "102"))
      #expect(try await told(2) == ["changed a@900→50", "synced"])
      feed.relist([.pod("a", 103)], at: "104")
      #expect(try await told(2) == ["changed a@50→103", "synced"])
    }
  }

  @Test("Opaque resource versions are taken as they come")
  func opaque() async throws {
    try await run { () async throws in
      feed.relist([], at: "xyz")
      feed.relist([.pod("a", 1)], at: "abc")
      #expect(try await told(3) == ["synced", "new a@1", "synced"])
    }
  }

  @Test("A change handler may read the store")
  func reentrant() async throws {
    let counts = Shared<[Int]>([])
    let reflector = Reflector(
      source: feed.source, store: store, clock: clock, logger: .quiet, metrics: StoreMetrics(resource: "pods")
    ) { [store] _ in
      let count = store.count
      counts.update { $0.append(count) }
    }
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await reflector.run() }
      feed.relist([.pod("a", 1), .pod("b", 2)], at: "5")
      try await until { counts.now.count == 3 }
      group.cancelAll()
    }
    #expect(counts.now == [2, 2, 2])
  }

  @Test("The real watcher fills the store from an API server")
  func realWatcher() async throws {
    let list = """
      {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[
      {"metadata":{"name":"a","namespace":"shop","uid":"u","resourceVersion":"3"}},
      {"metadata":{"name":"bad","namespace":"shop","uid":"u","resourceVersion":"4"},"spec":7}]}
      """
    let event = """
      {"type":"ADDED","object":{"metadata":{"name":"b","namespace":"shop","uid":"v","resourceVersion":"6"}}}
      """
    let transport = ScriptedTransport(clock: clock) { request, _ in
      if request.path.contains("watch=") { return .stream([.line(event), .silence]) }
      if request.path.hasPrefix("/version") { return .failure(.refused) }
      return .response(TransportResponse(status: 200, body: Array(list.utf8)))
    }
    let client = KubernetesClient(transport: transport, clock: clock, logger: .quiet)
    let reflector = Reflector(client.watcher(Pod.self), into: store, clock: clock, logger: .quiet) { [changes] change in
      let summary = change.summary
      changes.update { $0.append(summary) }
    }
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await reflector.run() }
      try await until { changes.now.count == 4 }
      group.cancelAll()
    }
    #expect(changes.now == ["new a@3", "undecodable bad@4", "synced", "new b@6"])
    #expect(store.count == 2 && clock.sleeperCount == 0)
  }
}

extension Logger {
  static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
