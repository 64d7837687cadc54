import LocalCluster
import Synchronization

extension World {
  /// Alerts that fire for whichever workload of whichever namespace has many errors.
  private static let rules = """
    groups:
      - name: workloads
        rules:
          - alert: HighErrorRate
            expr: >-
              sum by (namespace, deployment) (rate(http_requests_total{code=~"5.."}[5s]))
              / sum by (namespace, deployment) (rate(http_requests_total[5s])) > 0.05
            labels: {severity: critical}
    """

  private static let first = Mutex<Task<PrometheusServer, any Error>?>(nil)

  /// The one Prometheus of the shared control plane; it scrapes the simulated pods every second.
  func prometheus() async throws -> PrometheusServer {
    let task = Self.first.withLock { first in
      if let task = first { return task }
      let task = Task<PrometheusServer, any Error> {
        try await self.cluster.startPrometheus(
          PrometheusOptions(scrapeInterval: .milliseconds(500), rules: Self.rules))
      }
      first = task
      return task
    }
    return try await task.value
  }
}
