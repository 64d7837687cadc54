import KubernetesClient
import RollbackOperator
import SimulatedCluster
import Testing

/// Single requests: patches, dry runs, scale, metadata alone, discovery, pods on nodes.
@Suite struct RequestTests {
  let fixture = Fixture()
  private var client: KubernetesClient { fixture.client }

  @Test func `A dry run answers as the write would, and stores nothing`() async throws {
    let version = fixture.server.resourceVersion
    let options = WriteOptions(dryRun: true)
    let stored = try await client.create(
      .deployments, namespace: "shop", Fixture.deployment("web"), options: options)
    #expect(stored.at("/spec/replicas")?.int == 1)
    #expect(fixture.server.resourceVersion == version)
  }

  @Test func `Apply takes back what it leaves out, and is refused what another manager applied`() async throws {
    func body(_ data: JSONValue) -> JSONValue {
      ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "one"], "data": data]
    }
    func apply(_ data: JSONValue, as manager: String, force: Bool = false) async throws -> JSONValue {
      try await client.patch(
        .configMaps, namespace: "shop", name: "one", .apply(body(data), force: force),
        options: WriteOptions(fieldManager: manager))
    }
    _ = try await apply(["a": "1", "b": "1"], as: "first")
    #expect(try await apply(["a": "2"], as: "first")["data"] == ["a": "2"])
    await #expect { try await apply(["a": "3"], as: "second") } throws: { ($0 as? KubernetesError)?.code == .conflict }
    #expect(try await apply(["a": "3"], as: "second", force: true)["data"] == ["a": "3"])
  }

  @Test func `Scaling is a new generation, also of what is scaled to nothing`() async throws {
    try await client.create(.deployments, namespace: "shop", Fixture.deployment("web"))
    let scale = try await client.scale(.deployments, namespace: "shop", name: "web", replicas: 0)
    #expect(scale["kind"]?.string == "Scale")
    let stored = fixture.server.object(.deployments, "shop", "web")
    #expect(stored?.at("/spec/replicas")?.int == 0)
    #expect(stored?.at("/metadata/generation")?.int == 2)
  }

  @Test func `Metadata alone is sent to who asks for it`() async throws {
    try await client.create(.replicaSets, namespace: "shop", Fixture.replicaSet("web-1"))
    let list: ObjectList<ReplicaSetMetadata> = try await client.list(namespace: "shop")
    #expect(list.items.count == 1)
    #expect(try await client.exists(.replicaSets, namespace: "shop", name: "web-1"))
    let accept = [(name: "Accept", value: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")]
    let answer = fixture.server.respond(
      to: TransportRequest(
        method: "GET", path: APIResource.replicaSets.path(namespace: "shop", name: "web-1"), headers: accept),
      user: "tester")
    let value = try JSONValue(parsing: answer.body)
    #expect(value["kind"]?.string == "PartialObjectMetadata")
    #expect(value["spec"] == nil)
  }

  @Test func `Kinds are found by discovery, and unknown ones are not`() async throws {
    let found = try await client.discovery.resolve(group: "apps", kind: "Deployment")
    #expect(found == .deployments)
    await #expect { try await client.discovery.resolve(group: "apps", kind: "Nonsense") } throws: {
      ($0 as? KubernetesError)?.code == .notFound
    }
    let nothing = TransportRequest(method: "GET", path: "/apis/example.com/v1/namespaces/shop/things")
    #expect(fixture.server.respond(to: nothing, user: "tester").status == 404)
  }

  @Test func `A pod on a node stays until its grace is over, and its end is told twice`() throws {
    let server = fixture.server
    let pod: JSONValue = [
      "metadata": ["name": "one"],
      "spec": ["nodeName": "node-1", "containers": [["name": "web", "image": "web:1"]]],
    ]
    try server.create(.pods, "shop", pod, user: "tester")
    let watch = try fixture.openWatch("/api/v1/namespaces/shop/pods?watch=true")
    _ = try watch.lines()
    try server.delete(.pods, "shop", "one", user: "tester")
    #expect(server.object(.pods, "shop", "one")?.at("/metadata/deletionGracePeriodSeconds")?.int == 30)
    try server.delete(.pods, "shop", "one", gracePeriodSeconds: 0, user: "kubelet")
    #expect(server.object(.pods, "shop", "one") == nil)
    #expect(try watch.lines() == ["MODIFIED one", "MODIFIED one", "DELETED one"])
  }

  @Test func `Observers see all changes in order, also those that they make themselves`() throws {
    let server = fixture.server
    let seen = Log()
    server.observe { change in
      seen.add("\(change.verb.rawValue) \(change.name)")
      guard change.name == "one", change.verb == .added else { return }
      _ = try? server.create(.configMaps, "shop", ["metadata": ["name": "two"]], user: "observer")
    }
    server.observe { seen.add("second \($0.name)") }
    try server.create(.configMaps, "shop", ["metadata": ["name": "one"]], user: "tester")
    #expect(seen.lines == ["ADDED one", "second one", "ADDED two", "second two"])
  }
}
