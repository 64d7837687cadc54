import FoundationEssentials
import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("The status of a policy")
struct PolicyStatusBuilderTests {
  private typealias Entry = TargetMemories.Entry

  private static func policy(_ change: (inout PolicySpec) -> Void = { _ in }) -> PolicyObject {
    var spec = PolicySpec(target: Target(selector: RollbackCore.LabelSelector(matchLabels: ["tier": "api"])))
    change(&spec)
    return PolicyObject(
      metadata: ObjectMeta(name: "web", namespace: "shop", uid: "p", generation: 3), spec: .success(spec))
  }

  private static func target(
    _ name: String, _ state: PolicyStatus.State = .watching, good: Bool = true, trigger: TriggerStatus.State = .healthy
  ) -> (workload: ObjectMeta, entry: Entry?) {
    let memory = TargetMemory(
      current: Maximal.revision, lastGood: good ? Maximal.revision : nil,
      triggers: [TriggerStatus(name: "pods", state: trigger)])
    let entry = Entry(workloadName: name, memory: memory, state: state, explanation: "the reason of \(name)")
    return (ObjectMeta(name: name, uid: "uid-\(name)"), entry)
  }

  private static func build(
    _ targets: [(workload: ObjectMeta, entry: Entry?)],
    under policy: PolicyObject = policy(), undecodable: [UndecodableObject] = [], events: [EventObject] = []
  ) -> PolicyStatus {
    PolicyStatusBuilder(
      policy: policy, targets: targets, undecodable: undecodable, events: events, now: testStart
    ).build()
  }

