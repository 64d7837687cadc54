package import FoundationEssentials
package import KubernetesClient
import RollbackCore

/// Reads each kind of measurement where it is to be had.
package struct SampleReader: MeasurementReader {
  var prometheus: PrometheusReader
  var probes: ProbeReader
  var values: ValueReader
  var usage: UsageReader
  var logs: LogsReader
  var jobs: JobReader

  /// - Parameters:
  ///   - outbound: the way to everything but the API server.
  ///   - services: who knows the addresses of Services; `nil`: the API server is asked.
  ///   - client: reads from the API server.
  ///   - writer: writes to it, while the lease is held.
  package init(
    _ configuration: OperatorConfiguration, outbound: any OutboundTransport, services: (any ServiceDirectory)? = nil,
    client: KubernetesClient, writer: KubernetesClient, clock: any RuntimeClock
  ) {
    prometheus = PrometheusReader(
      transport: outbound,
      connections: SourceConnections(sources: configuration.sources, client: client, clock: clock), clock: clock)
    let secrets = SecretHeaders(client: client, clock: clock)
    probes = ProbeReader(
      transport: outbound, services: services ?? ClusterServices(client: client, clock: clock), secrets: secrets,
      clock: clock)
    values = ValueReader(transport: outbound, secrets: secrets, clock: clock)
    usage = UsageReader(client: client, clock: clock)
    logs = LogsReader(client: client, clock: clock)
    jobs = JobReader(client: writer, clock: clock)
  }

  package func read(_ measurement: Measurement, since: Date?, most: Int) async -> MeasurementResult {
    switch measurement.kind {
    case .query(let query): await prometheus.read(query, interval: measurement.interval, since: since, most: most)
    case .past(let past): await prometheus.read(past)
    case .probe(let probe): await probes.read(probe)
    case .value(let value): await values.read(value)
    case .usage(let usage): await self.usage.read(usage)
    case .logs(let logs): await self.logs.read(logs, interval: measurement.interval)
    case .job(let job): await jobs.read(job)
    }
  }
}
