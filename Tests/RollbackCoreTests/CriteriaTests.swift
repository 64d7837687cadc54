import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("Samples are compared with the time before the rollout")
struct CriteriaTests {
  static func baseline(_ above: String? = nil, below: String? = nil) throws -> BaselineCriterion {
    BaselineCriterion(
      above: try above.map { try Baseline($0) }, below: try below.map { try Baseline($0, side: .below) })
  }

  static func trigger(
    _ criteria: Criteria, for: PolicyDuration = .seconds(0), noData: Trigger.NoData = .hold,
    onError: Trigger.OnError = .hold
  ) -> Trigger {
    Trigger(
      name: "p95", interval: .seconds(1), for: `for`, noData: noData, onError: onError,
      .query(QueryTrigger(promql: "p95", criteria: criteria)))
  }

  /// One value a second, the first at 10 s.
  static func series(_ values: [Double], _ references: References?) -> SampleSeries {
    SampleSeries(
      samples: values.enumerated().map { Sample(at: testStart.addingTimeInterval(10 + Double($0)), .value($1)) },
      knownSince: .distantPast, hasHistory: true, references: references)
  }

  static func read(_ trigger: Trigger, _ values: [Double], _ references: References?) -> Reading {
    Evaluation.read(
      trigger, workload: Facts.healthy.workload, pods: nil, series: series(values, references),
      now: testStart.addingTimeInterval(10 + Double(values.count - 1)))
  }

  private func breach(_ reading: Reading) -> Reading.Breach? {
    if case .breached(let breach) = reading { return breach }
    return nil
  }

  @Test("A value far above the mean of the time before is a breach with value, reference and limit in its sentence")
  func ratio() throws {
    let trigger = Self.trigger(Criteria(baseline: try Self.baseline("3x")))
    let references = References(baseline: .values([0.8, .nan, 1.0]))
    #expect(Self.read(trigger, [2.7], references) == .healthy)
    let breach = try #require(self.breach(Self.read(trigger, [2.88], references)))
    #expect(breach.message == "2.88 is 3.2 times the 0.9 of the 30m before the rollout; the limit is 3x")
    #expect(breach.value == "2.88" && breach.threshold == "above 3x of 0.9")
  }

