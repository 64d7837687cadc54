import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Not built yet: the schema refuses such triggers.
struct ValueReader: Sendable {
  var clock: any RuntimeClock

  func read(_ value: ValueMeasurement) async -> MeasurementResult {
    .failed("this operator cannot read it", at: clock.wallTime)
  }
}
