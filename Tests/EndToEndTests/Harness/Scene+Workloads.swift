import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackOperator
import Testing

extension Scene {
  var client: KubernetesClient { world.client }

  /// Makes a Deployment and waits until it is rolled out, unless told not to.
  func deploy(_ workload: Workload = Workload(), waits: Bool = true) async throws {
    try await client.create(.deployments, namespace: namespace, workload.object(namespace: namespace))
    if waits { try await rolledOut(workload.name) }
  }

  /// Rolls out another release, as `kubectl set image` and `kubectl annotate` together would; does not wait.
  @discardableResult
  func rollOut(_ release: Release, of name: String = "web") async throws -> JSONValue {
    let template = release.template(labels: ["app": name])
    return try await client.patch(
      .deployments, namespace: namespace, name: name, .json([.replace(path: "/spec/template", value: template)]))
  }

  /// Rolls out a release and waits until the rollout is complete.
  func rollOutAndWait(_ release: Release, of name: String = "web") async throws {
    try await rollOut(release, of: name)
    try await rolledOut(name)
  }

  /// Waits until the rollout of a Deployment is complete, as `kubectl rollout status` does.
  func rolledOut(_ name: String = "web", within limit: Duration = .seconds(90)) async throws {
    try await eventually("Deployment \(name) is rolled out", within: limit) {
      let deployment = try await client.get(Deployment.self, namespace: namespace, name: name)
      let status = deployment.status
      let wanted = deployment.spec.replicas
      return Progress(
        status.observedGeneration >= deployment.metadata.generation && status.updatedReplicas == wanted
          && status.replicas == wanted && status.availableReplicas == wanted, "\(status)")
    }
  }

  /// The whole Deployment as the API server has it.
  func deployment(_ name: String = "web") async throws -> JSONValue {
    try await client.getValue(.deployments, namespace: namespace, name: name)
  }

  /// The version that a Deployment's template runs now.
  func version(of name: String = "web") async throws -> Int? {
    let image = try await deployment(name).at("/spec/template/spec/containers/0/image")?.string ?? ""
    return Int(image.split(separator: ":").last ?? "")
  }

  /// How often the specification of a Deployment was changed, by anybody: 1 when it was made, and 1 for each change.
  func generation(of name: String = "web") async throws -> Int? {
    try await deployment(name).at("/metadata/generation")?.int
  }

  /// Waits until a Deployment's template is that of a version.
  func runs(_ version: Int, _ name: String = "web", within limit: Duration = .seconds(90)) async throws {
    _ = try await eventually("Deployment \(name) runs version \(version)", within: limit) {
      try await self.version(of: name)
    } where: {
      $0 == version
    }
  }

  /// The ReplicaSet of a version of a Deployment.
  func replicaSet(_ version: Int, of name: String = "web") async throws -> JSONValue? {
    try await client.listValues(
      .replicaSets, namespace: namespace, options: ListOptions(labelSelector: "app=\(name)")
    ).first { $0.at("/spec/template/spec/containers/0/image")?.string == "web:\(version)" }
  }

  /// The verdict on a version, when it is bound to the ReplicaSet's own hash.
  func verdict(_ version: Int, of name: String = "web") async throws -> String? {
    guard let metadata = try await replicaSet(version, of: name)?["metadata"] else { return nil }
    let annotations = metadata["annotations"]
    guard annotations?["rollback-operator.io/verdict-hash"] == metadata["labels"]?["pod-template-hash"] else {
      return nil
    }
    return annotations?["rollback-operator.io/verdict"]?.string
  }

  /// Waits for a verdict on a version.
  func verdict(
    _ version: Int, of name: String = "web", becomes verdict: String, within limit: Duration = .seconds(120)
  ) async throws {
    try await eventually("version \(version) of \(name) is \(verdict)", within: limit) {
      let now = try await self.verdict(version, of: name)
      return Progress(now == verdict, now ?? "no verdict")
    }
  }

  /// How often a Deployment's template was patched by an operator, by the API server's own audit.
  func templatePatches(of name: String = "web") throws -> Int {
    try world.cluster.auditEvents(namespace: namespace).count {
      $0.isTemplatePatch && $0.namespace == namespace && $0.resource == "deployments" && $0.name == name
        && $0.user == World.operatorUser
    }
  }

  /// Waits until the audit log, which is behind the answers by milliseconds, shows this many undos.
  func undone(times: Int, of name: String = "web") async throws {
    try await eventually("\(name) was undone \(times) times") {
      let count = try templatePatches(of: name)
      return Progress(count == times, "\(count)")
    }
  }

  /// Every accepted write of an operator in this namespace, oldest first.
  func writes() throws -> [AuditEvent] {
    let verbs: Set = ["create", "update", "patch", "delete", "deletecollection"]
    return try world.cluster.auditEvents(namespace: namespace).filter {
      $0.namespace == namespace && $0.user == World.operatorUser && verbs.contains($0.verb) && $0.code < 300
    }
  }
}

extension Scene {
  /// Makes all running pods of a Deployment behave badly, without a release having changed.
  func breakPods(of name: String = "web", _ behaviour: String = "CrashLoop") async throws {
    _ = try await world.kubectl(
      "annotate", "pods", "-n", namespace, "-l", "app=\(name)", "--overwrite",
      "simulator.rollback-operator.io/behaviour=\(behaviour)")
  }

  /// Pauses or resumes a Deployment, as `kubectl rollout pause` does.
  func pause(_ isPaused: Bool, _ name: String = "web") async throws {
    try await client.patch(
      .deployments, namespace: namespace, name: name, .merge(["spec": ["paused": .bool(isPaused)]]))
  }

  /// Waits until the first container of some pod of a version waits with this reason.
  func pods(of version: Int, _ name: String = "web", waitWith reason: String) async throws {
    try await eventually("a pod of version \(version) is \(reason)") {
      let pods = try await client.list(
        Pod.self, namespace: namespace, options: ListOptions(labelSelector: "app=\(name)"))
      let own = pods.items.compactMap(\.object).flatMap(\.status.containerStatuses)
        .filter { $0.image == "web:\(version)" }
      return Progress(own.contains { $0.state?.waitingReason == reason }, "\(own.map { "\($0.state as Any)" })")
    }
  }
}
