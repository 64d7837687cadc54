import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Not built yet: the schema refuses such triggers.
struct UsageReader: Sendable {
  var clock: any RuntimeClock

  func read(_ usage: UsageMeasurement) async -> MeasurementResult {
    .failed("this operator cannot read it", at: clock.wallTime)
  }
}
