import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("An undo that is not to be sent any more is waited for, since it may have been sent")
struct WithdrawalTests {
  struct Objection: Sendable, CustomTestStringConvertible {
    var reason: String
    var outcome = EventStatus.Outcome.superseded
    var change: @Sendable (inout Observation) -> Void
    var testDescription: String { reason }
  }

  private static let objections = [
    Objection(reason: "PolicyDeleted") { $0.policy = .gone },
    Objection(reason: "NotProtected") { $0.policy = .elsewhere },
    Objection(reason: "PolicyInvalid") { $0.policy = .invalid },
    Objection(reason: "Suspended") { $0.policy = .present(PolicySpec(target: Target(name: "web"), suspend: true)) },
    Objection(reason: "Observe") { $0.policy = .present(PolicySpec(target: Target(name: "web"), mode: .observe)) },
    Objection(reason: "ProvenGood") { $0 = $0.marked("r3", .good) },
    Objection(reason: "TimedOut", outcome: .failed) { $0.now += 7_200 },
    Objection(reason: "TargetGone", outcome: .notRecovered) {
      $0 = $0.marked("r2", .bad).marked("r1", .bad)
    },
  ]

  private func withdrawn(_ objection: Objection) -> (record: RollbackRecord, seen: Observation) {
    let seen = Observation.live.with(objection.change)
    let record = RollbackRecord.planned().with { $0.status = journal(RollbackMachine.next($0, seen)) }
    return (record, seen)
  }

  private func waits(_ record: RollbackRecord, _ seen: Observation) -> Date? {
    guard case .wait(let until, _) = RollbackMachine.next(record, seen) else { return nil }
    return until
  }

  @Test("It is withdrawn at once, with its reason, and ends when nothing can arrive any more", arguments: objections)
  func ends(_ objection: Objection) throws {
    let (record, seen) = withdrawn(objection)
    #expect(record.isWithdrawn && record.hasUnsettledUndo)
    #expect(record.status.outcome == nil)
    #expect(record.status.conditions?["Executed"]?.status == .false)
    #expect(record.status.conditions?["Executed"]?.reason == objection.reason)

    let over = try #require(waits(record, seen))
    #expect(over.timeIntervalSince(seen.now) >= 60)
    // What moved the operator to withdraw may be over: what was withdrawn is not sent all the same.
    #expect(waits(record, Observation.live.with { $0.now = seen.now }) == over)

    let end = journal(RollbackMachine.next(record, seen.with { $0.now = over }))
    #expect(end.outcome == objection.outcome)
    let reason = objection.reason == "TargetGone" ? "NoGoodRevision" : objection.reason
    #expect(end.conditions?["Succeeded"]?.reason == reason)
    #expect(end.conditions?["Executed"]?.status == .false)
    #expect(end.steps?.first?.state != .running)
  }

  @Test("What was withdrawn for a freeze and held since is planned anew when the freeze has ended")
  func frozenMeanwhile() throws {
    let frozen = Freeze(until: nil, reason: "sale", allow: nil)
    var seen = Observation.live.with { $0.freeze = frozen }
    var record = RollbackRecord.planned().with { $0.status = journal(RollbackMachine.next($0, seen)) }
    #expect(record.isWithdrawn)
    seen.now = try #require(waits(record, seen))
    seen.permission = .hold(Hold(reason: "Frozen", message: "sale"))
    record.status = journal(RollbackMachine.next(record, seen))
    #expect(record.status.outcome == .held)
    // Who decides must see that nothing is under way.
    #expect(record.mayBePlanned)
    let now = seen.now
    let after = journal(RollbackMachine.next(record, Observation.live.with { $0.now = now }))
    #expect(after.outcome == nil)
    #expect(after.steps?.first?.state == .running)
    #expect(after.conditions?["Executed"]?.status == .unknown)
  }

