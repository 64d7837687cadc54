import FoundationEssentials
import KubernetesClient
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("The kubectl plugin has the rights of its user", .showsLogs, .timeLimitOfQueue)
struct PluginRightsTests {
  /// An event of a trigger that waits, since no operator runs.
  private func waitingEvent(_ name: String, _ scene: Scene) async throws {
    try await scene.client.create(
      .rollbackEvents, namespace: scene.namespace,
      [
        "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackEvent", "metadata": ["name": .string(name)],
        "spec": [
          "origin": "Trigger", "policy": ["name": "web", "uid": "p"],
          "target": ["kind": "Deployment", "name": "web", "uid": "u"],
          "trigger": ["name": "pods", "severity": "Medium"], "suspect": ["hash": "abc"],
        ],
      ])
  }

  /// Gives a user one of the roles of `manifests/20-user-roles.yaml` in the scene's namespace.
  private func grant(_ role: String, to user: String, _ scene: Scene) async throws {
    for object in try Manifest.objects(at: "\(Tool.checkout)/manifests/20-user-roles.yaml")
    where object["kind"] == "ClusterRole" {
      let name = object.at("/metadata/name")?.string ?? ""
      guard try await !scene.client.exists(.clusterRoles, name: name) else { continue }
      do {
        try await scene.client.create(.clusterRoles, object)
      } catch {
        guard error.code == .alreadyExists else { throw error }
      }
    }
    try await scene.client.create(
      .roleBindings, namespace: scene.namespace,
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": .string("\(user)-\(role)")],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
        "subjects": [["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": .string(user)]],
      ])
    try await eventually("\(user) has the role \(role)") {
      let answer = try await scene.world.kubectl([
        "auth", "can-i", "list", "rollbackevents", "-n", scene.namespace, "--as", user,
      ])
      return Progress(answer.output.hasPrefix("yes"), answer.output)
    }
  }

  @Test("A decision carries the name by which the API server knows the user, and is made once")
  func approve() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await waitingEvent("web-1", scene)
      try await grant("rollback-operator-approve", to: "bob", scene)
      let bob = Plugin(scene: scene, user: "bob")
      let approved = try await bob.run("approve", "web-1", "--reason", "checked the graphs")
      #expect(approved.status == 0 && approved.output.contains("approved by bob"), "\(approved)")
      let approval = try await scene.client.getValue(
        .rollbackEvents, namespace: scene.namespace, name: "web-1"
      ).at("/spec/approval")
      #expect(approval?["decision"] == "Approved" && approval?["by"] == "bob")
      #expect(approval?["reason"] == "checked the graphs" && approval?["at"] != nil)
      let twice = try await bob.run("reject", "web-1", "--reason", "changed my mind")
      #expect(twice.status == 2 && twice.error.contains("Approved by bob"), "\(twice)")
    }
  }

  @Test("Who may only look is refused by the API server, in its own words")
  func view() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await waitingEvent("web-1", scene)
      try await grant("rollback-operator-view", to: "eve", scene)
      let eve = Plugin(scene: scene, user: "eve")
      #expect(try await eve.run("get", "events").output.contains("web-1"))
      let story = try await eve.run("explain", "web-1")
      #expect(story.status == 0, "\(story)")
      let refused = try await eve.run("approve", "web-1", "--reason", "please")
      #expect(refused.status == 2, "\(refused)")
      #expect(refused.error.contains("forbidden") && refused.error.contains("eve"), "\(refused)")
      let held = try await eve.run("hold", "policy/web", "--reason", "please")
      #expect(held.status != 0, "\(held)")
    }
  }
}
