import KubernetesClient
import LocalCluster
import RollbackOperator
import SimulatedCluster
import Testing

/// Custom resources by their definitions: defaults, pruning, validation, CEL rules, the status apart.
@Suite struct CustomResourceTests {
  let server: SimulatedAPIServer

  init() throws {
    let fixture = Fixture()
    let checkout = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    for definition in try Manifest.objects(at: "\(checkout)/manifests/crds") { fixture.server.install(crd: definition) }
    server = fixture.server
  }

  private func create(_ spec: JSONValue, _ resource: APIResource = .rollbackPolicies) throws -> JSONValue {
    try server.create(
      resource, "shop",
      [
        "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind), "metadata": ["name": "one"],
        "spec": spec, "status": ["nothing": true],
      ], user: "tester")
  }

  private func refusal(_ spec: JSONValue, _ resource: APIResource = .rollbackPolicies) throws -> [String] {
    do throws(Refusal) {
      _ = try server.create(
        resource, "shop",
        [
          "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind), "metadata": ["name": "one"],
          "spec": spec,
        ], user: "tester")
      return []
    } catch {
      return error.status.details.causes.map(\.field)
    }
  }

  @Test func `What the schema does not know goes, and its defaults are filled in`() throws {
    let stored = try create(["target": ["name": "web"], "nonsense": 1, "triggers": [["name": "pods", "pods": [:]]]])
    #expect(stored.at("/spec/nonsense") == nil)
    #expect(stored["status"] == nil)
    #expect(stored.at("/spec/trial/window")?.string == "10m")
    #expect(stored.at("/spec/triggers/0/pods/crashLooping")?.bool == true)
  }

  @Test func `Types, required fields, enumerations, patterns and rules are enforced`() throws {
    #expect(try refusal(["target": ["name": 5]]) == ["spec.target.name"])
    #expect(try refusal([:]) == ["spec.target"])
    #expect(try refusal(["target": ["name": "web"], "mode": "Maybe"]) == ["spec.mode"])
    #expect(try refusal(["target": ["name": "web"], "trial": ["window": "soon"]]) == ["spec.trial.window"])
    #expect(try refusal(["target": ["name": "web", "selector": [:]]]) == ["spec.target"])
    let backwards: JSONValue = ["window": "5m", "initialDelay": "1h"]
    #expect(try refusal(["target": ["name": "web"], "trial": backwards]) == ["spec.trial"])
  }

  @Test func `A rule about the old value holds from the first change on`() throws {
    _ = try create(
      ["origin": "Manual", "reason": "slow", "target": ["kind": "Deployment", "name": "web"]], .rollbackEvents)
    #expect(throws: Refusal.self) {
      try server.patch(.rollbackEvents, "shop", "one", .merge(["spec": ["reason": "other"]]), user: "tester")
    }
    let approval: JSONValue = ["spec": ["approval": ["decision": "Approved", "by": "me"]]]
    let approved = try server.patch(.rollbackEvents, "shop", "one", .merge(approval), user: "tester")
    #expect(approved.at("/metadata/generation")?.int == 2)
  }

  @Test func `The status is changed by its own path alone, which changes nothing else`() throws {
    _ = try create(["target": ["name": "web"]])
    let change: JSONValue = [
      "metadata": ["labels": ["a": "b"]], "spec": ["suspend": true], "status": ["observedGeneration": 1],
    ]
    let stored = try server.patch(
      .rollbackPolicies, "shop", "one", .merge(change), subresource: "status", user: "tester")
    #expect(stored.at("/status/observedGeneration")?.int == 1)
    #expect(stored.at("/spec/suspend")?.bool == false)
    #expect(stored.at("/metadata/labels") == nil)
    #expect(stored.at("/metadata/generation")?.int == 1)
  }
}
