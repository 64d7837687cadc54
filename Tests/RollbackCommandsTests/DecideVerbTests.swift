import KubernetesClient
import RollbackOperator
import SimulatedCluster
import Testing

@testable import RollbackCommands

@Suite("approve and reject")
struct DecideVerbTests {
  private static let event = ObjectReference(kind: nil, name: "web-1")

  @Test("A decision says who, when and why", arguments: [DecideVerb.Decision.approved, .rejected])
  func decides(_ decision: DecideVerb.Decision) async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: ["timeline": [["at": "2027-01-15T07:59:00Z", "what": "waits for approval"]]])
    #expect(try await DecideVerb(Self.event, decision, reason: " checked ").run(desk.session(as: "bob")) == .done)
    let approval = desk.object(.rollbackEvents, "web-1")?.at("/spec/approval")
    #expect(approval?["decision"]?.string == decision.rawValue)
    #expect(approval?["by"]?.string == "bob")
    #expect(approval?["reason"]?.string == "checked")
    #expect(approval?["at"]?.string == Timestamp.seconds(Desk.now))
    #expect(desk.output.contains("by bob"))
  }

  @Test("The second decision is refused, and names the first")
  func once() async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: [:])
    _ = try await DecideVerb(Self.event, .approved, reason: "fine").run(desk.session(as: "bob"))
    let failure = await #expect(throws: CommandFailure.self) {
      try await DecideVerb(Self.event, .rejected, reason: "no").run(desk.session(as: "ann"))
    }
    #expect(failure?.status == .refused)
    #expect(failure?.description.contains("Approved by bob: fine") == true)
    #expect(desk.object(.rollbackEvents, "web-1")?.at("/spec/approval/by")?.string == "bob")
  }

  @Test("Of an event that has ended there is nothing to decide")
  func ended() async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: ["outcome": "Recovered"])
    let failure = await #expect(throws: CommandFailure.self) {
      try await DecideVerb(Self.event, .approved, reason: "late").run(desk.session())
    }
    #expect(failure?.status == .refused)
    #expect(desk.object(.rollbackEvents, "web-1")?.at("/spec/approval") == nil)
  }

  @Test("What the server refuses is shown as it is")
  func forbidden() async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: [:])
    desk.server.setAuthorizer { _, verb, _, _, _, _ in verb != "patch" }
    let failure = await #expect(throws: CommandFailure.self) {
      try await DecideVerb(Self.event, .approved, reason: "please").run(desk.session())
    }
    #expect(failure?.status == .refused)
    #expect(failure?.description.contains("PATCH rollbackevents/web-1") == true)
  }

  @Test("A reason of spaces is none")
  func emptyReason() {
    #expect(throws: CommandFailure.self) { try DecideVerb(Self.event, .approved, reason: " \n") }
  }

  @Test("A server that cannot say who asks is believed the kubeconfig")
  func presumed() async throws {
    let desk = try Desk(reviews: false)
    #expect(try await desk.session(presumedUser: "carol").requester() == "carol")
    await #expect(throws: CommandFailure.self) { try await desk.session().requester() }
    #expect(Session.commonName(ofSubject: "O=dev, CN=ann") == "ann")
    #expect(Session.commonName(ofSubject: "O=dev") == nil)
  }

  @Test("Releasing a held event is approving it")
  func release() async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: ["outcome": "Held"])
    await #expect(throws: CommandFailure.self) { try await ReleaseVerb(Self.event, reason: nil).run(desk.session()) }
    #expect(try await ReleaseVerb(Self.event, reason: "go on").run(desk.session()) == .done)
    #expect(desk.object(.rollbackEvents, "web-1")?.at("/spec/approval/decision")?.string == "Approved")
  }
}
