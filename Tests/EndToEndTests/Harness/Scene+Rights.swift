import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

extension Scene {
  /// Gives a user one of the roles of `manifests/20-user-roles.yaml` in the scene's namespace, and waits until the API
  /// server knows it.
  func grant(_ role: String, to user: String) async throws {
    for object in try Manifest.objects(at: "\(Tool.checkout)/manifests/20-user-roles.yaml")
    where object["kind"] == "ClusterRole" {
      let name = object.at("/metadata/name")?.string ?? ""
      guard try await !client.exists(.clusterRoles, name: name) else { continue }
      do {
        try await client.create(.clusterRoles, object)
      } catch {
        guard error.code == .alreadyExists else { throw error }
      }
    }
    try await client.create(
      .roleBindings, namespace: namespace,
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": .string("\(user)-\(role)")],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
        "subjects": [["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": .string(user)]],
      ])
    try await eventually("\(user) has the role \(role)") {
      let answer = try await world.kubectl([
        "auth", "can-i", "list", "rollbackevents", "-n", namespace, "--as", user,
      ])
      return Progress(answer.output.hasPrefix("yes"), answer.output)
    }
  }

  /// Lets the operator read Secrets, or no longer, and waits until the API server knows it.
  func mayReadSecrets(_ isAllowed: Bool) async throws {
    try await may("get", "secrets", isAllowed, otherwise: "rollback-operator-without-secrets")
  }

  /// Lets the operator patch Deployments, or no longer, and waits until the API server knows it.
  func mayUndo(_ isAllowed: Bool) async throws {
    try await may("patch", "deployments.apps", isAllowed, otherwise: "rollback-operator-without-undo")
  }

  private func may(_ verb: String, _ resource: String, _ isAllowed: Bool, otherwise role: String) async throws {
    try await world.grant(isAllowed ? "rollback-operator" : role, in: namespace)
    try await eventually("the right to \(verb) \(resource) is \(isAllowed ? "given" : "taken")") {
      let answer = try await world.kubectl([
        "auth", "can-i", verb, resource, "-n", namespace, "--as", World.operatorUser,
      ])
      return Progress(answer.output.hasPrefix(isAllowed ? "yes" : "no"), answer.output)
    }
  }

  /// Good version 1, bad version 2, a proven breach with a journalled plan, and an undo that the API server refuses:
  /// the moment between detection and write, for as long as the test wants it.
  ///
  /// - Returns: the event whose step is running.
  func stopBeforeUndo(policy spec: String = "target: {name: web}\ntrial: {window: 4s}") async throws -> EventObject {
    try await deploy()
    try await policy(spec)
    try await verdict(1, becomes: "Good")
    try await mayUndo(false)
    try await rollOut(.bad(2))
    return try await eventually("the undo is refused") {
      try await events(of: "web").first
    } where: { event in
      event.status.steps?.first?.message?.contains("forbidden") == true
    }
  }

  /// Waits until an event is no longer running or held, and returns it: longer than the operator waits for an undo that
  /// it has withdrawn.
  func closed(_ event: EventObject, within limit: Duration = .seconds(240)) async throws -> EventObject {
    try await eventually("event \(event.metadata.name) is closed", within: limit) {
      try await client.get(EventObject.self, namespace: namespace, name: event.metadata.name)
    } where: {
      $0.status.isFinal
    }
  }
}
