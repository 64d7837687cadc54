import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("A probe is breached by so many failures in a row")
struct FailureThresholdTests {
  private static func trigger(_ failures: Int = 3, for duration: PolicyDuration = .seconds(0)) -> Trigger {
    Trigger(
      name: "health", interval: .seconds(5), for: duration,
      .probe(ProbeTrigger(service: "web", timeout: .seconds(2), failureThreshold: failures)))
  }

  /// One sample every five seconds from `start` on: `+` passed, `-` failed, `?` could not be made.
  private static func series(_ text: String, from start: TimeInterval = 5) -> SampleSeries {
    SampleSeries(
      samples: text.enumerated().map { index, mark in
        let outcome: Sample.Outcome =
          switch mark {
          case "+": .check(passed: true, value: "HTTP 200", message: "")
          case "-": .check(passed: false, value: "HTTP 503", message: "it is not well")
          default: .failed("the DNS does not answer")
          }
        return Sample(at: testStart.addingTimeInterval(start + Double(index) * 5), outcome)
      })
  }

  private static func verdict(
    _ text: String, _ trigger: Trigger = trigger(), from start: TimeInterval = 5, previous: TriggerStatus? = nil
  ) throws -> TriggerVerdict {
    let series = series(text, from: start)
    var facts = Facts.healthy.policy { $0.triggers = [trigger] }
    facts.samples = [trigger.name: series]
    facts.memory.triggers = previous.map { [$0] } ?? []
    facts.now = series.samples.last?.at ?? testStart
    return try #require(Evaluation.verdicts(facts, trialStart: testStart, wasBreached: false).first)
  }

  @Test(
    "Fewer are not yet a breach, one that passes begins anew, and readings that failed are neither",
    arguments: [
      ("+", TriggerStatus.State.healthy), ("-", .breaching), ("--", .breaching), ("---", .breached),
      ("----", .breached),
      ("--+", .healthy), ("--+--", .breaching), ("--+---", .breached), ("-?-", .breaching), ("-?-?-", .breached),
      ("-?????-", .breaching),
    ])
  func inARow(text: String, state: TriggerStatus.State) throws {
    let verdict = try Self.verdict(text)
    #expect(verdict.status.state == state)
    #expect(verdict.isBreached == (state == .breached) && !verdict.precedesRollout)
  }

  @Test("One failure is enough when the policy says so")
  func one() throws {
    #expect(try Self.verdict("+-", Self.trigger(1)).status.state == .breached)
  }

  @Test("The breach has lasted since the first failure, and `for` counts from there")
  func duration() throws {
    let trigger = Self.trigger(for: .seconds(20))
    #expect(try Self.verdict("----", trigger).status.state == .breaching)
    let verdict = try Self.verdict("-----", trigger)
    #expect(verdict.status.state == .breached)
    #expect(verdict.status.since == testStart.addingTimeInterval(5))
  }

  @Test("A failure or two before the rollout were no breach; as many as make one were")
  func attribution() throws {
    let blip = try Self.verdict("+--" + "---", from: -14)
    #expect(blip.status.state == .breached && !blip.precedesRollout)
    #expect(blip.status.since == testStart)
    // Those from before do not count towards the rollout's own.
    #expect(try Self.verdict("+--" + "--", from: -14).status.state == .breaching)
    let old = try Self.verdict("+---" + "---", from: -19)
    #expect(old.status.state == .breached && old.precedesRollout)
    #expect(old.status.since == testStart.addingTimeInterval(-14))
  }

  @Test("After a restart a proven breach stays one; what was not proven is counted anew")
  func restart() throws {
    func previous(_ state: TriggerStatus.State) -> TriggerStatus {
      TriggerStatus(
        name: "health", state: state, value: "HTTP 503", threshold: "healthy", since: testStart.addingTimeInterval(5))
    }
    #expect(try Self.verdict("-", from: 30, previous: previous(.breached)).status.state == .breached)
    #expect(try Self.verdict("--", from: 30, previous: previous(.breaching)).status.state == .breaching)
    #expect(try Self.verdict("---", from: 30, previous: previous(.breaching)).status.state == .breached)
    #expect(try Self.verdict("+-", from: 30, previous: previous(.breached)).status.state == .breaching)
  }

  @Test("While no revision is on trial it is the same", arguments: [("-", false), ("--", false), ("---", true)])
  func selfTest(text: String, isBreach: Bool) throws {
    var facts = Facts.healthy.policy { $0.triggers = [Self.trigger()] }
    facts.samples = ["health": Self.series(text)]
    facts.now = try #require(facts.samples["health"]?.samples.last?.at)
    let verdict = try #require(Evaluation.watching(facts).first)
    #expect(verdict.status.state == (isBreach ? .breached : .breaching))
  }

  @Test("A sample is as old as its request was allowed to take, and not yet stale")
  func timeout() throws {
    let trigger = Self.trigger(1)
    var facts = Facts.healthy.policy { $0.triggers = [trigger] }
    facts.samples = ["health": Self.series("+-")]
    for (age, isKnown) in [(12.0, true), (12.1, false)] {
      let verdict = try #require(
        Evaluation.verdicts(facts.at(10 + age), trialStart: testStart, wasBreached: false).first)
      #expect(!verdict.isUnknown == isKnown)
    }
  }

  @Test("Enough samples are kept to count, also when none of the past is asked for")
  func kept() throws {
    var series = Self.series("+++--?-")
    let newest = try #require(series.samples.last?.at)
    var others = series
    series.forget(before: newest, keeping: 100, checks: 3)
    #expect(series.failedChecks(atMost: 3) == 3 && series.samples.count == 4)
    others.forget(before: newest, keeping: 100)
    #expect(others.samples.count == 2)
    // A probe that cannot be made for hours does not pile up.
    var unread = Self.series("-" + String(repeating: "?", count: 500))
    unread.forget(before: .distantFuture, keeping: 5_000, checks: 3)
    #expect(unread.samples.count == 24)
  }
}
