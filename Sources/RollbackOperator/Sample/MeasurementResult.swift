import FoundationEssentials
import RollbackCore

/// What one reading brought.
struct MeasurementResult: Sendable {
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
