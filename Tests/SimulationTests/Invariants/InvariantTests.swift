import KubernetesClient
import SimulatedCluster
import Testing

@testable import Simulation

/// A rule that cannot be broken proves nothing: each is broken here by the least that breaks it.
@Suite("Each invariant can fail")
struct InvariantTests {
  @Test("An undo as it should be breaks none", arguments: [any Invariant].all.map(\.name))
  func right(name: String) throws {
    let stage = try InvariantStage(try #require([any Invariant].all.first { $0.name == name }))
    try stage.undo()
    try stage.journal("Done", outcome: "Recovered")
    #expect(stage.messages == [])
  }

  @Test("R1: the same template undone twice")
  func twice() throws {
    let stage = try InvariantStage(AtMostOnce())
    try stage.undo()
    #expect(stage.messages == [])
    try stage.rollOut(2)
    try stage.undo()
    #expect(stage.messages == ["the same template of web was undone a second time"])
  }

  @Test("R2: no event, an event that had ended, a step that is not running")
  func withoutIntent() throws {
    let stage = try InvariantStage(IntentBeforeAct())
    try stage.undo(naming: "nothing")
    try stage.rollOut(2)
    try stage.journal("Pending")
    try stage.undo()
    try stage.rollOut(2)
    try stage.journal("Running", outcome: "Superseded")
    try stage.undo()
    #expect(
      stage.messages == [
        "web was changed without a RollbackEvent (nothing)",
        "web was changed before the step was journalled as running",
        "web was changed by an event that had ended as Superseded",
      ])
  }

  @Test("R3: a template of nobody, a bad one, another than the journal says")
  func wrongTarget() throws {
    let stage = try InvariantStage(TargetIsOwnAndNotBad())
    try stage.undo(to: 7)
    try stage.rollOut(2)
    try stage.annotate(
      .replicaSets, "web-1",
      ["rollback-operator.io/verdict": "Bad", "rollback-operator.io/verdict-hash": "hash1"])
    try stage.undo()
    try stage.undo(to: 2)
    #expect(
      stage.messages == [
        "web was returned to a template that no ReplicaSet of its own has",
        "web was returned to hash1, which is Bad", "web was returned to hash2, the journal says hash1",
      ])
  }

  @Test("R4: replicas changed together with the template")
  func replicas() throws {
    let stage = try InvariantStage(OnlyTheTemplate())
    try stage.write { $0["spec"]?["replicas"] = 0 }
    #expect(stage.messages == ["more than the template of web was changed"])
  }

  @Test("R5: a revision undone that was never broken")
  func healthy() throws {
    let stage = try InvariantStage(OnlyWhatIsBroken())
    try stage.rollOut(1)
    try stage.undo(to: 2)
    #expect(stage.messages == ["web hash1 was undone and is not broken"])
  }

  @Test("R6: a paused Deployment, and a revision that nobody judged")
  func person() throws {
    let stage = try InvariantStage(PersonWins())
    try stage.rollOut(1)
    try stage.undo(to: 2)
    try stage.write { $0["spec"]?["paused"] = true }
    try stage.undo(to: 1)
    #expect(
      stage.messages == ["web ran hash1, the judged revision was hash2", "web was undone although it is paused"])
  }

  @Test("R7: a ConfigMap, and more of a ReplicaSet than its verdict")
  func outside() throws {
    let stage = try InvariantStage(NothingOutside())
    try stage.server.create(
      .configMaps, "other", ["metadata": ["name": "a", "namespace": "other"]], user: InvariantStage.operatorUser)
    try stage.annotate(.replicaSets, "web-1", ["a": "b"], user: InvariantStage.operatorUser)
    try stage.annotate(
      .replicaSets, "web-1", ["rollback-operator.io/verdict": "Good"], user: InvariantStage.operatorUser)
    #expect(
      stage.messages == ["wrote configmaps other/a", "changed more than the verdict of replicasets shop/web-1"])
  }

  @Test("R8: an event that goes on after its end")
  func reopened() throws {
    let stage = try InvariantStage(EndsAreFinal())
    try stage.journal("Done", outcome: "Recovered")
    try stage.journal("Done", outcome: "Failed")
    try stage.journal("Running", outcome: "Failed")
    #expect(
      stage.messages == ["story had ended as Recovered and is Failed", "a step of story was Done and is Running"])
  }

  @Test("R8: a later error in the place of the first")
  func firstError() throws {
    let stage = try InvariantStage(EndsAreFinal())
    for message in ["forbidden", "forbidden", "conflict"] { try stage.journal("Running", message: message) }
    #expect(stage.messages == ["the first error of story was forbidden and is conflict"])
  }

  @Test("R9: a finalizer on a Deployment")
  func finalizer() throws {
    let stage = try InvariantStage(NothingLeftBehind())
    try stage.write { $0["metadata"]?["finalizers"] = ["rollback-operator.io/x"] }
    #expect(stage.messages == ["put a finalizer on deployments web"])
  }
}
