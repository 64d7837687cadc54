import FoundationEssentials
import TestSupport
import Testing

@testable import RollbackCore

@Suite("Long runs of samples are judged as short ones are, and in less time")
struct LongRunTests {
  private static let criteria: [Criteria] = [
    Criteria(above: Measure(5)), Criteria(below: Measure(1)), Criteria(above: Measure(5), below: Measure(1)),
    Criteria(above: Measure(8), anomaly: AnomalyCriterion()),
    Criteria(anomaly: AnomalyCriterion(direction: .both), comparison: ComparisonCriterion(minPoints: 3)),
  ]
  private static let outcomes: [Sample.Outcome] = [
    .value(0), .value(3), .value(9), .value(.nan), .value(.infinity), .noData("none"), .failed("refused"),
    .check(passed: true, value: "200", message: ""), .check(passed: false, value: "500", message: "refused"),
  ]

  @Test("What a sample is, is the same with and without its sentence", arguments: criteria)
  func sense(criteria: Criteria) {
    for (noData, onError) in [(Trigger.NoData.hold, Trigger.OnError.hold), (.breach, .breach), (.healthy, .hold)] {
      let trigger = Trigger(
        name: "a", interval: .seconds(10), noData: noData, onError: onError,
        .query(QueryTrigger(promql: "a", criteria: criteria)))
      let samples = Self.outcomes.enumerated().map { Sample(at: testStart.addingTimeInterval(Double($0) * 10), $1) }
      let references = References(
        anomaly: .values([2, 3, 4, 3]), comparison: .values([2, 3, 4, 3]), comparesSince: testStart)
      let judge = SampleJudge(trigger, SampleSeries(samples: samples, hasHistory: true, references: references))
      for sample in samples {
        let expected: SampleJudge.Sense =
          switch judge.reading(of: sample) {
          case .healthy: .healthy
          case .breached: .breached
          case .unknown, .failed: .silent
          }
        #expect(judge.sense(of: sample) == expected, "\(sample)")
      }
    }
  }

  /// Different from the last good revision for as long as anybody looks.
  @Test("A comparison that stays breached keeps its beginning at every look, until a sample ends it")
  func comparison() throws {
    let control = (0..<12).map { 1 + Double($0 % 7) / 100 }
    let trigger = Trigger(
      name: "a", interval: .seconds(10), for: .seconds(20),
      .query(
        QueryTrigger(
          promql: "a", criteria: Criteria(above: Measure(100), comparison: ComparisonCriterion(minPoints: 3)))))
    var facts = Facts.healthy.revisions(.test(1, verdict: .good), .test(2)).policy {
      $0.triggers = [trigger]
      $0.trial.window = .minutes(60)
    }
    var series = SampleSeries(
      knownSince: testStart.addingTimeInterval(-60), hasHistory: true,
      references: References(comparison: .values(control), comparesSince: testStart))
    func look(_ number: Int, _ value: Double) -> TriggerVerdict? {
      facts.now = testStart.addingTimeInterval(Double(number) * 10)
      series.add([Sample(at: facts.now, .value(value + Double(number % 5) / 100))])
      facts.samples["a"] = series
      let verdict = Evaluation.verdicts(facts, trialStart: testStart, wasBreached: false).first
      facts.memory.triggers = [verdict?.status].compactMap(\.self)
      return verdict
    }
    // Three values are needed before anything is compared.
    for number in 1...2 { #expect(look(number, 2)?.isUnknown == true) }
    let since = testStart.addingTimeInterval(30)
    for number in 3...30 {
      let verdict = try #require(look(number, 2))
      #expect(verdict.status.state == (number < 5 ? .breaching : .breached) && verdict.status.since == since)
      #expect(!verdict.isUnknown && !verdict.precedesRollout)
      // Who remembers nothing of it judges all samples, and finds the same.
      guard number % 15 == 0 else { continue }
      var forgetful = facts
      forgetful.memory.triggers = []
      let fresh = Evaluation.verdicts(forgetful, trialStart: testStart, wasBreached: false).first
      #expect(fresh?.status.since == since && fresh?.status.state == .breached)
    }
    // So many low values that the whole is not different any more.
    var number = 30
    while facts.memory.triggers.first?.state != .healthy, number < 120 {
      number += 1
      _ = look(number, 0.2)
    }
    #expect(number < 120 && facts.memory.triggers.first?.state == .healthy)
  }
}
