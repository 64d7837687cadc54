import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// What a person does while the operator's undo is on its way to the API server.
enum PersonEdit: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case fix = "rolls out a fix"
  case pause = "pauses the Deployment"
  case recreate = "deletes the Deployment and makes it anew"

  var testDescription: String { rawValue }
}

@Suite("A person wins against an undo that is on its way", .showsLogs, .timeLimitOfQueue)
struct FaultPersonTests {
  @Test("Superseded, and what the person did stays, when the person", arguments: PersonEdit.allCases)
  func superseded(edit: PersonEdit) async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.protect()
      let (arrived, gate) = hold(proxy)
      try await scene.rollOut(.bad(2))
      await arrived.wait()
      try await act(edit, scene)
      let left = try await scene.deployment()
      await gate.open()
      let event = try await scene.event(.superseded)
      #expect(try await scene.deployment()["spec"] == left["spec"])
      #expect(try scene.templatePatches() == 0)
      #expect(proxy.writes.count(where: \.isTemplatePatch) == 1, "refused once, not tried again")
      let reason = event.status.conditions?["Succeeded"]?.reason
      #expect(reason == (edit == .fix ? "NewRevision" : edit == .pause ? "Paused" : "TargetGone"))
    }
  }

  @Test("Another number of replicas is no other release: undone, and the number stays")
  func scaled() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.protect()
      let (arrived, gate) = hold(proxy)
      try await scene.rollOut(.bad(2))
      await arrived.wait()
      try await scene.client.scale(.deployments, namespace: scene.namespace, name: "web", replicas: 3)
      await gate.open()
      try await scene.isAsUndisturbed()
      #expect(try await scene.deployment().at("/spec/replicas")?.int == 3)
    }
  }

  /// Holds the first undo until the gate is opened.
  private func hold(_ proxy: FaultProxy) -> (arrived: FaultGate, gate: FaultGate) {
    let arrived = FaultGate()
    let gate = FaultGate()
    proxy.setRule { request in
      guard request.isTemplatePatch else { return .forward }
      await arrived.open()
      await gate.wait()
      return .forward
    }
    return (arrived, gate)
  }

  private func act(_ edit: PersonEdit, _ scene: Scene) async throws {
    switch edit {
    case .fix:
      try await scene.rollOut(.good(3))
    case .pause:
      try await scene.client.patch(
        .deployments, namespace: scene.namespace, name: "web", .merge(["spec": ["paused": true]]))
    case .recreate:
      try await scene.client.delete(
        .deployments, namespace: scene.namespace, name: "web", propagation: .background)
      try await scene.deploy(Workload(replicas: 1, release: .good(3)), waits: false)
    }
  }
}
