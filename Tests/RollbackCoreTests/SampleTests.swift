import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("Samples become verdicts at their own time")
struct SampleTests {
  /// A query above 5 %, sampled every ten seconds.
  private static func trigger(
    for duration: PolicyDuration = .seconds(0), noData: Trigger.NoData = .hold, onError: Trigger.OnError = .hold,
    attribution: Trigger.Attribution? = nil
  ) -> Trigger {
    Trigger(
      name: "errors", interval: .seconds(10), for: duration, noData: noData, onError: onError,
      attribution: attribution, .query(QueryTrigger(promql: "errors", criteria: Criteria(above: Measure(5)))))
  }

  /// Samples every ten seconds, of which the last is of now; `x` is bad, `.` good, `-` no data, `?` no number, `!` an
  /// error, ` ` none.
  private static func series(_ picture: String, endingAt end: TimeInterval, knownSince: TimeInterval? = -600)
    -> SampleSeries
  {
    var series = SampleSeries(hasHistory: true)
    for (index, character) in picture.enumerated() {
      let at = testStart.addingTimeInterval(end - Double(picture.count - 1 - index) * 10)
      switch character {
      case "x": series.add([Sample(at: at, .value(9))])
      case ".": series.add([Sample(at: at, .value(1))])
      case "-": series.add([Sample(at: at, .noData("the query returned nothing"))])
      case "!": series.add([Sample(at: at, .failed("refused"))])
      case "?": series.add([Sample(at: at, .value(.nan))])
      default: break
      }
    }
    series.knownSince = knownSince.map { testStart.addingTimeInterval($0) }
    return series
  }

  private static func facts(
    _ picture: String, _ trigger: Trigger = trigger(), at seconds: TimeInterval = 100,
    knownSince: TimeInterval? = -600
  ) -> Facts {
    Facts.healthy.at(seconds).policy { $0.triggers = [trigger] }
      .with { $0.samples = ["errors": series(picture, endingAt: seconds, knownSince: knownSince)] }
  }

  private static func verdict(_ facts: Facts) -> TriggerVerdict? {
    Evaluation.verdicts(facts, trialStart: testStart, wasBreached: false).first
  }

  @Test("A breach counts when the newest sample is so much later than the first of its unbroken run")
  func runs() throws {
    let long = Self.trigger(for: .seconds(50))
    #expect(Self.verdict(Self.facts("..xxxx.xxxx", long))?.status.state == .breaching)
    #expect(Self.verdict(Self.facts("..xxxx.", long))?.status.state == .healthy)
    let six = try #require(Self.verdict(Self.facts("..xxxx.xxxxxx", long)))
    #expect(six.status.state == .breached)
    #expect(six.status.since == testStart.addingTimeInterval(50))
    #expect(!six.precedesRollout)
  }

  @Test("What is read of the revision's own pods is its own, also in the second in which the rollout began")
  func ownPods() throws {
    var trigger = Self.trigger()
    let query = try #require(Self.verdict(Self.facts("x", trigger, at: 0.5)))
    #expect(query.precedesRollout)
    trigger.kind = .logs(LogsTrigger(pattern: "ERROR", criteria: Criteria(above: Measure(5))))
    let logs = try #require(Self.verdict(Self.facts("x", trigger, at: 0.5)))
    #expect(!logs.precedesRollout && logs.status.state == .breached)
  }

  @Test("What was forgotten is not known any more, what was only too much is")
  func forgotten() throws {
    var series = Self.series("xxxxxx", endingAt: 50)
    series.forget(before: testStart.addingTimeInterval(30), keeping: 100)
    #expect(series.samples.first?.at == testStart.addingTimeInterval(20))
    #expect(series.knownSince == testStart.addingTimeInterval(20))
    series.forget(before: testStart.addingTimeInterval(30), keeping: 2)
    #expect(series.samples.count == 2 && series.knownSince == testStart.addingTimeInterval(20))
  }

  @Test("Samples that say nothing neither break a run nor make one")
  func gaps() {
    let long = Self.trigger(for: .seconds(50))
    #expect(Self.verdict(Self.facts(".xx-!xx", long))?.status.state == .breached)
    let open = Self.verdict(Self.facts(".xxxxxx-", long))
    #expect(open?.isBreached == false)
    #expect(open?.isUnknown == true)
    #expect(Self.verdict(Self.facts(".-", long))?.status.state == .noData)
    #expect(Self.verdict(Self.facts(".!", long))?.status.state == .error)
  }

