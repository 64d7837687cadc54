import Foundation  // the time zones of the tz database
import RollbackCore
import TestSupport
import Testing

@Suite("What is scheduled waits for its time, and no longer")
struct ScheduleTests {
  /// Breached since 00:01:00 UTC; the schedule's time is 00:10 in Berlin's summer and winter alike.
  private func facts(at seconds: TimeInterval, _ at: String = "10 1 * * *") throws -> Facts {
    let rule = DecisionRule(
      severity: .high, respond: .schedule, at: try CronSchedule(at), timeZone: "Europe/Berlin")
    return Facts.healthy.crashLooping().at(60).policy { $0.decisions = [rule] }
      .with { $0.now = testStart.addingTimeInterval(seconds) }
  }

  private func permission(at seconds: TimeInterval, _ at: String = "10 1 * * *") throws -> Permission? {
    let first = Assessment(try facts(at: 60, at))
    guard case .open(_, let permission) = Assessment(try facts(at: 60, at).after(first, at: seconds)).decision else {
      return nil
    }
    return permission
  }

  @Test("Before the time it is held until then, at the time it acts, and after a missed one it waits for the next")
  func times() throws {
    guard case .hold(let hold) = try permission(at: 61) else {
      Issue.record("not held")
      return
    }
    #expect(hold.reason == "Scheduled" && hold.until == testStart.addingTimeInterval(600) && hold.yieldsToApproval)
    #expect(
      hold.message == "it waits until 2026-01-01T00:10:00Z (respond: Schedule, at: 10 1 * * *, "
        + "timeZone: Europe/Berlin)")
    #expect(try permission(at: 600) == .act)
    #expect(try permission(at: 899) == .act)
    guard case .hold(let next) = try permission(at: 901) else {
      Issue.record("it acts although the time is long over")
      return
    }
    #expect(next.until == testStart.addingTimeInterval(600 + 86_400))
  }

  @Test("A time from before the breach is none")
  func before() throws {
    guard case .hold(let hold) = try permission(at: 61, "59 0 * * *") else {
      Issue.record("it acts at a time from before the breach")
      return
    }
    #expect(hold.until == testStart.addingTimeInterval(86_400 - 60))
  }

  @Test("In mode Approve a person is asked, and may go before the time")
  func approve() throws {
    let facts = try facts(at: 60).policy { $0.mode = .approve }
    guard case .open(_, .ask(let ask)) = Assessment(facts.after(Assessment(facts), at: 63)).decision else {
      Issue.record("nobody is asked")
      return
    }
    #expect(ask.objection?.reason == "Scheduled")
  }

  @Test("That it waits for a later time now is written down and no news")
  func postponed() {
    func seen(_ message: String) -> Observation {
      Observation.live.with {
        $0.permission = .hold(Hold(reason: "Scheduled", message: message, until: testStart.addingTimeInterval(600)))
      }
    }
    var record = RollbackRecord.proven
    guard case .journal(let status, .some) = RollbackMachine.next(record, seen("until ten")) else {
      Issue.record("not told")
      return
    }
    record.status = status
    guard case .wait = RollbackMachine.next(record, seen("until ten")) else {
      Issue.record("written again")
      return
    }
    guard case .journal(let later, nil) = RollbackMachine.next(record, seen("until eleven")) else {
      Issue.record("not written, or told again")
      return
    }
    #expect(later.conditions?["Succeeded"]?.message == "until eleven")
    #expect(later.timeline?.count == status.timeline?.count)
  }
}