  private static func words(_ status: PolicyStatus) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: (status.conditions ?? []).map { ($0.type, "\($0.status.rawValue) \($0.reason)") })
  }

  @Test("A quiet policy is ready and everything else is said to be well")
  func quiet() {
    let status = Self.build([Self.target("a"), Self.target("b")])
    #expect(status.state == .watching && status.observedGeneration == 3 && status.targetCount == 2)
    #expect(
      Self.words(status) == [
        "Ready": "True Watching", "TargetFound": "True Found", "TriggersHealthy": "True AllRead",
        "KnownGoodAvailable": "True Proven", "Breached": "False Quiet", "Held": "False NotHeld",
        "Suspended": "False Active",
      ])
    for condition in status.conditions ?? [] {
      #expect(condition.observedGeneration == 3 && condition.lastTransitionTime == testStart)
    }
  }

  @Test("What another operator saw begin earlier is left as it wrote it")
  func agreement() {
    func trigger(since seconds: TimeInterval) -> TriggerStatus {
      TriggerStatus(name: "pods", state: .healthy, since: testStart.addingTimeInterval(seconds))
    }
    func status(written: TimeInterval, own: TimeInterval) -> [TriggerStatus]? {
      var policy = Self.policy()
      var target = Self.target("a")
      target.entry?.memory.triggers = [trigger(since: own)]
      var memory = target.entry?.memory ?? TargetMemory()
      memory.triggers = [trigger(since: written)]
      policy.status.targets = [memory.status(name: "a", uid: "uid-a")]
      return Self.build([target], under: policy).targets?.first?.triggers
    }
    #expect(status(written: 31, own: 53) == [trigger(since: 31)])
    #expect(status(written: 53, own: 31) == [trigger(since: 31)])
  }

  @Test("Of several targets the gravest is told")
  func gravest() {
    let status = Self.build([
      Self.target("a", .onTrial, good: false), Self.target("b", .held, trigger: .breached),
      Self.target("c", trigger: .noData),
    ])
    #expect(status.state == .held)
    let words = Self.words(status)
    #expect(words["KnownGoodAvailable"] == "False NotProven" && words["Breached"] == "True TriggerBreached")
    #expect(words["Held"] == "True RollbackHeld" && words["TriggersHealthy"] == "False NoData")
    #expect(status.conditions?["Held"]?.message == "b: the reason of b")
    #expect(status.conditions?["TriggersHealthy"]?.message == "trigger pods of c: no data")
  }

  @Test("No target is said with its name or selector")
  func noTarget() {
    let status = Self.build([])
    #expect(Self.words(status)["Ready"] == "False NotFound")
    #expect(
      status.conditions?["TargetFound"]?.message == "no Deployment that matches tier=api in namespace shop")
    let named = Self.build([], under: Self.policy { $0.target = Target(name: "web") })
    #expect(named.conditions?["TargetFound"]?.message == "no Deployment web in namespace shop")
  }

  @Test("A target that cannot be decoded is said with its error")
  func undecodable() {
    let broken = UndecodableObject(
      metadata: ObjectMeta(name: "b"), error: JSONError(offset: 0, reason: .tooDeep, path: "spec.x"))
    let status = Self.build([Self.target("a")], undecodable: [broken])
    #expect(Self.words(status)["TargetFound"] == "False Undecodable")
    #expect(Self.words(status)["Ready"] == "False Undecodable")
    #expect(status.conditions?["TargetFound"]?.message.hasPrefix("Deployment b cannot be decoded (spec.x: ") == true)
  }

  @Test("A suspended policy is not ready")
  func suspended() {
    let status = Self.build([Self.target("a", .breaching)], under: Self.policy { $0.suspend = true })
    #expect(status.state == .suspended)
    #expect(Self.words(status)["Suspended"] == "True Suspended" && Self.words(status)["Ready"] == "False Suspended")
  }

  @Test("An invalid policy says which field, and keeps what it knew about its targets")
  func invalid() {
    var policy = Self.policy()
    policy.status = Maximal.policyStatus
    policy.spec = .failure(
      PolicyViolation(path: "spec.triggers[0].for", problem: "is no duration", remedy: "write 90s"))
    let status = Self.build([], under: policy)
    #expect(status.state == .invalid && status.targets == Maximal.policyStatus.targets)
    let ready = status.conditions?["Ready"]
    #expect(ready?.status == .false && ready?.reason == "Invalid")
    #expect(ready?.message == "spec.triggers[0].for: is no duration; write 90s")
    #expect(status.observedGeneration == 3)
  }

  @Test("At most a hundred targets are listed, all are counted, and messages stay short")
  func bounded() {
    let targets = (0..<1_000).map { Self.target("web-\(1_000 + $0)", .held, good: false, trigger: .breached) }
    let status = Self.build(targets)
    #expect(status.targets?.count == 100 && status.targetCount == 1_000)
    #expect(status.targets?.first?.name == "web-1000" && status.targets?.last?.name == "web-1099")
    for condition in status.conditions ?? [] { #expect(condition.message.count <= 1_024) }
    #expect(status.conditions?["Breached"]?.message.hasSuffix("web-1004 and 995 more") == true)
  }

  @Test("A target that was not looked at yet keeps what the status says of it")
  func notYet() {
    var policy = Self.policy()
    policy.status = Maximal.policyStatus
    let status = Self.build(
      [(ObjectMeta(name: "web", uid: "uid"), nil), (ObjectMeta(name: "x", uid: "x"), nil)], under: policy)
    #expect(status.targets == (Maximal.policyStatus.targets ?? []) + [TargetStatus(name: "x", uid: "x")])
  }

  @Test("The same facts later give the same status: transition times stand")
  func stable() {
    var policy = Self.policy()
    policy.status = Self.build([Self.target("a", good: false)])
    let later = PolicyStatusBuilder(
      policy: policy, targets: [Self.target("a", good: false)], undecodable: [], events: [],
      now: testStart.addingTimeInterval(3_600)
    ).build()
    #expect(later == policy.status)
  }

  private static func event(
    _ name: String, at seconds: TimeInterval, _ change: (inout EventStatus) -> Void
  ) -> EventObject {
    var status = EventStatus()
    change(&status)
    let metadata = ObjectMeta(name: name, creationTimestamp: testStart.addingTimeInterval(seconds))
    return EventObject(metadata: metadata, spec: Maximal.eventSpec, status: status)
  }

  @Test("Events that run are the state, the newest is named")
  func events() {
    let ended = Self.event("b", at: 1) { $0.outcome = .recovered }
    let older = Self.event("z", at: 0) { $0.outcome = .recovered }
    #expect(Self.build([Self.target("a")], events: [ended, older]).lastEvent == "b")
    #expect(Self.build([Self.target("a")], events: [ended, older]).state == .watching)
    let running = Self.event("c", at: 2) {
      $0.steps = [.init(rung: "undo", step: "undoRollout", object: "Deployment/a", state: .running)]
    }
    let status = Self.build([Self.target("a", .breaching)], events: [ended, running])
    #expect(status.state == .rollingBack && status.lastEvent == "c")
  }
}