  @Test("What no data and errors mean is the policy's word", arguments: ["-", "!"])
  func meaning(picture: String) {
    let asBreach = Self.trigger(noData: .breach, onError: .breach)
    #expect(Self.verdict(Self.facts("." + picture, asBreach))?.isBreached == true)
    let healthy = Self.verdict(Self.facts("." + picture, Self.trigger(noData: .healthy)))
    #expect((healthy?.status.state == .healthy) == (picture == "-"))
  }

  @Test("That a new revision has no data yet in its first second is not older than the rollout")
  func nothingYet() throws {
    let asBreach = Self.trigger(noData: .breach, onError: .breach)
    let nothing = try #require(Self.verdict(Self.facts("-", asBreach, at: 0.5)))
    #expect(nothing.isBreached && !nothing.precedesRollout)
    #expect(try #require(Self.verdict(Self.facts("x", asBreach, at: 0.5))).precedesRollout)
    // Its time is by the operator's own clock, which may be a little behind.
    #expect(!(try #require(Self.verdict(Self.facts("--", asBreach, at: 9.5))).precedesRollout))
    #expect(try #require(Self.verdict(Self.facts("--", asBreach, at: 8))).precedesRollout)
  }

  @Test("A breach that goes back to before the rollout is not its", arguments: [nil, Trigger.Attribution.ignore])
  func attribution(attribution: Trigger.Attribution?) {
    let trigger = Self.trigger(attribution: attribution)
    let before = Assessment(Self.facts(String(repeating: "x", count: 13), trigger))
    let isDismissed = if case .open(_, .dismiss) = before.decision { true } else { false }
    #expect(isDismissed == (attribution == nil))
    let own = Assessment(Self.facts("xxxx.xxxxx", trigger))
    let acts = if case .open(_, .act) = own.decision { true } else { false }
    #expect(acts)
  }

  @Test("What the pods before an undo did is no event about the revision that was returned to while it is verified")
  func ownUndo() {
    let facts = Self.facts(String(repeating: "x", count: 13)).with {
      $0.history = [
        EventFacts(
          name: "web-r3", suspectHash: "r3", suspectRevision: 3, isAutomatic: true, outcome: nil, actedAt: testStart,
          hasStarted: true)
      ]
    }
    let assessment = Assessment(facts)
    guard case .none = assessment.decision else {
      Issue.record("it was reported")
      return
    }
    #expect(assessment.explanation.contains("web-r3"))
  }

  @Test("While an undo is verified, what it brought back has an event of its own only when it can be undone itself")
  func undoUnderWay() {
    let undo = EventFacts(
      name: "web-r3", suspectHash: "r3", suspectRevision: 3, isAutomatic: true, outcome: nil, actedAt: testStart,
      hasStarted: true)
    let facts = Self.facts("..xxxxx").with { $0.history = [undo] }
    func acts(_ facts: Facts) -> Bool {
      if case .open(_, .act) = Assessment(facts).decision { true } else { false }
    }
    #expect(acts(facts))
    let alone = facts.with { $0.revisions.removeAll { $0.number == 1 } }
    #expect(!acts(alone) && Assessment(alone).explanation.contains("web-r3"))
    guard case .none = Assessment(alone).decision else {
      Issue.record("it was reported")
      return
    }
  }

  @Test("Before the past of a source was read a breach is nobody's")
  func unreadPast() {
    #expect(Self.verdict(Self.facts("xxxx", knownSince: nil))?.isUnknown == true)
    #expect(Self.verdict(Self.facts("xxxx", knownSince: 10))?.isUnknown == true)
    #expect(Self.verdict(Self.facts("xxxx", knownSince: 10))?.isPending == true)
    #expect(Self.verdict(Self.facts("xxx!", knownSince: -10))?.isPending == false)
    #expect(Self.verdict(Self.facts("xxxx", knownSince: -10))?.isBreached == true)
    #expect(Self.verdict(Self.facts("xxxx", Self.trigger(attribution: .ignore), knownSince: nil))?.isBreached == true)
  }

