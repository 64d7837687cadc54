import FoundationEssentials
import RollbackCore

/// Reads each kind of measurement where it is to be had.
struct SampleReader: MeasurementReader {
  var prometheus: PrometheusReader
  var probes: ProbeReader
  var values: ValueReader
  var usage: UsageReader
  var logs: LogsReader
  var jobs: JobReader

  func read(_ measurement: Measurement, since: Date?) async -> MeasurementResult {
    switch measurement.kind {
    case .query(let query): await prometheus.read(query, interval: measurement.interval, since: since)
    case .probe(let probe): await probes.read(probe)
    case .value(let value): await values.read(value)
    case .usage(let usage): await self.usage.read(usage)
    case .logs(let logs): await self.logs.read(logs, interval: measurement.interval)
    case .job(let job): await jobs.read(job)
    }
  }
}
