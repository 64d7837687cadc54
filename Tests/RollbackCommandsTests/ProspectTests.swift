import KubernetesClient
import SimulatedCluster
import Testing

@testable import RollbackCommands

@Suite("What would happen if a trigger were breached now")
struct ProspectTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var spec: JSONValue = [:]
    var status: JSONValue = [:]
    var isOnTrial = true
    var trigger: JSONValue = ["name": "pods", "pods": [:]]
    var verdicts: [String?] = ["Good", nil]
    var deployment: JSONValue = [:]
    var freeze: JSONValue?
    var says: String

    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "it acts", says: "at once return to revision 1 (hash1)"),
    Case(name: "with for", trigger: ["name": "pods", "for": "2m", "pods": [:]], says: "after 2m of it"),
    Case(name: "suspended", spec: ["suspend": true], says: "nothing, because the policy is suspended"),
    Case(name: "no trial", isOnTrial: false, says: "no revision is on trial"),
    Case(name: "observe", spec: ["mode": "Observe"], says: "changes nothing"),
    Case(name: "medium asks", trigger: ["name": "pods", "severity": "Medium", "pods": [:]], says: "approve"),
    Case(name: "low is told", trigger: ["name": "pods", "severity": "Low", "pods": [:]], says: "respond: Notify"),
    Case(
      name: "an own matrix", spec: ["decisions": [["severity": "High", "respond": "Ask"]]],
      says: "kubectl rollback approve"),
    Case(name: "paused", deployment: ["spec": ["paused": true]], says: "rollout resume"),
    Case(
      name: "held", deployment: ["metadata": ["annotations": [Mark.hold: "migration"]]], says: "migration"),
    Case(name: "known bad", verdicts: ["Good", "Bad"], says: "kubectl rollback forgive"),
    Case(name: "frozen", freeze: ["data": ["reason": "Black Friday"]], says: "Black Friday"),
    Case(
      name: "frozen but for this", freeze: ["data": ["allow": "High", "reason": "Black Friday"]], says: "at once"),
    Case(name: "frozen but for graver ones", freeze: ["data": ["allow": "Critical", "reason": "Sale"]], says: "Sale"),
    Case(name: "frozen but for less grave ones, too", freeze: ["data": ["allow": "Medium"]], says: "at once"),
    Case(name: "a freeze that is over", freeze: ["data": ["until": "2027-01-15T07:00:00Z"]], says: "at once"),
    Case(name: "nowhere to go", verdicts: [nil], says: "nothing to return to"),
  ]

  @Test("Everything in the way is named, in the operator's order", arguments: cases)
  func says(_ this: Case) async throws {
    let desk = try Desk()
    try desk.deploy(this.verdicts)
    try desk.server.patch(.deployments, "shop", "web", .merge(this.deployment), user: "test")
    var spec = this.spec
    spec["target"] = ["name": "web"]
    var target: JSONValue = ["name": "web"]
    if this.isOnTrial { target["trialEndsAt"] = "2027-01-15T08:05:00Z" }
    let policy = PolicyItem([
      "metadata": ["name": "web", "namespace": "shop"], "spec": spec, "status": ["targets": [target]],
    ])
    let prospect = Prospect(
      trigger: TriggerItem(value: this.trigger), policy: policy, workload: try await desk.session().workload("web"),
      freeze: this.freeze.map { FreezeState(value: $0) }, now: Desk.now)
    #expect(prospect.consequence.contains(this.says), "\(prospect.consequence)")
  }
}