  @Test("A breach after a silence that began before the rollout is nobody's until it is known what was meanwhile")
  func silence() {
    let picture = ".!!!!!!!!!xxxx"
    #expect(Self.verdict(Self.facts(picture, knownSince: 70))?.isUnknown == true)
    #expect(Self.verdict(Self.facts(picture, knownSince: -10))?.isBreached == true)
    // A good word since the rollout began is enough.
    #expect(Self.verdict(Self.facts("..!!!!.!!!xxxx", knownSince: 70))?.isBreached == true)
    // A gap within `for` counts when it is known what was in it.
    let long = Self.trigger(for: .seconds(50))
    #expect(Self.verdict(Self.facts("..xxx!!!!xx", long, knownSince: 90))?.status.state == .breaching)
    #expect(Self.verdict(Self.facts("..xxx!!!!xx", long, knownSince: -10))?.status.state == .breached)
  }

  @Test("Errors between two answers leave a gap, and so do answers that were forgotten")
  func leftGaps() {
    func leavesGap(_ picture: String, after seconds: TimeInterval = 10) -> Bool {
      Self.series(picture, endingAt: 100).leavesGap(
        before: [Sample(at: testStart.addingTimeInterval(100 + seconds), .value(1))], interval: .seconds(10),
        timeout: nil)
    }
    #expect(!leavesGap("...") && !leavesGap("..-") && !leavesGap("..!") && !leavesGap(""))
    #expect(leavesGap("..!!") && leavesGap("!") && leavesGap("..", after: 21) && leavesGap("..??"))
    let failed = [Sample(at: testStart.addingTimeInterval(200), .failed("refused"))]
    #expect(!Self.series("..", endingAt: 100).leavesGap(before: failed, interval: .seconds(10), timeout: nil))
  }

  @Test("A reading that failed long ago is told by its cause, not by its age")
  func failedLongAgo() {
    var facts = Self.facts(".!", at: 100)
    facts = facts.at(160)
    let verdict = Self.verdict(facts)
    #expect(verdict?.status.state == .error && verdict?.message == "refused")
  }

  @Test("Old samples, and those of a clock that is wrong, say nothing", arguments: [-3_600.0, -31, 31, 3_600])
  func stale(offset: TimeInterval) {
    let facts = Self.facts("xxx").with {
      $0.samples = ["errors": Self.series("xxx", endingAt: 100 + offset)]
    }
    let verdict = Self.verdict(facts)
    #expect(verdict?.isBreached == false)
    #expect(verdict?.isUnknown == true)
  }

  @Test("Numbers that are none are no data", arguments: [Double.nan, .infinity, -.infinity])
  func noNumbers(value: Double) {
    var series = SampleSeries(hasHistory: true)
    series.add([Sample(at: testStart.addingTimeInterval(100), .value(value))])
    #expect(Self.verdict(Self.facts("").with { $0.samples = ["errors": series] })?.status.state == .noData)
  }

  @Test("A trial does not end as Good while a trigger cannot be read, however long")
  func neverGood() {
    for picture in ["!", "-", ""] {
      let assessment = Assessment(Self.facts(picture, at: 5_000))
      guard case .none = assessment.decision else {
        Issue.record("\(picture) ended as Good")
        continue
      }
    }
    guard case .markGood = Assessment(Self.facts("...", at: 5_000)).decision else {
      Issue.record("a healthy trigger did not end as Good")
      return
    }
  }

  @Test("After a restart the run goes on where it was, and a healthy sample since then ends it")
  func restart() {
    let long = Self.trigger(for: .seconds(50))
    let remembered = TriggerStatus(name: "errors", state: .breaching, since: testStart.addingTimeInterval(45))
    func resumed(_ picture: String) -> TriggerVerdict? {
      Self.verdict(Self.facts(picture, long, knownSince: -10).with { $0.memory.triggers = [remembered] })
    }
    #expect(resumed("x")?.status.state == .breached)
    #expect(resumed("x")?.status.since == testStart.addingTimeInterval(45))
    #expect(resumed(".x")?.status.state == .breaching)
  }

  @Test("Without a trial nothing is decided, and whether there is data is known")
  func selfTest() {
    let quiet = Self.facts("x").revisions(.test(1), .test(2, verdict: .good))
    let assessment = Assessment(quiet)
    guard case .none = assessment.decision else {
      Issue.record("something was decided without a trial")
      return
    }
    #expect(assessment.memory.triggers.first?.state == .breached)
    let misspelt = Assessment(Self.facts("-").revisions(.test(1), .test(2, verdict: .good)))
    #expect(misspelt.memory.triggers.first?.state == .noData)
  }
}
