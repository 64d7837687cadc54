import KubernetesClient
import LocalCluster
import Synchronization
import Testing

@Suite("A watch and a real API server", .installCluster, .timeLimit(.minutes(5)))
struct AvailabilityWatchTests {
  /// What a watcher has told.
  private final class Diary: Sendable {
    private struct Entry {
      var text: String
      var time: ContinuousClock.Instant
    }

    private let entries = Mutex<[Entry]>([])

    func note(_ event: WatcherEvent<Deployment>) {
      let text =
        switch event {
        case .relistStarted: "started"
        case .relisted(let object): "relisted \(object.metadata.name)"
        case .relistDone: "done"
        case .applied(let object): "applied \(object.metadata.name) \(object.object?.spec.replicas ?? -1)"
        case .deleted(let object): "deleted \(object.metadata.name)"
        case .bookmark: "bookmark"
        case .interrupted(let error): "interrupted \(error)"
        }
      entries.withLock { $0.append(Entry(text: text, time: .now)) }
    }

    /// The time at which an entry that begins so was made after `start`; waits for it.
    func time(of prefix: String, since start: ContinuousClock.Instant, limit: Duration) async throws
      -> ContinuousClock.Instant
    {
      let end = ContinuousClock.now + limit
      while ContinuousClock.now < end {
        let found = entries.withLock { $0.first { $0.time >= start && $0.text.hasPrefix(prefix) }?.time }
        if let found { return found }
        try await Task.sleep(for: .milliseconds(20))
      }
      Issue.record("no \(prefix) within \(limit): \(entries.withLock { $0.suffix(10).map(\.text) })")
      throw CancellationError()
    }

    func count(of prefix: String) -> Int { entries.withLock { $0.count { $0.text.hasPrefix(prefix) } } }
  }

  private func deployment(_ name: String, replicas: Int) -> JSONValue {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
      "spec": [
        "replicas": JSONValue(replicas), "selector": ["matchLabels": ["app": .string(name)]],
        "template": [
          "metadata": ["labels": ["app": .string(name)]],
          "spec": ["containers": [["name": "main", "image": "example.com/none:1"]]],
        ],
      ],
    ]
  }

  @Test("Changes come at once; a hanging and a killed server are noticed, and nothing is missed")
  func watch() async throws {
    let cluster = try LocalCluster.ofSuite
    let client = cluster.client
    let diary = Diary()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await client.watchLiveness.run() }
      group.addTask {
        await client.watcher(Deployment.self, namespace: "default").run { diary.note($0) }
      }
      var start = ContinuousClock.now
      _ = try await diary.time(of: "done", since: start, limit: .seconds(60))
      try await client.create(.deployments, namespace: "default", deployment("one", replicas: 0))
      _ = try await diary.time(of: "applied one 0", since: start, limit: .seconds(60))

      start = .now
      cluster.apiServer.suspend()
      let noticed = try await diary.time(of: "interrupted", since: start, limit: .seconds(60))
      #expect(start.duration(to: noticed) < .seconds(15))
      cluster.apiServer.resume()
      try await client.patch(
        .deployments, namespace: "default", name: "one", .merge(["metadata": ["labels": ["touched": "yes"]]]))
      _ = try await diary.time(of: "applied one", since: start, limit: .seconds(60))

      start = .now
      await cluster.apiServer.kill()
      _ = try await diary.time(of: "interrupted", since: start, limit: .seconds(60))
      try await cluster.apiServer.start()
      try await client.patch(
        .deployments, namespace: "default", name: "one", .merge(["spec": ["paused": true]]))
      try await client.delete(.deployments, namespace: "default", name: "one")
      _ = try await diary.time(of: "deleted one", since: start, limit: .seconds(60))
      group.cancelAll()
    }
  }
}
