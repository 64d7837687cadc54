import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("Facts become a decision, always with a reason")
struct AssessmentTests {
  private func target(_ assessment: Assessment) -> Int64? {
    guard case .open(let intent, _) = assessment.decision else { return nil }
    return intent.target?.number
  }

  private func permission(_ assessment: Assessment) -> Permission? {
    guard case .open(_, let permission) = assessment.decision else { return nil }
    return permission
  }

  private func hold(_ assessment: Assessment) -> String? {
    guard case .hold(let hold) = permission(assessment) else { return nil }
    return hold.reason
  }

  @Test("A crash-looping suspect is undone to the revision before it when none was ever proven good")
  func fallback() {
    let assessment = Assessment(Facts.healthy.crashLooping())
    #expect(permission(assessment) == .act)
    #expect(target(assessment) == 1)
  }

  @Test("With revisions proven good, the newest of them before the suspect is the target")
  func newestGood() {
    let facts = Facts.healthy.crashLooping()
      .revisions(.test(1, verdict: .good), .test(2, verdict: .good), .test(3, verdict: .bad), .test(4))
    #expect(target(Assessment(facts)) == 2)
  }

  @Test("A revision known to be bad is never a target, and neither is the suspect's own version")
  func neverBad() {
    let facts = Facts.healthy.crashLooping()
      .revisions(.test(1, verdict: .bad), .test(2, version: "same"), .test(3, version: "same"))
    let assessment = Assessment(facts)
    #expect(permission(assessment) == .act)
    #expect(target(assessment) == nil)
  }

  @Test("Without a good revision and without fallback there is no target")
  func noFallback() {
    let facts = Facts.healthy.crashLooping().policy { $0.lastGood.fallback = .none }
    #expect(target(Assessment(facts)) == nil)
  }

  @Test("Only so many revisions before the suspect are looked at")
  func revisionsBack() {
    let facts = Facts.healthy.crashLooping()
      .revisions(.test(1, verdict: .good), .test(2, verdict: .bad), .test(3))
      .policy { $0.lastGood.maxRevisionsBack = 1 }
    #expect(target(Assessment(facts)) == nil)
  }

  @Test("A target that cannot run is passed over, and the reason is said")
  func unusable() {
    let facts = Facts.healthy.crashLooping()
      .revisions(.test(1, verdict: .good), .test(2, verdict: .good), .test(3))
    let assessment = Assessment(facts) { $0.number == 2 ? "ConfigMap web does not exist" : nil }
    #expect(target(assessment) == 1)
  }

  @Test("A healthy rollout becomes Good when its trial ends, not before and not while it is incomplete")
  func adoption() {
    let early = Assessment(Facts.healthy.at(599))
    #expect(early.reconsiderAt == testStart.addingTimeInterval(600))
    guard case .markGood(let revision) = Assessment(Facts.healthy.at(600)).decision else {
      Issue.record("not adopted")
      return
    }
    #expect(revision.number == 2)
    let incomplete = Facts.healthy.at(600).with { $0.workload.availableReplicas = 1 }
    guard case .none = Assessment(incomplete).decision else {
      Issue.record("adopted although incomplete")
      return
    }
    let unknown = Facts.healthy.at(600).with { $0.suspectPods = nil }
    guard case .none = Assessment(unknown).decision else {
      Issue.record("adopted although the pods are unknown")
      return
    }
  }

  @Test("A revision proven good is not judged again")
  func proven() {
    let facts = Facts.healthy.crashLooping().revisions(.test(1), .test(2, verdict: .good))
    let assessment = Assessment(facts)
    #expect(assessment.state == .watching)
    #expect(!assessment.isOnTrial)
  }

  @Test("A verdict given for another template counts for nothing elsewhere; a version is bad with any of its revisions")
  func badVersion() {
    let facts = Facts.healthy
      .revisions(.test(1, verdict: .good), .test(2, verdict: .bad, version: "v"), .test(3, version: "v"))
    let assessment = Assessment(facts)
    #expect(assessment.state == .held)
    #expect(hold(assessment) == "KnownBad")
  }

  @Test("A bad template that is deployed again is held, once for each time, and while its undo is under way it is not")
  func knownBad() {
    let name = EventName.rollback(
      policyUID: "policy", targetUID: "workload", target: "web", suspectHash: "r2", attempt: 0)
    var event = EventFacts(
      name: name, suspectHash: "r2", suspectRevision: 2, isAutomatic: true, outcome: .recovered, actedAt: testStart,
      hasStarted: true)
    var again = Revision.test(4, "r2", verdict: .bad)
    again.isReused = true
    let facts = Facts.healthy.revisions(.test(3, "r1", verdict: .good), again).with { $0.history = [event] }
    #expect(hold(Assessment(facts)) == "KnownBad")
    event.suspectRevision = 4
    let stale = facts.with { $0.history = [event] }
    guard case .none = Assessment(stale).decision else {
      Issue.record("a cache that lags was taken for a new deployment")
      return
    }
  }

