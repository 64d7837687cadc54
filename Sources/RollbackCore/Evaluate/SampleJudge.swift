import FoundationEssentials

/// Judges the samples of one trigger, each by itself and by what is known of the time before the rollout.
struct SampleJudge {
  /// The most values of the new revision that are compared; the newest.
  static let mostCompared = 1_000

  let trigger: Trigger
  private let references: References?
  private let baseline: Known
  /// What the anomaly is measured against, if there is a past.
  private let past: Median.Past?
  /// The finite values since the rollout began, by time.
  private let compared: [(at: Date, value: Double)]

  /// The mean of the baseline's window, or why there is none.
  private enum Known {
    case mean(Double)
    case unknown(Finding)
  }

  /// What one criterion says of one value.
  enum Finding {
    case within
    case breached(Reading.Breach)
    case pending(String)
    case noData(String)
    case failed(String)
    /// There are values to compare with, and the comparison has no result.
    case undetermined(String)
  }

  init(_ trigger: Trigger, _ series: SampleSeries?) {
    self.trigger = trigger
    references = series?.references
    baseline = references.map { Self.mean($0.baseline) } ?? .unknown(.within)
    if trigger.criteria?.anomaly != nil, case .values(let values) = references?.anomaly {
      past = Median.Past(values)
    } else {
      past = nil
    }
    guard trigger.criteria?.comparison != nil, let since = references?.comparesSince, let series else {
      compared = []
      return
    }
    compared = series.samples.compactMap { sample in
      guard sample.at >= since, case .value(let value) = sample.outcome, value.isFinite else { return nil }
      return (sample.at, value)
    }
  }

  /// Whether one sample is a breach, with nothing for people about it.
  enum Sense {
    case healthy
    case breached
    /// It says nothing.
    case silent
  }

  /// As ``reading(of:)``, for the many samples of which nobody reads the value.
  func sense(of sample: Sample) -> Sense {
    if case .value(let value) = sample.outcome, value.isFinite, let criteria = trigger.criteria {
      if criteria.isExceeded(by: value) { return .breached }
      if !criteria.needsPast { return .healthy }
    }
    switch reading(of: sample) {
    case .healthy: return .healthy
    case .breached: return .breached
    case .unknown, .failed: return .silent
    }
  }

  /// What one sample says.
  func reading(of sample: Sample) -> Reading {
    guard case .value(let value) = sample.outcome, value.isFinite, let criteria = trigger.criteria, criteria.needsPast
    else { return trigger.reading(of: sample) }
    if case .breached(let breach) = criteria.judge(value) { return .breached(breach) }
    // Without a rollout there is no time before it.
    guard let references else { return .healthy }
    let findings = [
      criteria.baseline.map { judge(value, $0, criteria) },
      criteria.anomaly.map { judge(value, $0, references.anomaly, criteria) },
      criteria.comparison.map { judge(upTo: sample.at, $0, references, criteria) },
    ].compactMap(\.self)
    for case .breached(let breach) in findings { return .breached(breach) }
    for finding in findings {
      switch finding {
      case .within, .breached: break
      case .pending(let cause): return .unknown(cause)
      case .noData(let cause): return trigger.meaning(ofNoData: cause)
      case .failed(let cause): return trigger.meaning(ofFailure: cause)
      // Values that were read are no missing data: what follows from them is not a breach because nothing follows.
      case .undetermined(let cause): if trigger.noData != .healthy { return .unknown(cause) }
      }
    }
    return .healthy
  }

  // MARK: - Baseline

  private static func mean(_ reference: References.Reference) -> Known {
    guard case .values(let all) = reference else { return .unknown(finding(reference)) }
    let values = all.filter { !$0.isNaN }
    guard !values.isEmpty else { return .unknown(.noData("the query had no value before the rollout")) }
    // Divided first: the sum of many large values is infinite.
    let mean = values.reduce(0) { $0 + $1 / Double(values.count) }
    guard mean.isFinite else {
      return .unknown(.undetermined("the values before the rollout are not all finite numbers"))
    }
    // The parts of equal values need not add up to them.
    return .mean(min(max(mean, values.min() ?? mean), values.max() ?? mean))
  }

  private static func finding(_ reference: References.Reference) -> Finding {
    switch reference {
    case .first: .within
    case .pending, .values: .pending("the values before the rollout have not been read yet")
    case .noData(let cause): .noData(cause)
    case .failed(let cause): .failed(cause)
    }
  }