  @Test("A difference is told in the unit of the limits, and the same hour of yesterday by its name")
  func difference() throws {
    var criterion = try Self.baseline("+200ms", below: "-50%")
    criterion.offset = .minutes(1_440)
    let trigger = Self.trigger(Criteria(baseline: criterion))
    let references = References(baseline: .values([0.5]))
    #expect(
      breach(Self.read(trigger, [0.75], references))?.message
        == "750ms is 250ms above the 500ms of the 30m up to 24h before the rollout; the limit is +200ms")
    #expect(
      breach(Self.read(trigger, [0.2], references))?.message
        == "200ms is 0.4 times the 500ms of the 30m up to 24h before the rollout; the limit is -50%")
  }

  @Test("Each criterion is a reason of its own, whatever is unknown of the others")
  func or() throws {
    let criteria = Criteria(above: Measure(5), baseline: try Self.baseline("3x"), anomaly: AnomalyCriterion())
    let trigger = Self.trigger(criteria)
    let failed = References(baseline: .failed("it is down"), anomaly: .values([1, 1.1, 0.9, 1.05]))
    #expect(breach(Self.read(trigger, [6], failed))?.threshold == "above 5")
    #expect(breach(Self.read(trigger, [4], failed))?.message.contains("standard deviations above 1.03") == true)
    #expect(Self.read(trigger, [1], failed) == .failed("it is down"))
    let pending = References(baseline: .pending, anomaly: .values([1, 1.1, 0.9, 1.05]))
    #expect(Self.read(trigger, [1], pending).isUnknown)
  }

  @Test("Without a reference nothing is healthy and nothing is breached, unless the policy says what that means")
  func undetermined() throws {
    let criteria = Criteria(baseline: try Self.baseline("3x"))
    let none = References(baseline: .noData("nothing was there"))
    let zero = References(baseline: .values([0, 0]))
    #expect(Self.read(Self.trigger(criteria), [1], none) == .unknown("nothing was there"))
    #expect(Self.read(Self.trigger(criteria, noData: .healthy), [1], none) == .healthy)
    #expect(breach(Self.read(Self.trigger(criteria, noData: .breach), [1], none)) != nil)
    #expect(breach(Self.read(Self.trigger(criteria, onError: .breach), [1], References(baseline: .failed("x")))) != nil)
    // Nothing is three times zero, and zero itself is no more than it was.
    #expect(Self.read(Self.trigger(criteria), [1], zero).isUnknown)
    #expect(Self.read(Self.trigger(criteria, noData: .breach), [1], zero).isUnknown)
    #expect(Self.read(Self.trigger(criteria, noData: .healthy), [1], zero) == .healthy)
    #expect(Self.read(Self.trigger(criteria), [0], zero) == .healthy)
    #expect(Self.read(Self.trigger(criteria), [1], References(baseline: .values([.nan]))).isUnknown)
    #expect(Self.read(Self.trigger(criteria), [1], References(baseline: .values([1, .infinity]))).isUnknown)
    #expect(Self.read(Self.trigger(criteria), [.nan], References(baseline: .values([1]))).isUnknown)
    #expect(Self.read(Self.trigger(criteria), [1], References(baseline: .pending)).isUnknown)
  }

  @Test("The first revision, and the time without a rollout, are not judged by what cannot be there")
  func first() throws {
    let criteria = Criteria(
      baseline: try Self.baseline("3x"), anomaly: AnomalyCriterion(), comparison: ComparisonCriterion())
    #expect(Self.read(Self.trigger(criteria), [9], References(baseline: .first, anomaly: .first)) == .healthy)
    #expect(Self.read(Self.trigger(criteria), [9], nil) == .healthy)
  }

  @Test(
    "An anomaly is a breach on its side only",
    arguments: [
      (AnomalyCriterion.Direction.above, 20.0, true), (.above, -20, false), (.below, -20, true), (.below, 20, false),
      (.both, 20, true), (.both, -20, true), (.above, 3, false), (.both, 3, false), (.both, 1, false),
    ])
  func anomaly(direction: AnomalyCriterion.Direction, value: Double, isBreach: Bool) {
    let trigger = Self.trigger(Criteria(anomaly: AnomalyCriterion(direction: direction)))
    let reading = Self.read(trigger, [value], References(anomaly: .values([1, 2, 3, 4, 5])))
    #expect((breach(reading) != nil) == isBreach)
    #expect(!reading.isUnknown)
  }

  @Test("Of another value than an unmoved past's nothing is said, of one on the good side that it is no breach")
  func unmovedPast() {
    let trigger = Self.trigger(Criteria(anomaly: AnomalyCriterion()))
    let references = References(anomaly: .values([2, 2, 2]))
    #expect(Self.read(trigger, [2.5], references).isUnknown)
    #expect(Self.read(trigger, [2], references) == .healthy)
    #expect(Self.read(trigger, [1], references) == .healthy)
  }

  /// So many values that lie around a middle.
  private static func wave(_ count: Int, around middle: Double) -> [Double] {
    (0..<count).map { middle + Double($0 * 7 % 10) / 100 }
  }

  @Test("Two samples are compared once each has enough values; only those of the new revision count")
  func comparison() throws {
    let trigger = Self.trigger(Criteria(comparison: ComparisonCriterion(effect: 1.25)))
    let start = testStart.addingTimeInterval(15)
    func references(_ control: [Double]) -> References {
      References(comparison: .values(control), comparesSince: start)
    }
    let control = Self.wave(40, around: 1)
    // Five values of before the rollout, nineteen of after it.
    #expect(Self.read(trigger, Self.wave(24, around: 9), references(control)).isUnknown)
    let breach = try #require(self.breach(Self.read(trigger, Self.wave(25, around: 9), references(control))))
    #expect(
      breach.message.contains("differs from the 1.05 of the last good revision with a confidence of more than 98%"))
    #expect(Self.read(trigger, Self.wave(25, around: 9), references(Self.wave(19, around: 1))).isUnknown)
    #expect(Self.read(trigger, Self.wave(25, around: 1), references(control)) == .healthy)
    // Clearly more, and not enough to matter; clearly less, and better.
    #expect(Self.read(trigger, Self.wave(25, around: 1.15), references(control)) == .healthy)
    #expect(Self.read(trigger, Self.wave(25, around: 0.1), references(control)) == .healthy)
  }

  @Test("The last good revision is not compared with itself")
  func returned() {
    let trigger = Self.trigger(Criteria(comparison: ComparisonCriterion()))
    #expect(Self.read(trigger, Self.wave(30, around: 9), References(comparison: .pending)) == .healthy)
  }

  @Test("With enough values on one side only nothing is said", arguments: [0, 1, 19])
  func fewPoints(count: Int) {
    let trigger = Self.trigger(Criteria(comparison: ComparisonCriterion()))
    let references = References(
      comparison: .values(Array(repeating: 1, count: count)), comparesSince: testStart)
    #expect(Self.read(trigger, Self.wave(25, around: 9), references).isUnknown)
  }

  @Test(
    "A series that does not move never breaches",
    arguments: [0.0, -0.0, 0.1, 1, -3, 1e-300, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -1e308])
  func constant(value: Double) throws {
    let criteria = Criteria(
      baseline: try Self.baseline("+0.000001%", below: "-0.000001%"),
      anomaly: AnomalyCriterion(sensitivity: 1, direction: .both),
      comparison: ComparisonCriterion(confidence: 0.5, minPoints: 3))
    for count in [1, 3, 20, 49, 60, 200] {
      let same = Array(repeating: value, count: count)
      let references = References(
        baseline: .values(same), anomaly: .values(same), comparison: .values(same), comparesSince: testStart)
      #expect(breach(Self.read(Self.trigger(criteria), same, references)) == nil)
    }
  }

  @Test(
    "Whatever the numbers, ties and gaps: a reading is one of three, and NaN and infinity are no breach",
    arguments: 0..<300)
  func anything(seed: Int) throws {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    func next(_ count: UInt64) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % count)
    }
    let odd: [Double] = [.nan, .infinity, -.infinity, 0, 1, 1, 1, 2, -1, 1e308, .leastNonzeroMagnitude]
    func sample() -> [Double] { (0..<next(40)).map { _ in odd[next(UInt64(odd.count))] } }
    let criteria = Criteria(
      baseline: try Self.baseline("3x", below: "0.1x"), anomaly: AnomalyCriterion(direction: .both),
      comparison: ComparisonCriterion(minPoints: 3))
    let values = sample() + [odd[next(UInt64(odd.count))]]
    let references = References(
      baseline: .values(sample()), anomaly: .values(sample()), comparison: .values(sample()), comparesSince: testStart)
    let reading = Self.read(Self.trigger(criteria), values, references)
    if values.last?.isFinite != true { #expect(reading.isUnknown) }
    if case .breached(let breach) = reading { #expect(!breach.message.contains("NaN") && !breach.message.isEmpty) }
  }

  @Test("A breach against a baseline must hold for as long as one against a fixed limit")
  func holds() throws {
    let trigger = Self.trigger(Criteria(baseline: try Self.baseline("3x")), for: .seconds(3))
    let references = References(baseline: .values([1]))
    func state(_ values: [Double]) -> TriggerStatus.State? {
      let facts = Facts.healthy.with {
        $0.policy.spec.triggers = [trigger]
        $0.samples = ["p95": Self.series(values, references)]
        $0.now = testStart.addingTimeInterval(10 + Double(values.count - 1))
      }
      return Evaluation.verdicts(facts, trialStart: testStart.addingTimeInterval(5), wasBreached: false).first?.status
        .state
    }
    #expect(state([1, 4, 4, 4]) == .breaching)
    #expect(state([1, 4, 4, 4, 4]) == .breached)
    #expect(state([4, 4, 1, 4, 4, 4]) == .breaching)
    #expect(state([1, 4, .nan, 4, 4]) == .breached)
    #expect(state([1, 4, 4, 4, 4, 1]) == .healthy)
  }
}
