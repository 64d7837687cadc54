import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("The rollback machine goes on from the journal alone")
struct MachineTests {
  private func undone(_ record: RollbackRecord) -> Observation {
    Observation.live.running(2, as: 4).marked("r3", .bad).with { $0.now = testStart.addingTimeInterval(2) }
  }

  @Test("The whole way: plan, undo, verdict, acceptance, recovery, and then nothing")
  func way() {
    var record = RollbackRecord.planned()
    #expect(record.status.steps?.first?.state == .running)
    #expect(record.status.outcome == nil)
    guard case .replaceTemplate(let from, let to) = RollbackMachine.next(record, .live) else {
      Issue.record("no undo")
      return
    }
    #expect((from.hash, to.hash) == ("r3", "r2"))
    let unmarked = Observation.live.running(2, as: 4)
    guard case .markBad(let suspect) = RollbackMachine.next(record, unmarked) else {
      Issue.record("no verdict")
      return
    }
    #expect(suspect.hash == "r3")
    record.status = journal(RollbackMachine.next(record, undone(record)))
    #expect(record.status.actedAfter == PolicyDuration.seconds(2))
    record.status = journal(RollbackMachine.next(record, undone(record).with { $0.isLive = false }))
    #expect(record.status.outcome == .recovered)
    #expect(record.status.steps?.first?.state == .done)
    #expect(record.status.conditions?["Succeeded"]?.status == .true)
    #expect(record.status.verification?.allSatisfy(\.passed) == true)
    guard case .finished = RollbackMachine.next(record, .live) else {
      Issue.record("went on after the end")
      return
    }
  }

  @Test("An undo that was accepted and put back before anybody knew is not done a second time")
  func putBack() {
    let again = Observation.live.with {
      $0.bearsUndo = true
      $0.now = testStart.addingTimeInterval(60)
    }
    guard case .markBad(let suspect) = RollbackMachine.next(.planned(), again) else {
      Issue.record("the suspect was not marked")
      return
    }
    #expect(suspect.hash == RollbackRecord.planned().status.from?.hash)
    let marked = again.marked(suspect.hash, .bad)
    #expect(journal(RollbackMachine.next(.planned(), marked)).actedAfter != nil)
  }

  @Test("Nothing is changed on what a cache says")
  func neverOnCache() {
    for record in [RollbackRecord.proven, .planned()] {
      guard case .observeLive = RollbackMachine.next(record, Observation.live.with { $0.isLive = false }) else {
        Issue.record("acted on a cache")
        return
      }
    }
  }

  @Test("The same journal and the same facts give the same effect, however often it is asked")
  func idempotent() {
    let record = RollbackRecord.planned()
    for _ in 0..<3 {
      guard case .replaceTemplate = RollbackMachine.next(record, .live) else {
        Issue.record("asked twice, answered differently")
        return
      }
    }
  }

