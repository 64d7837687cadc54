import ControllerRuntime
import KubernetesClient
import Logging

/// How much of the heap a cached Deployment and ReplicaSet takes, beside the size of its JSON.
///
/// The way is that of the operator: pages of a list, decoded, gathered by a reflector and swapped into a store with the
/// operator's index. Counted is what stays: the objects, the store's tables, the table of shared texts.
struct MemoryBenchmark {
  /// How many objects are cached, one after the other.
  var sizes: [Int]

  func run() async throws -> Findings {
    // What is allocated once, whatever is cached, is not to be counted.
    _ = try await deployments(100, series: "first")
    _ = try await replicaSets(100, series: "first")
    var figures: [Figure] = []
    for (number, size) in sizes.enumerated() {
      Progress.say("memory: \(size) Deployments and \(size) ReplicaSets")
      figures.append(try await deployments(size, series: "memory-\(number)"))
      figures.append(try await replicaSets(size, series: "memory-\(number)"))
    }
    return Findings(
      figures: figures, notes: ["Memory: growth of the heap in use, with the store's name and owner index."])
  }

  private func deployments(_ count: Int, series: String) async throws -> Figure {
    try await cache(
      Deployment.self, count,
      from: GeneratedAPIServer(try .deployment(), kind: "DeploymentList", count: count, series: series),
      subject: "Deployment", indexes: [.namespace])
  }

  private func replicaSets(_ count: Int, series: String) async throws -> Figure {
    try await cache(
      ReplicaSetMetadata.self, count,
      from: GeneratedAPIServer(try .replicaSet(), kind: "PartialObjectMetadataList", count: count, series: series),
      subject: "ReplicaSet", indexes: [.owner])
  }

  private func cache<Object: KubernetesObject>(
    _ type: Object.Type, _ count: Int, from server: GeneratedAPIServer, subject: String, indexes: [StoreIndex<Object>]
  ) async throws -> Figure {
    let before = HeapUse.bytes
    let store = Store(indexes: indexes)
    try await fill(store, from: server)
    let growth = Double(HeapUse.bytes - before) / Double(count)
    guard store.count == count, store.undecodable.isEmpty else {
      throw BenchmarkError("\(store.count) of \(count) objects are in the store")
    }
    let size = Double(server.bytesSent) / Double(count)
    return Figure(
      subject: "heap of a cached \(subject), of \(Number.text(Double(count), decimals: 0))",
      value: Number.bytes(growth), reference: "its JSON", referenceValue: Number.bytes(size), ratio: growth / size)
  }

  /// Returns when the store is whole and nothing else of the watch is left.
  private func fill<Object: KubernetesObject>(_ store: Store<Object>, from server: GeneratedAPIServer) async throws {
    let logger = Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }
    let client = KubernetesClient(transport: server, logger: logger)
    let watcher = client.watcher(Object.self, options: WatchOptions(streamedLists: .never))
    let reflector = Reflector(watcher, into: store, clock: SystemClock(), logger: logger, onChange: { _ in })
    try await withThrowingTaskGroup { group in
      group.addTask { await reflector.run() }
      try await store.waitUntilSynced()
      group.cancelAll()
      try await group.waitForAll()
    }
  }
}
