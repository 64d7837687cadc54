import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("A person is asked once, waited for until a deadline, and taken at his word once")
struct ApprovalTests {
  private func asking(
    _ seconds: TimeInterval, onTimeout: DecisionRule.OnTimeout = .expire, objection: Hold? = nil
  ) -> Observation {
    Observation.live.with {
      let rule = DecisionRule(severity: .high, respond: .ask, within: .minutes(10), onTimeout: onTimeout)
      $0.policy = .present(PolicySpec(target: Target(name: "web"), decisions: [rule]))
      $0.now = testStart.addingTimeInterval(seconds)
      $0.permission = .ask(
        Ask(
          reason: "severity High is answered with Ask", within: .minutes(10), onTimeout: onTimeout,
          objection: objection))
    }
  }

  private var asked: RollbackRecord {
    RollbackRecord.proven.with { $0.status = journal(RollbackMachine.next($0, asking(1))) }
  }

  private func answered(_ decision: EventSpec.Approval.Decision, by: String? = "ann") -> RollbackRecord {
    asked.with { $0.spec.approval = .init(decision: decision, by: by, reason: "looked at the graphs") }
  }

  private func isWaiting(_ effect: Effect) -> Bool {
    guard case .wait = effect else { return false }
    return true
  }

  @Test("The question says how to answer and what happens otherwise")
  func question() {
    let message = asked.status.conditions?["Approved"]?.message ?? ""
    #expect(message.contains("`kubectl rollback approve web-r3-abcde") && message.contains("it expires"), "\(message)")
    #expect(asked.status.steps == nil)
    #expect(isWaiting(RollbackMachine.next(asked, asking(599))))
  }

  @Test("Approved is acknowledged, then planned")
  func approved() {
    var record = answered(.approved)
    record.status = journal(RollbackMachine.next(record, asking(5)))
    #expect(record.status.conditions?["Approved"]?.status == .true)
    #expect(record.status.conditions?["Approved"]?.message == "approved by ann: looked at the graphs")
    record.status = journal(RollbackMachine.next(record, asking(5)))
    #expect(record.status.steps?.first?.state == .running)
  }

  @Test("An approval by nobody is none, a rejection by nobody is one")
  func nobody() {
    #expect(isWaiting(RollbackMachine.next(answered(.approved, by: nil), asking(5))))
    #expect(isWaiting(RollbackMachine.next(answered(.approved, by: ""), asking(5))))
    #expect(journal(RollbackMachine.next(answered(.rejected, by: nil), asking(5))).outcome == .rejected)
  }

  @Test("Nobody answered: it expires, or goes on if no guard objects")
  func timeOut() {
    #expect(journal(RollbackMachine.next(asked, asking(600))).outcome == .expired)
    #expect(journal(RollbackMachine.next(asked, asking(600, onTimeout: .act))).steps?.first?.state == .running)
    let hold = Hold(reason: "Cooldown", message: "too soon")
    let held = journal(RollbackMachine.next(asked, asking(600, onTimeout: .act, objection: hold)))
    #expect(held.outcome == .held && held.conditions?["Succeeded"]?.reason == "Cooldown")
  }

  @Test("A lesser breach that is only told closes no question about a graver one, and takes back no approval")
  func lesserBreach() {
    func telling(_ seconds: TimeInterval) -> Observation {
      asking(seconds).with { $0.permission = .notify("severity Low is answered with Notify: nothing was changed") }
    }
    #expect(isWaiting(RollbackMachine.next(asked, telling(5))))
    #expect(journal(RollbackMachine.next(asked, telling(600))).outcome == .expired)
    var record = answered(.approved)
    record.status = journal(RollbackMachine.next(record, telling(5)))
    #expect(record.status.conditions?["Approved"]?.status == .true)
    #expect(journal(RollbackMachine.next(record, telling(5))).steps?.first?.state == .running)
    #expect(journal(RollbackMachine.next(.proven, telling(5))).outcome == .observed)
  }

  @Test("A freeze goes before an approval")
  func frozen() {
    let freeze = Hold(reason: "Frozen", message: "frozen", yieldsToApproval: false)
    let status = journal(RollbackMachine.next(answered(.approved), asking(5, objection: freeze)))
    #expect(status.outcome == .held && status.steps == nil)
  }

  @Test("Held for a shared cause, only a person lets it go on: not time, not another guard that came and went")
  func sharedCause() {
    let shared = Hold(reason: "SharedCause", message: "3 of 8 breach")
    let held = Observation.live.with { $0.permission = .hold(shared) }
    var record = RollbackRecord.proven
    guard case .journal(let status, let announcement) = RollbackMachine.next(record, held) else {
      Issue.record("not held")
      return
    }
    #expect(status.outcome == .held && announcement == nil)
    record.status = status
    let freeze = Hold(reason: "Frozen", message: "frozen", yieldsToApproval: false)
    #expect(isWaiting(RollbackMachine.next(record, held.with { $0.permission = .hold(freeze) })))
    #expect(isWaiting(RollbackMachine.next(record, .live)))
    let asked = RollbackRecord.proven.with { $0.status = journal(RollbackMachine.next($0, asking(1))) }
    let late = asked.with {
      $0.status = journal(RollbackMachine.next($0, asking(600, onTimeout: .act, objection: shared)))
    }
    #expect(isWaiting(RollbackMachine.next(late, asking(700, onTimeout: .act))))
    record.spec.approval = .init(decision: .approved, by: "ann")
    record.status = journal(RollbackMachine.next(record, held))
    #expect(record.status.conditions?["Approved"]?.status == .true)
    #expect(journal(RollbackMachine.next(record, held)).steps?.first?.state == .running)
  }

  @Test("Before the write a freeze is asked at the severity that the breach has by its age")
  func freezeOfRaised() {
    let rules = [
      DecisionRule(severity: .low, respond: .notify, raise: .init(after: .minutes(1), to: .critical))
    ]
    var record = RollbackRecord.planned()
    record.spec.trigger?.severity = .low
    let seen = Observation.live.with {
      $0.policy = .present(PolicySpec(target: Target(name: "web"), decisions: rules))
      $0.freeze = Freeze(reason: "audit", allow: .critical)
    }
    #expect(journal(RollbackMachine.next(record, seen)).conditions?["Executed"]?.reason == "Frozen")
    let later = seen.with { $0.now = testStart.addingTimeInterval(61) }
    guard case .replaceTemplate = RollbackMachine.next(record, later) else {
      Issue.record("a breach that is Critical by now was held by a freeze that allows Critical")
      return
    }
  }
}