  @Test("One that had been sent arrives: the rollback goes on to its verification", arguments: objections)
  func arrives(_ objection: Objection) {
    var (record, seen) = withdrawn(objection)
    seen = seen.running(2, as: 4).marked("r3", .bad).with { $0.now += 30 }
    record.status = journal(RollbackMachine.next(record, seen))
    #expect(record.isAccepted && !record.isWithdrawn)
    #expect(record.status.conditions?["Executed"]?.status == .unknown)
    #expect(record.status.timeline?.contains { $0.what.contains("sent before it was withdrawn") } == true)
    #expect(journal(RollbackMachine.next(record, seen)).outcome == .recovered)
  }

  @Test("A target that is gone is replaced by the next one, once the undo to the first can no longer arrive")
  func anotherTarget() throws {
    let gone = Observation.live.with { $0.revisions.revisions.removeAll { $0.hash == "r2" } }
    let record = RollbackRecord.planned().with { $0.status = journal(RollbackMachine.next($0, gone)) }
    #expect(record.status.conditions?["Executed"]?.reason == "TargetGone")
    let over = try #require(waits(record, gone))
    let anew = record.with { $0.status = journal(RollbackMachine.next($0, gone.with { $0.now = over })) }
    #expect(anew.status.to?.hash == "r1")
    #expect(!anew.isWithdrawn && anew.hasUnsettledUndo)
    guard case .replaceTemplate(_, let to) = RollbackMachine.next(anew, gone.with { $0.now = over }) else {
      Issue.record("not undone")
      return
    }
    #expect(to.hash == "r1")
  }

  @Test("What a person did against the plan has superseded it, also when it was taken back")
  func resumed() throws {
    let (record, seen) = withdrawn(try #require(Self.objections.first { $0.reason == "Suspended" }))
    let over = try #require(waits(record, seen))
    #expect(journal(RollbackMachine.next(record, Observation.live.with { $0.now = over })).outcome == .superseded)
  }

  @Test("A person who named the revision gets that one or none")
  func manual() throws {
    let gone = Observation.live.with { $0.revisions.revisions.removeAll { $0.hash == "r1" } }
    var record = RollbackRecord.manual(to: RevisionReference(revision: 1))
    record.status = journal(RollbackMachine.next(record, .live))
    record.status = journal(RollbackMachine.next(record, gone))
    let over = try #require(waits(record, gone))
    let end = journal(RollbackMachine.next(record, gone.with { $0.now = over }))
    #expect(end.outcome == .failed && end.conditions?["Succeeded"]?.reason == "TargetGone")
  }

  @Test("A new revision ends it at once: the undo that was sent can no longer be accepted")
  func overtaken() {
    let (record, seen) = withdrawn(Self.objections[0])
    let moved = seen.with {
      $0.revisions.revisions.append(.test(4))
      $0.current = .test(4)
    }
    #expect(journal(RollbackMachine.next(record, moved)).outcome == .superseded)
    #expect(journal(RollbackMachine.next(record, seen.with { $0.workload = nil })).outcome == .superseded)
  }

  @Test("A cache is enough to go on waiting, and for nothing else")
  func cache() throws {
    let (record, seen) = withdrawn(Self.objections[0])
    let cached = seen.with { $0.isLive = false }
    let over = try #require(waits(record, cached))
    for other in [cached.with { $0.now = over }, cached.running(2, as: 4), cached.with { $0.current = nil }] {
      guard case .observeLive = RollbackMachine.next(record, other) else {
        Issue.record("decided on a cache")
        return
      }
    }
  }

  @Test("An undo that is refused until its time is up is withdrawn; one that is refused for good has failed")
  func refused() {
    let late = testStart.addingTimeInterval(7_200)
    let record = RollbackRecord.planned()
    let slow = journal(RollbackMachine.undoFailed(record, isFinal: false, message: "503", at: late))
    #expect(slow.outcome == nil)
    #expect(record.with { $0.status = slow }.isWithdrawn)
    #expect(slow.steps?.first?.message == "503")
    let final = journal(RollbackMachine.undoFailed(record, isFinal: true, message: "denied", at: testStart))
    #expect(final.outcome == .failed)
    #expect(final.conditions?["Succeeded"]?.reason == "UndoRefused")
  }
}
