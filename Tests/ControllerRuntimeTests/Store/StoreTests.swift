import KubernetesClient
import Testing

@testable import ControllerRuntime

@Suite("Store", .timeLimit(.minutes(2)))
struct StoreTests {
  @Test("Finds objects by name and by index, also after they moved to another index value")
  func indexes() {
    let store = Store<Pod>(indexes: [.owner, .namespace])
    insert(["a": "rs1", "b": "rs1", "c": "rs2"], into: store)
    #expect(store.get(namespace: "shop", name: "a")?.metadata.uid == "uid-a")
    #expect(store.get(namespace: "other", name: "a") == nil)
    #expect(names(store, "owner", "rs1") == ["a", "b"])
    #expect(names(store, "namespace", "shop") == ["a", "b", "c"])
    insert(["a": "rs2"], into: store)
    #expect(names(store, "owner", "rs1") == ["b"] && names(store, "owner", "rs2") == ["a", "c"])
    _ = store.write(resourceVersion: "") { $0.removeObject(NamespacedName(namespace: "shop", name: "b")) }
    #expect(names(store, "owner", "rs1") == [] && store.indexValues("owner") == ["rs2"])
    #expect(store.byIndex("no such index", "x").isEmpty)
    #expect(store.count == 2)
  }

  @Test("Is not synced before a whole list was swapped in, and wakes who waits for it")
  func synced() async throws {
    let store = Store<Pod>()
    insert(["a": "rs"], into: store)
    #expect(!store.isSynced)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await store.waitUntilSynced() }
      try await settle()
      _ = store.replace(with: store.makeEmptyContent(), resourceVersion: "7")
    }
    #expect(store.isSynced && store.count == 0 && store.resourceVersion == "7")
    try await store.waitUntilSynced()
  }

  @Test("Waiting for a store ends with the task")
  func cancelled() async throws {
    let store = Store<Pod>()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        do {
          try await store.waitUntilSynced()
          return false
        } catch { return error is CancellationError }
      }
      try await settle()
      group.cancelAll()
      #expect(try await group.next() == true)
    }
  }

  @Test("A cluster-scoped object has no namespace")
  func clusterScoped() {
    let store = Store<Pod>()
    _ = store.write(resourceVersion: "") { $0.insert(Pod(metadata: ObjectMeta(name: "node"))) }
    #expect(store.get(namespace: nil, name: "node") != nil)
    #expect(store.names().map(\.description) == ["node"])
  }

  @Test("An undecodable object takes the place of the decoded one, and the other way round")
  func undecodable() {
    let store = Store<Pod>(indexes: [.owner])
    insert(["a": "rs"], into: store)
    let name = NamespacedName(namespace: "shop", name: "a")
    let broken = UndecodableObject(
      metadata: Pod.test("a", version: 2).metadata, error: JSONError(offset: 3, reason: .tooDeep))
    store.write(resourceVersion: "2") { $0.insert(broken) }
    #expect(store.get(name) == nil && store.undecodable[name] == broken && names(store, "owner", "rs") == [])
    insert(["a": "rs"], into: store)
    #expect(store.get(name) != nil && store.undecodable.isEmpty)
  }

  @Test("Random writes agree with a dictionary", arguments: 0..<20)
  func model(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var content = StoreContent<Pod>(indexes: [.owner])
    var model: [String: String] = [:]
    for version in 0..<3_000 {
      let name = "p\(Int.random(in: 0..<150, using: &generator))"
      let owner = "rs\(Int.random(in: 0..<3, using: &generator))"
      if Int.random(in: 0..<5, using: &generator) < 2 {
        let removed = content.removeObject(NamespacedName(namespace: "shop", name: name))
        #expect((removed == nil) == (model.removeValue(forKey: name) == nil))
      } else {
        let old = content.insert(Pod.test(name, version: version, owner: owner))
        #expect(old?.metadata.ownerReferences.first?.uid == model.updateValue(owner, forKey: name))
      }
      guard version % 100 == 0 else { continue }
      #expect(content.count == model.count)
      #expect(Set(content.objects.map(\.metadata.name)) == Set(model.keys))
      for owner in ["rs0", "rs1", "rs2"] {
        let found = content.objects(index: "owner", value: owner).map(\.metadata.name)
        #expect(found.count == Set(found).count)
        #expect(Set(found) == Set(model.filter { $0.value == owner }.keys))
      }
    }
  }

  private func insert(_ owners: [String: String], into store: Store<Pod>) {
    for (name, owner) in owners {
      _ = store.write(resourceVersion: "") { $0.insert(Pod.test(name, version: 1, owner: owner)) }
    }
  }

  private func names(_ store: Store<Pod>, _ index: String, _ value: String) -> [String] {
    store.byIndex(index, value).map(\.metadata.name).sorted()
  }
}
