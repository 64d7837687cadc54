import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("Hostile objects stop nothing but themselves", .showsLogs, .timeLimitOfQueue)
struct HostileTests {
  @Test("Wrong types, deep nesting and a megabyte, through a definition without rules")
  func permissiveDefinitions() async throws {
    try await World.withOwn { world in
      try await world.cluster.installCRDs(try HostileObjects.permissiveDefinitions())
      try await Scene.play(in: world) { scene in
        let instance = try scene.lastOperator
        try await scene.deploy()
        try await scene.policy("target: {name: web}\ntrial: {window: 4s}", name: "good")
        try await Self.plant(scene)
        try await Self.invalidPoliciesAreTold(scene)
        try await scene.verdict(1, becomes: "Good")
        try await scene.rollOut(.bad(2))
        try await scene.event(.recovered)
        #expect(try await scene.version() == 1)
        try await Self.undecodable(instance, is: HostileObjects.events.count)

        try await Self.garbageInStatus(scene)
        for (name, _) in HostileObjects.events {
          try await scene.client.delete(.rollbackEvents, namespace: scene.namespace, name: name)
        }
        try await Self.undecodable(instance, is: 0)
        try await scene.rollOut(.bad(3))
        try await eventually("the second bad release is undone, too") {
          let version = try await scene.version()
          return Progress(version == 1, "version \(version ?? 0)")
        }
        #expect(instance.exit == nil)
      }
    }
  }

  private static func plant(_ scene: Scene) async throws {
    for (name, spec, _) in HostileObjects.policies { try await create("RollbackPolicy", name, spec, scene) }
    for (name, spec) in HostileObjects.events + HostileObjects.emptyEvents {
      try await create("RollbackEvent", name, spec, scene)
    }
  }

  /// The API server takes up the changed definition a moment after it was changed.
  private static func create(_ kind: String, _ name: String, _ spec: String, _ scene: Scene) async throws {
    let document = HostileObjects.document(kind, name, spec: spec)
    try await eventually("\(kind) \(name) is let in", within: .seconds(30), every: .milliseconds(500)) {
      let made = try await scene.world.kubectl(
        ["create", "--validate=false", "-n", scene.namespace, "-f", "-"], input: document)
      return Progress(made.succeeded, String(made.error.prefix(500)))
    }
  }

  private static func invalidPoliciesAreTold(_ scene: Scene) async throws {
    for (name, _, path) in HostileObjects.policies {
      // The administrator's client cannot read all of them; kubectl can.
      let state = try await eventually("policy \(name) is told") {
        try await scene.world.kubectl(
          "get", "rollbackpolicy", name, "-n", scene.namespace, "-o",
          "jsonpath={.status.state} {.status.conditions[?(@.type==\"Ready\")].status} "
            + "{.status.conditions[?(@.type==\"Ready\")].reason} {.status.conditions[?(@.type==\"Ready\")].message}")
      } where: {
        $0.hasPrefix("Invalid")
      }
      #expect(state.hasPrefix("Invalid False Invalid \(path): "), "\(name): \(state.prefix(300))")
    }
  }

  private static func undecodable(_ instance: OperatorInstance, is count: Int) async throws {
    try await eventually("\(count) RollbackEvents cannot be decoded") {
      let now = try await OperatorReading(of: instance)
      let own = now.metrics.filter { $0.key.hasPrefix("rollback_undecodable_objects") }
      return Progress(now.total("rollback_undecodable_objects", "\"RollbackEvent\"") == Double(count), "\(own)")
    }
  }

  /// A status that nobody could have written is written anew.
  private static func garbageInStatus(_ scene: Scene) async throws {
    try await scene.client.patch(
      .rollbackPolicies, namespace: scene.namespace, name: "good", subresource: "status",
      .merge(["status": ["state": 7, "targets": "all of them", "conditions": ["a": "b"], "targetCount": "many"]]))
    try await eventually("the status is written anew") {
      let status = try await scene.client.getValue(.rollbackPolicies, namespace: scene.namespace, name: "good")[
        "status"]
      let isWhole = status?["targets"]?.array?.count == 1 && status?["conditions"]?.array != nil
      return Progress(isWhole && status?["state"]?.string != nil, "\(status ?? .null)")
    }
  }

  static let absurd: [String: String] = [
    "deployment.kubernetes.io/revision": "99999999999999999999", "deployment.kubernetes.io/revision-history": "-1,,x",
    "rollback-operator.io/verdict": "Maybe", "rollback-operator.io/verdict-since": "yesterday",
    "rollback-operator.io/verdict-event": "../../x", "rollback-operator.io/forgiven": "x",
  ]

  @Test("Absurd annotations on Deployments and ReplicaSets are no facts", arguments: ["-1", "99999999999999999999"])
  func annotations(number: String) async throws {
    try await Scene.play { scene in
      let instance = try scene.lastOperator
      try await scene.deploy(Workload(name: "odd"))
      try await scene.policy("target: {name: odd}\ntrial: {window: 4s}", name: "odd")
      var annotations = Self.absurd
      annotations["deployment.kubernetes.io/revision"] = number
      annotations["rollback-operator.io/forgiven"] = number
      let patch: JSONValue = ["metadata": ["annotations": JSONValue(annotations)]]
      let set = try #require(try await scene.replicaSet(1, of: "odd")?.at("/metadata/name")?.string)
      try await scene.client.patch(.replicaSets, namespace: scene.namespace, name: set, .merge(patch))
      try await scene.client.patch(.deployments, namespace: scene.namespace, name: "odd", .merge(patch))

      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 4s}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
      #expect(try await scene.events(of: "odd").isEmpty && scene.templatePatches(of: "odd") == 0)
      try await scene.policyCondition("Ready", is: .true, named: "odd")
      #expect(instance.exit == nil)
    }
  }
}
