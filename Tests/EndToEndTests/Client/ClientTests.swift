import KubernetesClient
import LocalCluster
import Synchronization
import Testing

@Suite("The client and a real API server", .sharedCluster, .serialized)
struct ClientTests {
  private func configMap(_ name: String, _ data: JSONValue = [:]) -> JSONValue {
    ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": data]
  }

  private func code(_ operation: () async throws(KubernetesError) -> JSONValue) async -> KubernetesError.Code? {
    do throws(KubernetesError) {
      _ = try await operation()
      return nil
    } catch {
      return error.code
    }
  }

  @Test("Every kind of write does what it says, and its conditions hold")
  func writes() async throws {
    let client = try LocalCluster.ofSuite.client
    let created = try await client.create(.configMaps, namespace: "default", configMap("writes", ["a": "1"]))
    let version = try #require(created["metadata"]?["resourceVersion"]?.string)
    #expect(
      await code { () throws(KubernetesError) in
        try await client.create(.configMaps, namespace: "default", configMap("writes"))
      } == .alreadyExists)

    let patched = try await client.patch(
      .configMaps, namespace: "default", name: "writes",
      .json([.test(path: "/metadata/resourceVersion", value: .string(version)), .add(path: "/data/b", value: "2")]))
    #expect(patched["data"] == ["a": "1", "b": "2"])
    #expect(
      await code { () throws(KubernetesError) in
        try await client.patch(
          .configMaps, namespace: "default", name: "writes",
          .json([.test(path: "/data/a", value: "other"), .remove(path: "/data/b")]))
      } == .invalid)
    #expect(
      await code { () throws(KubernetesError) in
        try await client.replace(.configMaps, namespace: "default", name: "writes", created)
      } == .conflict)

    let dry = try await client.patch(
      .configMaps, namespace: "default", name: "writes", .merge(["data": ["a": nil]]),
      options: WriteOptions(dryRun: true))
    #expect(dry["data"] == ["b": "2"])
    let merged = try await client.patch(
      .configMaps, namespace: "default", name: "writes", .strategicMerge(["data": ["c": "3"]]))
    #expect(merged["data"]?.object?.count == 3)

    #expect(
      await code { () throws(KubernetesError) in
        try await client.delete(
          .configMaps, namespace: "default", name: "writes", preconditions: Preconditions(uid: "another"))
      } == .conflict)
    #expect(try await client.exists(.configMaps, namespace: "default", name: "writes"))
    try await client.delete(
      .configMaps, namespace: "default", name: "writes",
      preconditions: Preconditions(uid: created["metadata"]?["uid"]?.string))
    #expect(try await !client.exists(.configMaps, namespace: "default", name: "writes"))
  }

  @Test("Server-side apply tells whose field it is, and takes it over when forced")
  func apply() async throws {
    let client = try LocalCluster.ofSuite.client
    try await client.patch(
      .configMaps, namespace: "default", name: "applied", .apply(configMap("applied", ["a": "1"]), force: false),
      options: WriteOptions(fieldManager: "somebody"))
    let error = await #expect(throws: KubernetesError.self) {
      try await client.patch(
        .configMaps, namespace: "default", name: "applied", .apply(configMap("applied", ["a": "2"]), force: false))
    }
    #expect(error?.code == .conflict)
    #expect(error?.description.contains("somebody") == true)
    #expect(error?.status?.details.causes.first?.field == ".data.a")
    let forced = try await client.patch(
      .configMaps, namespace: "default", name: "applied", .apply(configMap("applied", ["a": "2"]), force: true))
    #expect(forced["data"]?["a"] == "2")
  }

  @Test("Pages make up the whole list")
  func pages() async throws {
    let client = try LocalCluster.ofSuite.client
    for number in 0..<5 {
      try await client.create(
        .secrets, namespace: "default",
        ["metadata": ["name": "page-\(number)", "labels": ["test": "pages"]], "type": "Opaque"])
    }
    let values = try await client.listValues(
      .secrets, namespace: "default", options: ListOptions(labelSelector: "test=pages", limit: 2))
    #expect(values.count == 5)
  }

  @Test("Kinds are found in the version that the server prefers")
  func discovery() async throws {
    let client = try LocalCluster.ofSuite.client
    #expect(try await client.discovery.serverVersion() >= ServerVersion(major: 1, minor: 20))
    #expect(try await client.discovery.resolve(group: "apps", kind: "Deployment") == .deployments)
    #expect(try await client.discovery.resolve(group: "", kind: "Node") == .nodes)
    #expect(
      try await client.discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler").plural
        == "horizontalpodautoscalers")
    let error = await #expect(throws: KubernetesError.self) {
      try await client.discovery.resolve(group: "apps", kind: "Nonsense")
    }
    #expect(error?.isNotFound == true)
  }
}
