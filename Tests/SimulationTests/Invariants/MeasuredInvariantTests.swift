import KubernetesClient
import SimulatedCluster
import Testing

@testable import Simulation

@Suite("Each rule about measurements can fail")
struct MeasuredInvariantTests {
  /// More than 5 % of requests fail for half a minute.
  private static let trigger = MeasuredTrigger.errorRate()
  private static let name = "workload:http_errors:ratio_rate1m"

  private func undone(
    _ invariant: any Invariant, trigger: JSONValue = trigger, _ measure: (InvariantStage) throws -> Void
  ) throws -> [String] {
    let stage = try InvariantStage(invariant, trigger: trigger)
    try measure(stage)
    try stage.undo()
    return stage.messages
  }

  @Test("R5: what a source has said for long enough bears an undo, and pods need not be broken for it")
  func proven() throws {
    func measure(_ stage: InvariantStage) { for second in [10.0, 25, 40] { stage.measure(0.3, second: second) } }
    #expect(try undone(OnlyWhatWasMeasured(), measure) == [])
    #expect(try undone(OnlyWhatIsBroken()) { stage in try stage.rollOut(1) } == [])
  }

  @Test("R5: nothing said, not for long enough, and a good answer in between")
  func unproven() throws {
    let message = "web was undone, and \(Self.name) was not above its limit for 30s"
    #expect(try undone(OnlyWhatWasMeasured()) { _ in } == [message])
    #expect(
      try undone(OnlyWhatWasMeasured()) { stage in
        for second in [10.0, 25, 30] { stage.measure(0.3, second: second) }
      } == [message])
    #expect(
      try undone(OnlyWhatWasMeasured()) { stage in
        for (second, share) in [(10.0, 0.3), (25, 0.01), (40, 0.3), (55, 0.3)] { stage.measure(share, second: second) }
      } == [message])
    #expect(
      try undone(OnlyWhatWasMeasured()) { stage in
        for second in [10.0, 25, 40] { stage.measure(.nan, second: second) }
      } == [message])
  }

  @Test("R5: a good answer to another process does not break what one was told")
  func anotherProcess() throws {
    let messages = try undone(OnlyWhatWasMeasured()) { stage in
      for second in [10.0, 25, 40] { stage.measure(0.3, second: second) }
      stage.measure(0.01, second: 30, process: "operator-1")
    }
    #expect(messages == [])
  }

  @Test("R5: a breach that the rollout has met with is not the rollout's, unless the policy does not ask")
  func older() throws {
    func measure(_ stage: InvariantStage) {
      for second in [-30.0, -15, 0, 15, 30, 45] { stage.measure(0.3, second: second) }
    }
    #expect(
      try undone(OnlyWhatWasMeasured(), measure) == [
        "web was undone, and \(Self.name) had been above its limit before the rollout began"
      ])
    var trigger = Self.trigger
    trigger["attribution"] = "Ignore"
    #expect(try undone(OnlyWhatWasMeasured(), trigger: trigger, measure) == [])
  }

  @Test("R5: a smoke test that did not fail, and one that did")
  func smokeTest() throws {
    let template: JSONValue = ["spec": ["template": ["spec": ["containers": [["name": "a", "image": "a:1"]]]]]]
    let trigger = MeasuredTrigger.named("smoke", "job", ["template": template])
    func test(_ stage: InvariantStage, _ condition: String) throws {
      let environment: JSONValue = [["name": "ROLLBACK_HASH", "value": "hash2"]]
      let container: JSONValue = ["name": "a", "image": "a:1", "env": environment]
      try stage.server.create(
        .jobs, "shop",
        ["metadata": ["name": "test"], "spec": ["template": ["spec": ["containers": [container]]]]], user: "alice")
      try stage.server.patch(
        .jobs, "shop", "test", .merge(["status": ["conditions": [["type": .string(condition), "status": "True"]]]]),
        subresource: "status", user: "alice")
    }
    #expect(
      try undone(OnlyWhatWasMeasured(), trigger: trigger) { try test($0, "Complete") } == [
        "web was undone, and no smoke test of hash2 has failed"
      ])
    #expect(try undone(OnlyWhatWasMeasured(), trigger: trigger) { try test($0, "Failed") } == [])
  }

  @Test("R5: a revision proven good of which the source has said nothing, or nothing good")
  func unmeasuredGood() throws {
    func proven(_ measure: (InvariantStage) -> Void) throws -> [String] {
      let stage = try InvariantStage(OnlyWhatWasMeasuredIsGood(), trigger: Self.trigger)
      measure(stage)
      try stage.annotate(
        .replicaSets, "web-2",
        ["rollback-operator.io/verdict": "Good", "rollback-operator.io/verdict-hash": "hash2"],
        user: InvariantStage.operatorUser)
      return stage.messages
    }
    let message = "web-2 was proven good, and \(Self.name) has never said anything good of it"
    #expect(try proven { _ in } == [message])
    #expect(try proven { $0.measure(0.3, second: 20) } == [message])
    #expect(try proven { $0.measure(0.01, second: -20) } == [message])
    #expect(try proven { $0.measure(0.01, second: 20) } == [])
  }

  @Test("R7: an event that tells what a source has answered")
  func echoed() throws {
    let stage = try InvariantStage(NothingEchoed())
    try stage.journal("Running", message: "the source said \(MetricFault.Answer.secret)")
    #expect(stage.messages == ["rollbackevents story tells an answer"])
  }

  @Test("A process that asks again and again, told once, and one that is started again and again")
  func busy() throws {
    let stage = try InvariantStage(SourcesAreSpared())
    for second in 0..<40 { stage.ask("x", second: Double(second) / 10, by: "operator-0, life \(second / 8)") }
    for second in 0..<40 { stage.ask("y", second: Double(second) * 1.25, by: "operator-0, life 0") }
    try stage.journal("Running", message: "a")
    #expect(stage.messages == [])
    for second in 0..<20 { stage.ask("x", second: 50 + Double(second), by: "operator-0, life 0") }
    for message in ["b", "c"] { try stage.journal("Running", message: message) }
    #expect(stage.messages == ["operator-0, life 0 has asked 9 times within 10 s for x"])
  }

  @Test("R7: a Job that goes with no revision, and one that does")
  func jobs() throws {
    let stage = try InvariantStage(NothingOutside())
    func make(_ name: String, ownedBy kind: String) throws {
      let owner: JSONValue = ["apiVersion": "apps/v1", "kind": .string(kind), "name": "web-2", "uid": "u"]
      try stage.server.create(
        .jobs, "other", ["metadata": ["name": .string(name), "ownerReferences": [owner]]],
        user: InvariantStage.operatorUser)
    }
    stage.server.setCollectsGarbage(false)
    try make("a", ownedBy: "Deployment")
    try make("b", ownedBy: "ReplicaSet")
    #expect(stage.messages == ["ADDED jobs other/a"])
  }
}
