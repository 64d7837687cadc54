import FoundationEssentials
import KubernetesClient
import RollbackOperator
import SimulatedCluster
import Testing

@testable import RollbackCommands

@Suite("undo, hold, release, forgive and freeze")
struct ChangeVerbTests {
  private static let web = ObjectReference(kind: .deployment, name: "web")

  @Test("undo makes an event that says what was seen, and prints its name")
  func undo() async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.protect()
    let verb = try UndoVerb(Self.web, reason: "empty basket", revision: 1, policy: nil, waits: false)
    #expect(try await verb.run(desk.session(as: "bob")) == .done)
    let event = try #require(desk.server.objects(.rollbackEvents).first)
    let name = event.at("/metadata/name")?.string ?? ""
    #expect(name.hasPrefix("web-") && desk.output == "rollbackevent.rollback-operator.io/\(name)\n")
    let spec = event["spec"]
    #expect(spec?["origin"] == "Manual" && spec?["reason"] == "empty basket" && spec?["requestedBy"] == "bob")
    #expect(spec?["policy"]?["name"] == "web" && spec?["to"]?["revision"]?.int == 1)
    #expect(spec?["suspect"]?["hash"] == "hash2")
    #expect(spec?["target"]?["uid"] == desk.object(.deployments, "web")?.at("/metadata/uid"))
  }

  @Test("--wait ends with the event, and its status says how", arguments: [("Recovered", 0), ("Failed", 2)])
  func waits(outcome: String, status: Int32) async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: ["outcome": .string(outcome), "timeline": [["at": "2027-01-15T08:00:00Z", "what": "told"]]])
    let event = EventItem(try #require(desk.object(.rollbackEvents, "web-1")))
    #expect(try await EventFollower(session: desk.session()).follow(event).rawValue == status)
    #expect(desk.remarks.contains("told") && desk.remarks.contains(outcome))
  }

  @Test("A Deployment is held once, said, and released", arguments: [ObjectReference.Kind.deployment, .policy])
  func hold(kind: ObjectReference.Kind) async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.protect()
    let subject = ObjectReference(kind: kind, name: "web")
    let resource: APIResource = kind == .deployment ? .deployments : .rollbackPolicies
    #expect(try await HoldVerb(subject, reason: "migration").run(desk.session()) == .done)
    let held = try #require(desk.object(resource, "web"))
    #expect(held["metadata"]?["annotations"]?[Mark.hold] == "migration")
    #expect(held.at("/spec/template/metadata/annotations") == nil)
    let failure = await #expect(throws: CommandFailure.self) {
      try await HoldVerb(subject, reason: "again").run(desk.session())
    }
    #expect(failure?.status == .refused && failure?.description.contains("migration") == true)
    #expect(try await ReleaseVerb(subject, reason: nil).run(desk.session()) == .done)
    #expect(desk.object(resource, "web")?["metadata"]?["annotations"]?[Mark.hold] == nil)
  }

  @Test("A released hold is not left on a ReplicaSet, from where it would come back")
  func copies() async throws {
    let desk = try Desk()
    try desk.deploy()
    _ = try await HoldVerb(Self.web, reason: "migration").run(desk.session())
    let copy: JSONValue = ["metadata": ["annotations": [Mark.hold: "migration"]]]
    try desk.server.patch(.replicaSets, "shop", "web-2", .merge(copy), user: "test")
    _ = try await ReleaseVerb(Self.web, reason: nil).run(desk.session())
    #expect(desk.object(.replicaSets, "web-2")?["metadata"]?["annotations"]?[Mark.hold] == nil)
  }

  @Test("The only Bad revision is forgiven: no verdict, and one attempt more")
  func forgive() async throws {
    let desk = try Desk()
    try desk.deploy(["Good", "Bad", nil])
    let verb = try ForgiveVerb(Self.web, revision: nil, hash: nil, reason: "fixed outside")
    #expect(try await verb.run(desk.session(as: "bob")) == .done)
    let annotations = desk.object(.replicaSets, "web-2")?["metadata"]?["annotations"]
    for key in [Mark.verdict, Mark.verdictHash, Mark.verdictSince, Mark.verdictEvent] {
      #expect(annotations?[key] == nil)
    }
    #expect(annotations?[Mark.forgiven] == "1")
    #expect(annotations?[Mark.forgivenBy]?.string?.hasSuffix("bob: fixed outside") == true)
    #expect(desk.object(.replicaSets, "web-1")?["metadata"]?["annotations"]?[Mark.verdict] == "Good")
    let again = await #expect(throws: CommandFailure.self) { try await verb.run(desk.session()) }
    #expect(again?.status == .refused)
  }

  @Test("Of several Bad revisions one has to be named")
  func forgiveOne() async throws {
    let desk = try Desk()
    try desk.deploy(["Bad", "Bad", nil])
    let failure = await #expect(throws: CommandFailure.self) {
      try await ForgiveVerb(Self.web, revision: nil, hash: nil, reason: "r").run(desk.session())
    }
    #expect(failure?.description.contains("revision 1 (hash1)") == true)
    _ = try await ForgiveVerb(Self.web, revision: nil, hash: "hash2", reason: "r").run(desk.session())
    #expect(desk.object(.replicaSets, "web-2")?["metadata"]?["annotations"]?[Mark.verdict] == nil)
    #expect(desk.object(.replicaSets, "web-1")?["metadata"]?["annotations"]?[Mark.verdict] == "Bad")
  }

  @Test("A freeze is set, changed, shown and ended")
  func freeze() async throws {
    let desk = try Desk()
    func data() -> JSONValue? {
      desk.object(.configMaps, FreezeState.name, in: Session.usualOperatorNamespace)?["data"]
    }
    _ = try await FreezeVerb.on(until: "2h", reason: "Black Friday", allow: "Critical").run(desk.session())
    #expect(data()?["until"]?.string == Timestamp.seconds(Desk.now.addingTimeInterval(7_200)))
    #expect(data()?["reason"] == "Black Friday" && data()?["allow"] == "Critical")
    _ = try await FreezeVerb.on(until: nil, reason: nil, allow: nil).run(desk.session())
    #expect(data()?["until"] == nil && data()?["reason"] == nil && data()?["allow"] == nil)
    _ = try await FreezeVerb.show.run(desk.session())
    #expect(desk.output.contains("Frozen by ann"))
    #expect(desk.remarks.contains("--operator-namespace"))
    _ = try await FreezeVerb.off.run(desk.session())
    #expect(desk.object(.configMaps, FreezeState.name, in: Session.usualOperatorNamespace) == nil)
    #expect(try await FreezeVerb.off.run(desk.session()) == .done)
  }

  @Test(
    "What is neither a time nor a duration, or is past, is no end", arguments: ["soon", "2020-01-01T00:00:00Z", "0d"])
  func moments(text: String) {
    #expect(throws: CommandFailure.self) { try FreezeVerb.moment(text, now: Desk.now) }
  }

  @Test("Days, durations and times are ends")
  func goodMoments() throws {
    #expect(try FreezeVerb.moment("3d", now: Desk.now) == Desk.now.addingTimeInterval(259_200))
    #expect(try FreezeVerb.moment("90m", now: Desk.now) == Desk.now.addingTimeInterval(5_400))
    #expect(try FreezeVerb.moment("2030-01-01T00:00:00Z", now: Desk.now) > Desk.now)
  }
}
