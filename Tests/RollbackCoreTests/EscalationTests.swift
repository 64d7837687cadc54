import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("An event that nobody closes is told to more and more people")
struct EscalationTests {
  private static let team = DecisionRule.Escalation(after: .minutes(5), notify: ["team", "chat"])
  private static let chief = DecisionRule.Escalation(after: .minutes(15), notify: ["chief"])

  private func waiting(_ seconds: TimeInterval, rules: [DecisionRule]? = nil) -> Observation {
    Observation.live.with {
      let rules = rules ?? [DecisionRule(severity: .high, respond: .ask, escalate: [Self.chief, Self.team])]
      $0.policy = .present(PolicySpec(target: Target(name: "web"), decisions: rules))
      $0.now = testStart.addingTimeInterval(seconds)
      $0.permission = .ask(Ask(reason: "severity High is answered with Ask", within: .minutes(60), onTimeout: .expire))
    }
  }

  private var asked: RollbackRecord {
    RollbackRecord.proven.with { $0.status = journal(RollbackMachine.next($0, waiting(1))) }
  }

  private func until(_ effect: Effect) -> Date? {
    guard case .wait(let until, _) = effect else { return nil }
    return until
  }

  @Test("Each stage is recorded once, in the order of time, with one Kubernetes Event")
  func stages() {
    var record = asked
    #expect(until(RollbackMachine.next(record, waiting(2))) == testStart.addingTimeInterval(300))
    guard case .journal(let status, let announcement) = RollbackMachine.next(record, waiting(300)) else {
      Issue.record("no entry")
      return
    }
    #expect(announcement?.reason == "RollbackEscalated")
    #expect(announcement?.message == "not closed 5m after it was opened: team, chat to be told")
    #expect(status.timeline?.last?.what == "escalated: not closed 5m after it was opened: team, chat to be told")
    #expect(status.notifications?.map(\.channel) == ["team", "chat"])
    #expect(status.notifications?.allSatisfy { $0.at == testStart.addingTimeInterval(300) && $0.state == .due } == true)
    record.status = status
    #expect(until(RollbackMachine.next(record, waiting(301))) == testStart.addingTimeInterval(900))
    record.status = journal(RollbackMachine.next(record, waiting(900)))
    #expect(record.status.notifications?.count == 3)
    #expect(until(RollbackMachine.next(record, waiting(901))) == testStart.addingTimeInterval(3_600))
  }

  @Test("Stages that passed while no operator ran are each told")
  func missed() {
    var record = asked
    for count in [2, 3] {
      record.status = journal(RollbackMachine.next(record, waiting(1_000)))
      #expect(record.status.notifications?.count == count)
    }
  }

  @Test("A held event is open, a closed one is not")
  func open() {
    let hold = Hold(reason: "Cooldown", message: "too soon")
    let held = waiting(1).with { $0.permission = .hold(hold) }
    var record = RollbackRecord.proven
    record.status = journal(RollbackMachine.next(record, held))
    record.status = journal(RollbackMachine.next(record, held.with { $0.now = testStart.addingTimeInterval(300) }))
    #expect(record.status.notifications?.count == 2 && record.status.outcome == .held)
    record.status.outcome = .superseded
    guard case .finished = RollbackMachine.next(record, waiting(900)) else {
      Issue.record("a closed event was escalated")
      return
    }
  }

  @Test("What changes something is not held up")
  func acts() {
    let seen = waiting(1_000).with { $0.permission = .act }
    #expect(journal(RollbackMachine.next(.proven, seen)).notifications == nil)
  }

  @Test("The row that counts is that of the severity the breach has by its age")
  func raised() {
    let rules = [
      DecisionRule(severity: .high, respond: .ask, raise: .init(after: .minutes(1), to: .critical)),
      DecisionRule(severity: .critical, respond: .ask, escalate: [Self.team]),
    ]
    let record = RollbackRecord.proven.with {
      $0.status = journal(RollbackMachine.next($0, waiting(1, rules: rules)))
    }
    #expect(until(RollbackMachine.next(record, waiting(2, rules: rules))) == testStart.addingTimeInterval(3_600))
    #expect(until(RollbackMachine.next(record, waiting(61, rules: rules))) == testStart.addingTimeInterval(300))
  }

  @Test("However often a policy is edited, the status stays small")
  func bounded() {
    var record = asked
    for minutes in 1...200 {
      let rule = DecisionRule(
        severity: .high, respond: .ask,
        escalate: [.init(after: .seconds(Int64(minutes)), notify: ["a", "b", "c"])])
      if case .journal(let status, _) = RollbackMachine.next(record, waiting(1_000, rules: [rule])) {
        record.status = status
      }
    }
    #expect(record.status.notifications?.count == 126)
  }
}
