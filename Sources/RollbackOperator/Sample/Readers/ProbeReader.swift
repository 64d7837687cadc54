import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Not built yet: the schema refuses such triggers.
struct ProbeReader: Sendable {
  var clock: any RuntimeClock

  func read(_ probe: ProbeMeasurement) async -> MeasurementResult {
    .failed("this operator cannot read it", at: clock.wallTime)
  }
}
