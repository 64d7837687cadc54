import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("A breach at any time, that no rollout is to blame for, is told once and undoes nothing")
struct IncidentTests {
  private static let trigger = Trigger(
    name: "errors", during: .always, interval: .seconds(10), for: .seconds(20),
    .query(QueryTrigger(promql: "errors", criteria: Criteria(above: Measure(5)))))

  /// Samples every ten seconds, of which the last is of now; `x` is bad, anything else good.
  private static func series(_ picture: String, endingAt end: TimeInterval) -> SampleSeries {
    var series = SampleSeries(hasHistory: true)
    for (index, character) in picture.enumerated() {
      let at = testStart.addingTimeInterval(end - Double(picture.count - 1 - index) * 10)
      series.add([Sample(at: at, .value(character == "x" ? 9 : 1))])
    }
    series.knownSince = testStart
    return series
  }

  /// The second revision was proven good long ago.
  private static func facts(_ picture: String, at seconds: TimeInterval = 5_000) -> Facts {
    Facts.healthy.revisions(.test(1), .test(2, verdict: .good)).at(seconds)
      .policy { $0.triggers = [trigger] }
      .with { $0.samples = ["errors": series(picture, endingAt: seconds)] }
  }

  private func open(_ facts: Facts) -> (intent: Intent, permission: Permission)? {
    guard case .open(let intent, let permission) = Assessment(facts).decision else { return nil }
    return (intent, permission)
  }

  @Test("It counts after `for`, without a suspect, and has a number")
  func counts() throws {
    #expect(open(Self.facts("...xx")) == nil)
    #expect(Assessment(Self.facts("...xx")).verdicts.first?.status.state == .breaching)
    let facts = Self.facts("...xxx")
    let (intent, permission) = try #require(open(facts))
    #expect(intent.suspect == nil && intent.target == nil && intent.incident == 1)
    #expect(intent.eventName.hasPrefix("web-1-"))
    #expect(permission == .act)
    let assessment = Assessment(facts)
    #expect(assessment.memory.incidents == 1)
    #expect(assessment.memory.triggers.first?.incident == 1)
    #expect(assessment.state == .breaching && assessment.explanation.contains("no rollout is to blame"))
  }

  @Test("The same breach is the same incident, the next one another")
  func numbers() throws {
    let first = Assessment(Self.facts("...xxx"))
    let later = Self.facts("...xxxx", at: 5_010).after(first, at: 5_010)
    #expect(open(later)?.intent.incident == 1)
    let cured = Assessment(Self.facts("xxxx.", at: 5_020).after(Assessment(later), at: 5_020))
    #expect(cured.memory.triggers.first?.incident == nil && cured.memory.incidents == 1)
    let again = Self.facts("..xxx", at: 5_060).after(cured, at: 5_060)
    #expect(open(again)?.intent.incident == 2)
  }

  @Test("A number that was given before a crash is found in the event")
  func lost() throws {
    let (intent, _) = try #require(open(Self.facts("...xxx")))
    var event = EventFacts(
      name: intent.eventName, suspectHash: nil, suspectRevision: nil, isAutomatic: true, outcome: nil,
      began: intent.trigger.since, trigger: "errors", incident: 1)
    let found = Self.facts("...xxx").with { $0.history = [event] }
    #expect(open(found)?.intent.eventName == intent.eventName)
    event.outcome = .notRecovered
    #expect(open(Self.facts("...xxx").with { $0.history = [event] }) == nil)
    event.began = testStart
    #expect(open(Self.facts("...xxx").with { $0.history = [event] })?.intent.incident == 2)
  }

  @Test("What an undo did not cure is no incident of its own")
  func continued() throws {
    let since = try #require(open(Self.facts("...xxx"))?.intent.trigger.since)
    let event = EventFacts(
      name: "web-r3-abcde", suspectHash: "r3", suspectRevision: 3, isAutomatic: true, outcome: .notRecovered,
      actedAt: since.addingTimeInterval(5), began: since, hasStarted: true, trigger: "errors")
    #expect(open(Self.facts("...xxx").with { $0.history = [event] }) == nil)
  }

  @Test("In a trial it is the rollout's, unless it was there before")
  func onTrial() throws {
    let trial = Facts.healthy.at(100).policy { $0.triggers = [Self.trigger] }
    let own = trial.with { $0.samples = ["errors": Self.series("...xxx", endingAt: 100)] }
    #expect(open(own)?.intent.suspect?.number == 2)
    var early = Self.series("xxxxxxxxxxxxxxx", endingAt: 100)
    early.knownSince = testStart.addingTimeInterval(-600)
    let older = trial.with { $0.samples = ["errors": early] }
    let (intent, _) = try #require(open(older))
    #expect(intent.suspect == nil && intent.incident == 1)
  }

  @Test("Pods that fail long after their trial are seen when the policy says Always")
  func pods() throws {
    let trigger = Trigger(name: "pods", during: .always, .pods(PodsTrigger()))
    let healthy = Facts.healthy.revisions(.test(1), .test(2, verdict: .good)).at(5_000).policy {
      $0.triggers = [trigger]
    }
    let first = Assessment(healthy)
    #expect(first.watchesPods && first.state == .watching)
    let failing = healthy.crashLooping().after(first, at: 5_010)
    #expect(open(failing)?.intent.incident == 1)
  }

  @Test("Observed, told, held, or with nothing to undo")
  func ends() {
    var record = RollbackRecord.proven
    record.spec.suspect = nil
    record.spec.to = nil
    record.spec.incident = 1
    func outcome(_ permission: Permission) -> EventStatus {
      journal(RollbackMachine.next(record, Observation.live.with { $0.permission = permission }))
    }
    #expect(outcome(.observe).outcome == .observed)
    #expect(outcome(.notify("told")).outcome == .observed)
    #expect(outcome(.hold(Hold(reason: "Frozen", message: "audit"))).outcome == .held)
    #expect(outcome(.close("over")).outcome == .superseded)
    let act = outcome(.act)
    #expect(act.outcome == .notRecovered && act.steps?.first?.state == .notApplicable)
    #expect(act.steps?.first?.message?.hasPrefix("NoSuspect: ") == true)
  }

  @Test("An incident that waits is closed when its breach is over")
  func cleared() {
    let event = EventFacts(
      name: "web-1-abcde", suspectHash: nil, suspectRevision: nil, isAutomatic: true, outcome: .held,
      trigger: "errors", incident: 1)
    #expect(Assessment(Self.facts("xxx.").with { $0.history = [event] }).cleared == ["web-1-abcde"])
    #expect(Assessment(Self.facts(".xxx").with { $0.history = [event] }).cleared.isEmpty)
  }
}