  struct Interruption: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout Observation) -> Void
    var reason: String
  }

  @Test(
    "A person who moves between decision and write wins",
    arguments: [
      Interruption(
        testDescription: "new revision",
        change: {
          $0.revisions.revisions.append(.test(4)); $0.current = .test(4)
        }, reason: "NewRevision"),
      Interruption(
        testDescription: "template without revision yet", change: { $0.current = nil }, reason: "NewRevision"),
      Interruption(
        testDescription: "suspect deployed again", change: { $0.current?.number = 5 }, reason: "NewRevision"),
      Interruption(testDescription: "paused", change: { $0.workload?.isPaused = true }, reason: "Paused"),
      Interruption(testDescription: "workload deleted", change: { $0.workload = nil }, reason: "TargetGone"),
      Interruption(
        testDescription: "workload going", change: { $0.workload?.isBeingDeleted = true }, reason: "TargetGone"),
    ])
  func superseded(_ interruption: Interruption) {
    let status = journal(RollbackMachine.next(.planned(), Observation.live.with(interruption.change)))
    #expect(status.outcome == .superseded)
    #expect(status.conditions?["Succeeded"]?.reason == interruption.reason)
  }

  @Test("A target that is unusable when the plan is made is replaced by the next one")
  func chosenAnew() {
    let seen = Observation.live.marked("r1", .good).with { $0.unusable = ["uid-r2": "Secret gone"] }
    #expect(journal(RollbackMachine.next(.proven, seen)).to?.hash == "r1")
  }

  @Test("Without a revision to return to the step does not apply, and the event says so")
  func noGoodRevision() {
    let seen = Observation.live.with { $0.revisions = RevisionBook([.test(3)]) }
    let status = journal(RollbackMachine.next(.proven, seen))
    #expect(status.outcome == .notRecovered)
    #expect(status.steps?.first?.state == .notApplicable)
    #expect(status.conditions?["Succeeded"]?.reason == "NoGoodRevision")
  }

  @Test("A hold waits, says why once, and goes on when the guard opens")
  func held() {
    var record = RollbackRecord.proven
    let hold = Hold(reason: "Cooldown", message: "too soon", until: testStart.addingTimeInterval(60))
    let closed = Observation.live.with { $0.permission = .hold(hold) }
    record.status = journal(RollbackMachine.next(record, closed))
    #expect(record.status.outcome == .held)
    guard case .wait(let until, _) = RollbackMachine.next(record, closed) else {
      Issue.record("said it twice")
      return
    }
    #expect(until == hold.until)
    record.status = journal(RollbackMachine.next(record, .live))
    #expect(record.status.outcome == nil)
    #expect(record.status.steps?.first?.state == .running)
  }

  @Test("A held event ends when its suspect is gone or was proven good after all")
  func heldEnds() {
    var record = RollbackRecord.proven
    let closed = Observation.live.with { $0.permission = .hold(Hold(reason: "Cooldown", message: "")) }
    record.status = journal(RollbackMachine.next(record, closed))
    #expect(journal(RollbackMachine.next(record, Observation.live.running(2, as: 4))).outcome == .superseded)
    #expect(journal(RollbackMachine.next(record, Observation.live.marked("r3", .good))).outcome == .superseded)
  }

  @Test("Observe ends with the plan and changes nothing")
  func observed() {
    let status = journal(RollbackMachine.next(.proven, Observation.live.with { $0.permission = .observe }))
    #expect(status.outcome == .observed)
    #expect(status.plan?.count == 1)
    #expect(status.steps == nil)
  }

  @Test("What is not complete or not healthy when the time is up is NotRecovered")
  func notRecovered() {
    var record = RollbackRecord.planned()
    record.status = journal(RollbackMachine.next(record, undone(record)))
    let failing = undone(record).with { $0.returnedPods = [.waiting("a", "CrashLoopBackOff")] }
    record.status = journal(RollbackMachine.next(record, failing))
    #expect(record.status.outcome == nil)
    guard case .wait(let deadline, _) = RollbackMachine.next(record, failing) else {
      Issue.record("wrote the same checks twice")
      return
    }
    #expect(deadline == testStart.addingTimeInterval(302))
    let late = failing.with { $0.now = testStart.addingTimeInterval(302) }
    let status = journal(RollbackMachine.next(record, late))
    #expect(status.outcome == .notRecovered)
    #expect(status.conditions?["Verified"]?.status == .false)
  }

  @Test("A kill for memory before the undo does not count against the revision that was returned to")
  func oldTerminations() {
    var record = RollbackRecord.planned()
    record.status = journal(RollbackMachine.next(record, undone(record)))
    var pod = PodFacts.healthy("a")
    pod.containers[0].terminationReason = "OOMKilled"
    pod.containers[0].terminatedAt = testStart.addingTimeInterval(-3_600)
    let status = journal(RollbackMachine.next(record, undone(record).with { $0.returnedPods = [pod] }))
    #expect(status.outcome == .recovered)
  }

  @Test("A new revision during the verification supersedes it, and its own story begins")
  func newRevisionWhileVerifying() {
    var record = RollbackRecord.planned()
    record.status = journal(RollbackMachine.next(record, undone(record)))
    let moved = undone(record).with {
      $0.revisions.revisions.append(.test(5))
      $0.current = .test(5)
    }
    #expect(journal(RollbackMachine.next(record, moved)).outcome == .superseded)
  }

  @Test("The first error is kept, and the undo is withdrawn when the time for it is up")
  func refused() {
    var record = RollbackRecord.planned()
    record.status = journal(
      RollbackMachine.undoFailed(record, isFinal: false, message: "denied", at: testStart.addingTimeInterval(5)))
    #expect(record.status.outcome == nil)
    let again = RollbackMachine.undoFailed(
      record, isFinal: false, message: "other", at: testStart.addingTimeInterval(6))
    guard case .wait = again else {
      Issue.record("a refusal that is known was written again, which wakes whoever watches the event")
      return
    }
    #expect(record.status.steps?.first?.message == "denied")
    let status = journal(
      RollbackMachine.undoFailed(record, isFinal: false, message: "x", at: testStart.addingTimeInterval(400)))
    #expect(status.outcome == nil)
    #expect(status.conditions?["Executed"]?.message == "denied")
  }

  @Test("A person's request goes to the revision that was named, or to the last good one")
  func manual() {
    let named = journal(RollbackMachine.next(.manual(to: RevisionReference(revision: 1)), .live))
    #expect(named.to?.hash == "r1")
    #expect(journal(RollbackMachine.next(.manual(), .live)).to?.hash == "r2")
  }

  @Test(
    "A person's request that cannot be done is refused with a sentence",
    arguments: [(7, "NoSuchRevision"), (3, "AlreadyCurrent"), (1, "BadTarget")] as [(Int64, String)])
  func manualRefused(revision: Int64, reason: String) {
    let seen = Observation.live.marked("r1", .bad)
    let status = journal(RollbackMachine.next(.manual(to: RevisionReference(revision: revision)), seen))
    #expect(status.outcome == .failed)
    #expect(status.conditions?["Succeeded"]?.reason == reason)
    #expect(status.conditions?["Succeeded"]?.message.isEmpty == false)
  }

  @Test("A person's request on a paused workload is refused")
  func manualPaused() {
    let status = journal(RollbackMachine.next(.manual(), Observation.live.with { $0.workload?.isPaused = true }))
    #expect(status.outcome == .failed)
    #expect(status.conditions?["Succeeded"]?.reason == "Paused")
  }

  @Test("An invalid policy is not a deleted one: what has not begun waits")
  func invalidPolicy() {
    guard case .wait = RollbackMachine.next(.proven, Observation.live.with { $0.policy = .invalid }) else {
      Issue.record("an invalid policy was taken for a deleted one")
      return
    }
    let elsewhere = journal(RollbackMachine.next(.proven, Observation.live.with { $0.policy = .elsewhere }))
    #expect(elsewhere.outcome == .superseded)
  }

  @Test("A person's dry run changes nothing")
  func manualObserve() {
    let record = RollbackRecord.manual().with { $0.spec.mode = .observe }
    let status = journal(RollbackMachine.next(record, .live))
    #expect(status.outcome == .observed)
    #expect(status.to?.hash == "r2")
    #expect(status.steps == nil)
  }

  @Test("A rejected event does nothing")
  func rejected() {
    let record = RollbackRecord.proven.with { $0.spec.approval = .init(decision: .rejected, by: "ada") }
    #expect(journal(RollbackMachine.next(record, .live)).outcome == .rejected)
  }

  @Test("A verdict that may not be written does not keep the rollback from its end")
  func verdictRefused() {
    let seen = Observation.live.running(2, as: 4).with { $0.verdictRefused = "forbidden" }
    let status = journal(RollbackMachine.next(.planned(), seen))
    #expect(status.actedAfter != nil)
    #expect(status.timeline?.contains { $0.what.contains("forbidden") } == true)
  }

  @Test("An accepted undo that a person overtakes is Done, and the event says by what it was superseded")
  func overtaken() {
    var record = RollbackRecord.planned()
    record.status = journal(RollbackMachine.next(record, undone(record)))
    let moved = undone(record).with {
      $0.revisions.revisions.append(.test(5))
      $0.current = .test(5)
    }
    let status = journal(RollbackMachine.next(record, moved))
    #expect(status.steps?.first?.state == .done)
    #expect(status.conditions?["Executed"]?.status == .true)
  }
}
