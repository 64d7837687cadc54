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

  @Test("A decision carries the name by which the API server knows the user, and is made once")
  func approve() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await waitingEvent("web-1", scene)
      try await scene.grant("rollback-operator-approve", to: "bob")
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
      try await scene.grant("rollback-operator-view", to: "eve")
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
