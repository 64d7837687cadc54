import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Not built yet: the schema refuses such triggers.
struct LogsReader: Sendable {
  var clock: any RuntimeClock

  func read(_ logs: LogsMeasurement, interval: PolicyDuration) async -> MeasurementResult {
    .failed("this operator cannot read it", at: clock.wallTime)
  }
}
