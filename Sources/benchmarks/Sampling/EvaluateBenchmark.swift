import FoundationEssentials
import RollbackCore
import RollbackOperator

/// How many assessments one core makes in a second, each beside the reading of one answer to a query.
///
/// An assessment is the operator's own, from facts to a decision, of a workload in the middle of a trial whose triggers
/// have been sampled since it began.
struct EvaluateBenchmark {
  /// How many assessments make a round.
  var count: Int

  private static let rounds = 5
  private static let interval = PolicyDuration.seconds(15)
  /// Since when the trial runs, in seconds.
  private static let age = 570.0

  func run() throws -> Findings {
    Progress.say("evaluate: \(count) assessments a round")
    let now = Date()
    let answer = CountingMetricsServer.singleAnswer(at: now)
    let decoding = try ProcessorTime.best(of: Self.rounds) {
      for _ in 0..<count {
        guard case .vector(let series) = try PrometheusAnswer(status: 200, body: answer, from: .instant),
          series.count == 1
        else { throw BenchmarkError("the answer was not read") }
      }
    }
    let figures = try Course.allCases.map { course in
      let facts = try course.facts(now: now, interval: Self.interval, age: Self.age)
      let time = try ProcessorTime.best(of: Self.rounds) {
        for _ in 0..<course.rounds(of: count) {
          let assessment = Assessment(facts)
          guard assessment.isOnTrial, course.isExpected(assessment) else {
            throw BenchmarkError("\(course.rawValue): \(assessment.explanation)")
          }
        }
      }
      let each = time / course.rounds(of: count)
      return Figure(
        subject: "an assessment, \(course.rawValue)", value: Self.speed(each), reference: "reading a query's answer",
        referenceValue: Self.speed(decoding / count), ratio: each / (decoding / count))
    }
    return Findings(
      figures: figures,
      notes: [
        "Assessments: of a trial \(PolicyDuration(milliseconds: Int64(Self.age * 1_000))) after its beginning, sampled "
          + "every \(Self.interval); best of \(Self.rounds) rounds, in processor time of one thread."
      ])
  }

  private static func speed(_ each: Duration) -> String {
    "\(Number.microseconds(each)), \(Number.text(1 / (each / .seconds(1)), decimals: 0))/s per core"
  }
}

/// What the triggers of an assessed workload are, and how its samples run.
private enum Course: String, CaseIterable {
  case one = "1 trigger, healthy"
  case three = "3 triggers, healthy"
  case breaching = "3 triggers, breaching since the trial began"
  case compared = "1 trigger with baseline, anomaly and comparison, breaching"

  func rounds(of count: Int) -> Int { self == .compared ? max(1, count / 50) : count }

  func isExpected(_ assessment: Assessment) -> Bool {
    switch self {
    case .one, .three: assessment.verdicts.allSatisfy { $0.status.state == .healthy && !$0.isUnknown }
    case .breaching, .compared: assessment.verdicts.allSatisfy { $0.isBreached }
    }
  }

  func facts(now: Date, interval: PolicyDuration, age: TimeInterval) throws -> Facts {
    let fleet = PolicyFleet(queries: .own, interval: interval, count: 1)
    var facts = try fleet.facts(0, now: now, isOnTrial: true, age: age)
    if self == .one || self == .compared { facts.policy.spec.triggers.removeLast(2) }
    let start = now.addingTimeInterval(-age)
    func times(_ range: Range<Int>) -> [Date] {
      range.map { start.addingTimeInterval(2 + Double($0) * interval.timeInterval) }
    }
    let since = Int((age / interval.timeInterval).rounded(.down))
    let isBad = self == .breaching || self == .compared
    var series = SampleSeries(
      samples: times(-8..<since).map { moment in
        // Before the rollout it was well.
        let value = isBad && moment > start ? 0.2 : 0.0125
        let noise = moment.timeIntervalSince1970.truncatingRemainder(dividingBy: 7) / 1_000
        return Sample(at: moment, .value(value + noise))
      }, knownSince: start.addingTimeInterval(-150), hasHistory: true)
    if self == .compared, case .query(var query) = facts.policy.spec.triggers[0].kind {
      query.criteria = Criteria(
        baseline: BaselineCriterion(above: try Baseline("100x", side: .above)),
        anomaly: AnomalyCriterion(sensitivity: 1_000), comparison: ComparisonCriterion(effect: 1.5, minPoints: 5))
      facts.policy.spec.triggers[0].kind = .query(query)
      let past = (0..<1_000).map { 0.0125 + Double($0 % 13) / 1_000 }
      series.references = References(
        baseline: .values(past), anomaly: .values(past), comparison: .values(Array(past.prefix(since))),
        comparesSince: start)
    }
    for trigger in facts.policy.spec.triggers { facts.samples[trigger.name] = series }
    // The assessments before this one are remembered.
    facts.memory = Assessment(facts).memory
    return facts
  }
}
