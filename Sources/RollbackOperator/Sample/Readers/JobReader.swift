import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Not built yet: the schema refuses such triggers.
struct JobReader: Sendable {
  var clock: any RuntimeClock

  func read(_ job: JobMeasurement) async -> MeasurementResult {
    .failed("this operator cannot read it", at: clock.wallTime)
  }
}
