import FoundationEssentials
import RollbackCore

/// What one reading brought.
package struct MeasurementResult: Sendable {
  var samples: [Sample]
  /// Of an answer for many, each one's own samples, by name; ``samples`` are those of everybody else.
  var bySubject: [String: [Sample]] = [:]
  /// Since when the samples are all that the source knows; `nil`: only now was read.
  var knownSince: Date?
  /// Whether reading again would bring nothing else.
  var isFinal = false

  /// A reading that failed, at the time at which it failed.
  static func failed(_ cause: String, at now: Date) -> MeasurementResult {
    MeasurementResult(samples: [Sample(at: now, .failed(cause))])
  }
}

extension MeasurementResult {
  /// The result without what lies too far from now to say anything about it, by the source's own clock: that is a
  /// failed reading of now. Else a clock that is an hour behind would make a breach of now one that has lasted an hour.
  func current(_ measurement: Measurement, now: Date) -> MeasurementResult {
    guard !measurement.isPast else { return self }
    var result = self
    func judged(_ samples: [Sample]) -> [Sample] {
      guard let newest = samples.map(\.at).max(),
        let cause = Evaluation.staleness(
          of: newest, interval: measurement.interval, timeout: measurement.timeout, now: now)
      else { return samples }
      result.knownSince = nil
      return [Sample(at: now, .failed(cause))]
    }
    result.samples = judged(samples)
    result.bySubject = bySubject.mapValues(judged)
    return result
  }
}
