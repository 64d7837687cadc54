import RollbackOperator

/// What the operator itself says about the size of its stores and its queue.
public struct OperatorGauges: Sendable {
  private static let names = ["rollback_store_objects", "workqueue_depth"]

  private let metrics: PrometheusMetrics

  /// Makes all of this process's metrics readable here. Once in a process, before the first operator is made.
  public static func bootstrap() -> OperatorGauges { OperatorGauges(metrics: .bootstrap()) }

  /// The gauges by their names and labels, as a scrape reads them.
  public var readings: [String: Double] {
    var readings: [String: Double] = [:]
    for line in metrics.exposition().split(separator: "\n") where Self.names.contains(where: { line.hasPrefix($0) }) {
      let parts = line.split(separator: " ")
      if parts.count == 2, let value = Double(parts[1]) { readings[String(parts[0])] = value }
    }
    return readings
  }
}
