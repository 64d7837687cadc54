import KubernetesClient
import SimulatedCluster
import Testing

@testable import Simulation

@Suite("Each transition is told once")
struct ToldOnceTests {
  private static func event(_ name: String, reason: String, story: String = "story") -> JSONValue {
    [
      "metadata": ["name": .string(name), "namespace": "shop"], "reason": .string(reason), "type": "Normal",
      "message": .string("\(story): undone"), "count": 1,
      "involvedObject": ["kind": "Deployment", "namespace": "shop", "name": "web", "uid": "u"],
    ]
  }

  @Test("R8: told by two Kubernetes Events, and by one that is counted up")
  func twice() throws {
    let stage = try InvariantStage(ToldOnce())
    let user = InvariantStage.operatorUser
    func tell(_ name: String, _ reason: String, story: String = "story", by user: String = user) throws {
      try stage.server.create(.events, "shop", Self.event(name, reason: reason, story: story), user: user)
    }
    try tell("a", "RollbackStarted")
    try tell("b", "RollbackSucceeded")
    try tell("c", "RollbackStarted", story: "another")
    try tell("d", "RollbackHeld")
    try tell("e", "RollbackHeld")
    try tell("f", "RollbackStarted", by: "alice")
    #expect(stage.messages == [])
    try tell("g", "RollbackStarted")
    try stage.server.patch(.events, "shop", "a", .merge(["count": 2]), user: user)
    #expect(
      stage.messages == [
        "RollbackStarted was told twice: story: undone", "RollbackStarted was told again: story: undone",
      ])
  }
}