  private func judge(_ value: Double, _ criterion: BaselineCriterion, _ criteria: Criteria) -> Finding {
    let reference: Double
    switch baseline {
    case .mean(let mean): reference = mean
    case .unknown(let finding): return finding
    }
    var result = Finding.within
    for limit in [criterion.above, criterion.below].compactMap(\.self) {
      switch limit.breach(value, reference: reference) {
      case .within: break
      case .undetermined(let cause): result = .undetermined("\(cause) (baseline \(limit))")
      case .beyond:
        let earlier = criteria.measure.describe(reference)
        return .breached(
          Reading.Breach(
            value: criteria.measure.describe(value), threshold: "\(limit.side) \(limit) of \(earlier)",
            message: "\(criteria.measure.describe(value)) is \(limit.distance(value, reference, criteria.measure)) "
              + "the \(earlier) of \(criterion.period); the limit is \(limit)"))
      }
    }
    return result
  }

  // MARK: - Anomaly

  private func judge(
    _ value: Double, _ criterion: AnomalyCriterion, _ reference: References.Reference, _ criteria: Criteria
  ) -> Finding {
    guard let past else { return Self.finding(reference) }
    guard !past.isEmpty else { return .noData("the query had no value before the rollout") }
    guard let median = past.median else {
      return .undetermined("the values before the rollout are not all finite numbers")
    }
    // What has not moved to the side of a breach is none, however little the past moved.
    switch criterion.direction {
    case .above where value <= median, .below where value >= median: return .within
    default: break
    }
    let z: Double
    switch past.score(of: value) {
    case .undetermined(let cause): return .undetermined("\(cause) (anomaly)")
    case .z(let score): z = score
    }
    guard z.magnitude > criterion.sensitivity else { return .within }
    let side = z > 0 ? "above" : "below"
    let (shown, middle) = (criteria.measure.describe(value), criteria.measure.describe(median))
    let limit = SignificantDigits.text(criterion.sensitivity)
    return .breached(
      Reading.Breach(
        value: shown, threshold: "\(limit) deviations \(side) \(middle)",
        message: "\(shown) is \(SignificantDigits.text(z.magnitude)) standard deviations \(side) \(middle), the median "
          + "of the \(criterion.window) before the rollout; the limit is \(limit)"))
  }

  // MARK: - Comparison

  private func judge(
    upTo moment: Date, _ criterion: ComparisonCriterion, _ references: References, _ criteria: Criteria
  ) -> Finding {
    guard references.comparesSince != nil else { return .within }
    guard case .values(let control) = references.comparison else { return Self.finding(references.comparison) }
    let experiment = compared.prefix { $0.at <= moment }.suffix(Self.mostCompared).map(\.value)
    let isBelow = criteria.above == nil && criteria.below != nil
    let outcome = MannWhitneyComparison(
      confidence: criterion.confidence, highEffect: criterion.effect, lowEffect: 1 / criterion.effect,
      minimumPoints: criterion.minPoints, direction: isBelow ? .below : .above
    ).compare(experiment, with: control)
    switch outcome.verdict {
    case .pass: return .within
    case .noData(let cause): return .noData("\(cause) (comparison.minPoints)")
    case .undetermined(let cause): return .undetermined("\(cause) (comparison)")
    case .high, .low:
      let mean = { (values: [Double]) in values.reduce(0) { $0 + $1 / Double(values.count) } }
      let (new, old) = (
        criteria.measure.describe(mean(experiment)), criteria.measure.describe(mean(control.filter { !$0.isNaN }))
      )
      let effect = SignificantDigits.text(criterion.effect)
      let ratio = outcome.ratio.map { " (\(SignificantDigits.text($0)) times as much)" } ?? ""
      return .breached(
        Reading.Breach(
          value: new, threshold: "\(isBelow ? "below" : "above") \(old) by \(effect)x",
          message:
            "the mean of \(new) since the rollout began\(ratio) differs from the \(old) of the last good revision "
            + "with a confidence of more than \(SignificantDigits.text(criterion.confidence * 100))%; "
            + "the least effect that counts is \(effect)x"))
    }
  }
}

extension Baseline {
  /// How far a value is from the reference, for people.
  fileprivate func distance(_ value: Double, _ reference: Double, _ unit: Measure) -> String {
    if let measure {
      let difference = (value - reference).magnitude
      return "\(measure.unit == .none ? unit.describe(difference) : measure.describe(difference)) \(side)"
    }
    return "\(SignificantDigits.text(value / reference)) times"
  }
}

extension Criteria {
  /// What values are described in.
  var measure: Measure {
    above ?? below ?? baseline?.above?.measure ?? baseline?.below?.measure ?? .zero
  }
}

extension BaselineCriterion {
  /// The time that is compared with, for people.
  var period: String {
    offset.map { "the \(window) up to \($0) before the rollout" } ?? "the \(window) before the rollout"
  }
}