  @Test("A failing restart of a good version is not the release's fault")
  func restartOnly() {
    let facts = Facts.healthy.crashLooping().revisions(.test(1, verdict: .good, version: "v"), .test(2, version: "v"))
    guard case .dismiss = permission(Assessment(facts)) else {
      Issue.record("a restart was blamed on the release")
      return
    }
  }

  @Test("A restart of a good version has a trial of its own, in whatever order the revisions are known")
  func restartIsOnTrial() {
    let revisions: [Revision] = [.test(1, verdict: .good, version: "v"), .test(2, version: "v")]
    for order in [revisions, revisions.reversed()] {
      let first = Assessment(Facts.healthy.with { $0.revisions = order })
      #expect(first.isOnTrial)
      #expect(first.memory.lastGood?.revision == 1)
      let second = Assessment(
        Facts.healthy.with {
          $0.revisions = order
          $0.memory = first.memory
        })
      #expect(second.isOnTrial)
    }
  }

  @Test("A restart that was proven good is not judged again because an older revision of its version was")
  func restartIsProven() {
    let revisions: [Revision] = [.test(1, verdict: .good, version: "v"), .test(2, verdict: .good, version: "v")]
    for order in [revisions, revisions.reversed()] {
      let assessment = Assessment(Facts.healthy.crashLooping().with { $0.revisions = order })
      #expect(!assessment.isOnTrial)
      #expect(assessment.memory.lastGood?.revision == 2)
    }
  }

  @Test("Guards object in their order: what a person must mend before what time mends")
  func guardOrder() {
    let rolledBack = EventFacts(
      name: "other", suspectHash: "x", suspectRevision: 1, isAutomatic: true, outcome: .recovered,
      actedAt: testStart.addingTimeInterval(30), hasStarted: true)
    let facts = Facts.healthy.crashLooping().with { $0.history = [rolledBack] }
      .policy {
        $0.limits.cooldown = .minutes(5)
        $0.limits.maxRollbacks = 1
      }
    #expect(hold(Assessment(facts.paused())) == "Paused")
    #expect(hold(Assessment(facts)) == "MaxRollbacks")
    let cooling = Assessment(facts.policy { $0.limits.maxRollbacks = 3 })
    #expect(hold(cooling) == "Cooldown")
    #expect(cooling.reconsiderAt == testStart.addingTimeInterval(330))
    let over = facts.at(331).policy { $0.limits.maxRollbacks = 3 }
    #expect(permission(Assessment(over)) == .act)
  }

  @Test("Observe records and changes nothing, not even a verdict")
  func observe() {
    let facts = Facts.healthy.policy { $0.mode = .observe }
    #expect(permission(Assessment(facts.crashLooping())) == .observe)
    let proven = Assessment(facts.at(600))
    guard case .none = proven.decision else {
      Issue.record("Observe wrote a verdict")
      return
    }
    #expect(proven.memory.lastGood?.hash == "r2")
    #expect(Assessment(facts.after(proven, at: 700)).state == .watching)
  }

  @Test("A suspended policy judges nothing")
  func suspended() {
    let assessment = Assessment(Facts.healthy.crashLooping().policy { $0.suspend = true })
    #expect(assessment.state == .suspended)
    guard case .none = assessment.decision else {
      Issue.record("a suspended policy decided")
      return
    }
  }

  @Test("Nothing is decided while the Deployment controller has not seen the newest change")
  func unobserved() {
    let facts = Facts.healthy.crashLooping().with { $0.workload.generation = 9 }
    guard case .none = Assessment(facts).decision else {
      Issue.record("decided on an old status")
      return
    }
  }

