import FoundationEssentials
import RollbackCore

/// Values by subject and moment; an answer that is not divided is that of the empty subject.
typealias PrometheusPast = [String: [Date: Double]]

/// What an instant query says of each subject.
struct PrometheusReading {
  var at: Date
  /// Of an answer that is divided, by the value of its label.
  var bySubject: [String: Sample.Outcome] = [:]
  /// Of an answer that is not divided, or of every other subject.
  var rest: Sample.Outcome

  /// Whether anything was measured.
  var hasValue: Bool {
    if !bySubject.isEmpty { return true }
    if case .value = rest { return true }
    return false
  }

  var result: MeasurementResult {
    MeasurementResult(
      samples: [Sample(at: at, rest)], bySubject: bySubject.mapValues { [Sample(at: at, $0)] })
  }

  /// Values count only where there is enough traffic.
  func judged(_ minSamples: QueryMeasurement.MinSamples, traffic: PrometheusReading) -> PrometheusReading {
    var reading = self
    if case .value = rest { reading.rest = minSamples.judge(rest, traffic: traffic.rest) }
    for (subject, outcome) in bySubject {
      guard case .value = outcome else { continue }
      reading.bySubject[subject] = minSamples.judge(outcome, traffic: traffic.bySubject[subject] ?? .noData(""))
    }
    return reading
  }
}

/// How the series of an answer become one number for each subject.
struct PrometheusDivision {
  /// The label whose value is the subject; `nil`: all are of one.
  var label: String?
  var reduce: QueryTrigger.Reduction?

  /// Reads the answer to an instant query.
  func now(_ answer: PrometheusAnswer, now: Date) throws(SampleProblem) -> PrometheusReading {
    switch answer {
    case .scalar(let point):
      guard let label else { return PrometheusReading(at: point.at, rest: .value(point.value)) }
      throw Self.undivided(label)
    case .vector(let series):
      guard let at = series.first?.points.first?.at else {
        return PrometheusReading(
          at: now, rest: .noData("the query returned nothing; see whether its metrics and labels exist"))
      }
      let bySubject = try divided(series)
      guard let label else { return PrometheusReading(at: at, rest: try number(bySubject[""] ?? [])) }
      var outcomes: [String: Sample.Outcome] = [:]
      for (subject, series) in bySubject {
        // What is wrong with one target's series is not wrong with another's.
        do throws(SampleProblem) {
          outcomes[subject] = try number(series)
        } catch {
          outcomes[subject] = .failed(error.cause)
        }
      }
      return PrometheusReading(
        at: at, bySubject: outcomes,
        rest: .noData("the query returned no series whose label \(label) is this target's name"))
    case .matrix:
      throw SampleProblem(
        cause: "the query returns a range of values instead of one; leave out the last [range], or use rate()")
    }
  }

  /// Reads the answer to a range query.
  func past(_ answer: PrometheusAnswer) throws(SampleProblem) -> PrometheusPast {
    guard case .matrix(let series) = answer else { throw SampleProblem(cause: "the source answered no range") }
    guard !series.isEmpty else { return [:] }
    return try divided(series).mapValues { series in
      var values: [Date: [Double]] = [:]
      for one in series {
        for point in one.points { values[point.at, default: []].append(point.value) }
      }
      // Where several series are refused now they say nothing of the past either.
      return values.compactMapValues { $0.count == 1 ? $0[0] : reduce?($0) }
    }
  }

  private func divided(_ series: [PrometheusSeries]) throws(SampleProblem) -> [String: [PrometheusSeries]] {
    guard let label else { return ["": series] }
    var bySubject: [String: [PrometheusSeries]] = [:]
    for one in series {
      guard let subject = one.labels[label], !subject.isEmpty else { continue }
      bySubject[subject, default: []].append(one)
    }
    guard !bySubject.isEmpty else { throw Self.undivided(label) }
    return bySubject
  }

  private static func undivided(_ label: String) -> SampleProblem {
    SampleProblem(
      cause: "no series of the answer has the label \(label) of fleet; keep it in the query, for example with "
        + "sum by (\(label)) (…)")
  }

  private func number(_ series: [PrometheusSeries]) throws(SampleProblem) -> Sample.Outcome {
    let values = series.compactMap(\.points.first?.value)
    if values.count == 1 { return .value(values[0]) }
    guard let value = reduce?(values) else {
      throw SampleProblem(
        cause: "the query returned \(values.count) series where one number is needed; set reduce to Max, Min, Sum or "
          + "Avg, or aggregate in the query")
    }
    return .value(value)
  }
}

extension MeasurementResult {
  /// Puts what was before the newest samples of the same subjects before them.
  mutating func precede(with past: MeasurementResult) {
    func joined(_ earlier: [Sample], _ now: [Sample]) -> [Sample] {
      guard let first = now.first?.at else { return earlier }
      return earlier.filter { $0.at < first } + now
    }
    let rest = samples
    samples = joined(past.samples, rest)
    for (subject, earlier) in past.bySubject { bySubject[subject] = joined(earlier, bySubject[subject] ?? rest) }
  }
}

extension QueryMeasurement.MinSamples {
  /// A value counts only on enough traffic; how much there was is itself measured.
  func judge(_ value: Sample.Outcome, traffic: Sample.Outcome) -> Sample.Outcome {
    guard case .value(let count) = traffic, count.isFinite else {
      return .noData("the query of minSamples returned nothing, and \(atLeast) is needed")
    }
    guard count >= atLeast.value else {
      return .noData("only \(atLeast.describe(count)) samples, minSamples.atLeast is \(atLeast)")
    }
    return value
  }
}
