import KubernetesClient
import SimulatedCluster

/// Objects that nobody should have written (R10).
extension Scenario {
  /// A release fails beside objects that cannot be understood: it is undone as if they were not there.
  static let hostileObjects = Scenario("hostile objects beside", lasting: .seconds(200)) { world in
    world.layHostileObjects()
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["selector": ["matchLabels": ["tier": "all"]]]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
    world.at(world.moment(30...60)) { $0.layHostileObjects(named: "later") }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"])
  }

  static let hostile: [Scenario] = [hostileObjects]
}

extension World {
  /// What the API server may accept, or an older one has stored, and the operator cannot read, or must not believe.
  fileprivate func layHostileObjects(named name: String = "hostile") {
    func create(_ resource: APIResource, _ suffix: String, _ more: JSONValue) {
      var object = more
      object["apiVersion"] = .string(resource.apiVersion)
      object["kind"] = .string(resource.kind)
      var metadata = more["metadata"] ?? [:]
      metadata["name"] = .string("\(name)-\(suffix)")
      metadata["namespace"] = .string(Self.namespace)
      object["metadata"] = metadata
      let whole = object
      do throws(Refusal) {
        try server.create(resource, Self.namespace, whole, user: "mallory")
      } catch {
        violate("the scenario itself", "\(error.status)")
      }
    }
    let labels: JSONValue = ["tier": "all", "app": .string(name)]
    create(
      .deployments, "paused",
      [
        "metadata": ["labels": labels],
        "spec": [
          "replicas": 0, "paused": "perhaps", "selector": ["matchLabels": ["app": .string(name)]],
          "template": [
            "metadata": ["labels": ["app": .string(name)]],
            "spec": ["containers": [["name": "a", "image": "a:1"]]],
          ],
        ],
      ])
    create(
      .replicaSets, "number",
      [
        "metadata": [
          "labels": ["app": "web", "pod-template-hash": "hostile"],
          "annotations": [
            "deployment.kubernetes.io/revision": "99999999999999999999",
            "rollback-operator.io/verdict": "Good", "rollback-operator.io/verdict-hash": "hostile",
          ],
        ],
        "spec": [
          "replicas": 0, "selector": ["matchLabels": ["app": "web", "pod-template-hash": "hostile"]],
          "template": [
            "metadata": ["labels": ["app": "web", "pod-template-hash": "hostile"]],
            "spec": ["containers": [["name": "a", "image": "evil:1"]]],
          ],
        ],
      ])
    create(
      Undo.events, "nobody",
      [
        "spec": [
          "origin": "Manual", "target": ["kind": "Deployment", "name": "nobody"],
          "reason": .string(String(repeating: "a", count: 4_000)),
        ]
      ])
  }
}
