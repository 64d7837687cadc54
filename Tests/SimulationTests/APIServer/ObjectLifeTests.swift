import KubernetesClient
import SimulatedCluster
import Testing

/// The life of objects over HTTP, by the operator's own client.
@Suite struct ObjectLifeTests {
  let fixture = Fixture()

  @Test func `A Deployment is stored with the defaults of apps/v1`() async throws {
    let stored = try await fixture.client.create(.deployments, namespace: "shop", Fixture.deployment("web"))
    #expect(stored.at("/spec/replicas")?.int == 1)
    #expect(stored.at("/spec/strategy/rollingUpdate/maxSurge")?.string == "25%")
    #expect(stored.at("/spec/template/spec/containers/0/imagePullPolicy")?.string == "IfNotPresent")
    #expect(stored.at("/metadata/generation")?.int == 1)
    #expect(try await fixture.client.getValue(.deployments, namespace: "shop", name: "web") == stored)
  }

  @Test func `Only a change of what is wanted is a new generation`() async throws {
    try await fixture.client.create(.deployments, namespace: "shop", Fixture.deployment("web"))
    func generation(_ patch: JSONValue, _ subresource: String? = nil) async throws -> Int? {
      try await fixture.client.patch(
        .deployments, namespace: "shop", name: "web", subresource: subresource, .merge(patch)
      ).at("/metadata/generation")?.int
    }
    #expect(try await generation(["metadata": ["labels": ["tier": "front"]]]) == 1)
    #expect(try await generation(["status": ["replicas": 3]]) == 1)
    #expect(try await generation(["status": ["replicas": 3]], "status") == 1)
    #expect(try await generation(["spec": ["replicas": 3]]) == 2)
    #expect(try await generation(["spec": ["replicas": 9], "status": ["replicas": 4]], "status") == 2)
    #expect(fixture.server.object(.deployments, "shop", "web")?.at("/spec/replicas")?.int == 3)
  }

  @Test func `A write on an older state is a conflict, and a failed test of a JSON patch is invalid`() async throws {
    let stored = try await fixture.client.create(.deployments, namespace: "shop", Fixture.deployment("web"))
    try await fixture.client.patch(
      .deployments, namespace: "shop", name: "web", .merge(["spec": ["replicas": 2]]))
    await #expect { try await fixture.client.replace(.deployments, namespace: "shop", name: "web", stored) } throws: {
      ($0 as? KubernetesError)?.code == .conflict
    }
    let version = stored.at("/metadata/resourceVersion") ?? .null
    await #expect {
      try await fixture.client.patch(
        .deployments, namespace: "shop", name: "web",
        .json([.test(path: "/metadata/resourceVersion", value: version), .remove(path: "/spec/replicas")]))
    } throws: {
      ($0 as? KubernetesError)?.code == .invalid
    }
  }

  @Test func `A write that changes nothing makes no new version and no watch event`() async throws {
    let stored = try await fixture.client.create(.deployments, namespace: "shop", Fixture.deployment("web"))
    let version = fixture.server.resourceVersion
    let again = try await fixture.client.replace(.deployments, namespace: "shop", name: "web", stored)
    #expect(again.isSemanticallyEqual(to: stored))
    #expect(fixture.server.resourceVersion == version)
  }

  @Test func `What a deleted object owns goes too, and what another still owns stays`() throws {
    let server = fixture.server
    let owner = try server.create(.configMaps, "shop", ["metadata": ["name": "owner"]], user: "tester")
    let other = try server.create(.configMaps, "shop", ["metadata": ["name": "other"]], user: "tester")
    func reference(_ object: JSONValue) -> JSONValue {
      [
        "apiVersion": "v1", "kind": "ConfigMap", "name": .string(object.at("/metadata/name")?.string ?? ""),
        "uid": object.at("/metadata/uid") ?? .null,
      ]
    }
    let one: JSONValue = ["metadata": ["name": "one", "ownerReferences": [reference(owner)]]]
    let both: JSONValue = ["metadata": ["name": "both", "ownerReferences": [reference(owner), reference(other)]]]
    try server.create(.configMaps, "shop", one, user: "tester")
    try server.create(.configMaps, "shop", both, user: "tester")
    try server.delete(.configMaps, "shop", "owner", user: "tester")
    #expect(server.objects(.configMaps, "shop").map { $0.at("/metadata/name")?.string } == ["both", "other"])
    #expect(server.object(.configMaps, "shop", "both")?.at("/metadata/ownerReferences")?.array?.count == 1)
  }

  @Test func `An object with finalizers stays until the last is removed`() throws {
    let server = fixture.server
    let held: JSONValue = ["metadata": ["name": "held", "finalizers": ["example.com/hold"]]]
    try server.create(.configMaps, "shop", held, user: "tester")
    try server.delete(.configMaps, "shop", "held", user: "tester")
    #expect(server.object(.configMaps, "shop", "held")?.at("/metadata/deletionTimestamp") != nil)
    try server.patch(
      .configMaps, "shop", "held", .merge(["metadata": ["finalizers": .null]]), user: "tester")
    #expect(server.object(.configMaps, "shop", "held") == nil)
    #expect(server.changes.last?.verb == .deleted)
  }

  @Test func `A deleted namespace is emptied and takes nothing new`() throws {
    let server = fixture.server
    server.setCollectsGarbage(false)
    try server.create(.configMaps, "shop", ["metadata": ["name": "one"]], user: "tester")
    try server.delete(.namespaces, nil, "shop", user: "tester")
    #expect(throws: Refusal.self) {
      try server.create(.configMaps, "shop", ["metadata": ["name": "two"]], user: "tester")
    }
    server.collectGarbage()
    #expect(server.object(.namespaces, nil, "shop") == nil)
    #expect(server.objects(.configMaps).isEmpty)
  }
}