  @Test("An event of this template that has ended is not repeated", arguments: EventStatus.Outcome.allCases)
  func atMostOnce(outcome: EventStatus.Outcome) {
    let name = EventName.rollback(
      policyUID: "policy", targetUID: "workload", target: "web", suspectHash: "r2", attempt: 0)
    let event = EventFacts(
      name: name, suspectHash: "r2", suspectRevision: 2, isAutomatic: true, outcome: outcome, hasStarted: true)
    let assessment = Assessment(Facts.healthy.crashLooping().with { $0.history = [event] })
    // Only what was merely observed may be acted upon when the policy says Auto.
    if outcome.isFinal, outcome != .observed { #expect(permission(assessment) == nil) }
  }

  @Test("What is not the release's because it was only restarted is told once")
  func restartToldOnce() {
    let name = EventName.rollback(
      policyUID: "policy", targetUID: "workload", target: "web", suspectHash: "r2", attempt: 0)
    let restart = Facts.healthy.crashLooping().revisions(
      .test(1, verdict: .good, version: "same"), .test(2, version: "same"))
    guard case .open(_, .dismiss) = Assessment(restart).decision else {
      Issue.record("not dismissed")
      return
    }
    let event = EventFacts(
      name: name, suspectHash: "r2", suspectRevision: 2, isAutomatic: true, outcome: .notCausedByRollout)
    guard case .none = Assessment(restart.with { $0.history = [event] }).decision else {
      Issue.record("told a second time")
      return
    }
  }

  @Test("The most severe breach is the one that counts, then the first")
  func severity() {
    let facts = Facts.healthy.crashLooping().policy {
      $0.triggers = [
        Trigger(name: "first", .pods(PodsTrigger())),
        Trigger(name: "critical", severity: .critical, .pods(PodsTrigger())),
      ]
    }
    guard case .open(let intent, _) = Assessment(facts).decision else {
      Issue.record("no decision")
      return
    }
    #expect(intent.trigger.name == "critical")
  }

  @Test("A policy that first meets an old revision does not blame it for what happened before or begins now")
  func oldRevision() {
    var killed = PodFacts.healthy("a")
    killed.containers[0].terminationReason = "OOMKilled"
    killed.containers[0].terminatedAt = testStart.addingTimeInterval(50_000)
    let facts = Facts.healthy.pods(killed).at(100_000)
    guard case .none = Assessment(facts).decision else {
      Issue.record("a long-running revision was rolled back for what happened long after its trial")
      return
    }
    guard case .none = Assessment(Facts.healthy.crashLooping().at(100_000)).decision else {
      Issue.record("a breach that began after the trial was acted upon")
      return
    }
    let never = Facts.healthy.crashLooping().at(100_000).with {
      $0.workload.availableReplicas = 1
      $0.workload.progressing = .init(isTrue: true, reason: "ReplicaSetUpdated", lastUpdate: testStart)
    }
    #expect(permission(Assessment(never)) == .act)
  }

  @Test("A missed deadline of the rollout before is not charged to the revision that was returned to")
  func staleDeadline() {
    let facts = Facts.healthy.with {
      $0.workload.progressing = .init(
        isTrue: false, reason: "ProgressDeadlineExceeded", lastUpdate: testStart, lastTransition: testStart)
      $0.memory.current = RevisionStatus(revision: 2, hash: "r2", since: testStart.addingTimeInterval(30))
    }
    guard case .none = Assessment(facts).decision else {
      Issue.record("a stale condition was acted upon")
      return
    }
  }

  @Test("After a breach that cleared a whole quiet window must pass before the revision is Good")
  func quietWindow() {
    let breached = Assessment(Facts.healthy.crashLooping().paused().at(590))
    let cleared = Assessment(Facts.healthy.after(breached, at: 601))
    guard case .none = cleared.decision else {
      Issue.record("proven good between two crashes")
      return
    }
    #expect(cleared.reconsiderAt == testStart.addingTimeInterval(1_201))
    guard case .markGood = Assessment(Facts.healthy.after(cleared, at: 1_201)).decision else {
      Issue.record("never proven good")
      return
    }
  }

  @Test("A revision without replicas proves nothing, and its trial begins with the first wanted one")
  func noReplicas() {
    let empty = Facts.healthy.pods().with {
      $0.workload.desiredReplicas = 0
      $0.workload.replicas = 0
      $0.workload.updatedReplicas = 0
      $0.workload.availableReplicas = 0
    }
    let asleep = Assessment(empty.at(700))
    guard case .none = asleep.decision else {
      Issue.record("proven good without a single pod")
      return
    }
    #expect(permission(Assessment(Facts.healthy.crashLooping().after(asleep, at: 800))) == .act)
  }

  @Test("Unknown is no break: a breach goes on counting when the pods are known again, and does not act before")
  func unknownKeeps() {
    let facts = Facts.healthy.policy {
      $0.triggers = [Trigger(name: "pods", for: .seconds(60), .pods(PodsTrigger()))]
    }
    let first = Assessment(facts.crashLooping().at(60))
    let blind = Assessment(facts.with { $0.suspectPods = nil }.after(first, at: 130))
    guard case .none = blind.decision else {
      Issue.record("acted on the unknown")
      return
    }
    #expect(permission(Assessment(facts.crashLooping().after(blind, at: 131))) == .act)
  }

  @Test("A proven revision whose version was proven before by another is not on trial again")
  func provenTwice() {
    let facts = Facts.healthy.crashLooping()
      .revisions(.test(1, verdict: .good, version: "v"), .test(2, verdict: .good, version: "v"))
    #expect(Assessment(facts).state == .watching)
  }

  @Test("An event that ended without anything changed does not stand in the way of the same template deployed again")
  func deployedAgain() {
    let name = EventName.rollback(
      policyUID: "policy", targetUID: "workload", target: "web", suspectHash: "r2", attempt: 0)
    let superseded = EventFacts(
      name: name, suspectHash: "r2", suspectRevision: 2, isAutomatic: true, outcome: .superseded)
    let again = Facts.healthy.crashLooping()
      .revisions(.test(3, "r1", verdict: .good), .test(4, "r2")).with { $0.history = [superseded] }
    guard case .open(let intent, .act) = Assessment(again).decision else {
      Issue.record("the template is free to break now")
      return
    }
    #expect(intent.eventName != name)
    let observed = EventFacts(
      name: name, suspectHash: "r2", suspectRevision: 2, isAutomatic: true, outcome: .observed)
    #expect(permission(Assessment(Facts.healthy.crashLooping().with { $0.history = [observed] })) == .act)
  }
}
