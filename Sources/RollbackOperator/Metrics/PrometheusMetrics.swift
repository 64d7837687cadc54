public import CoreMetrics
import Synchronization

/// Collects what the process counts through swift-metrics and exposes it in Prometheus' text format 0.0.4.
///
/// Counters, gauges (`Meter`, `Gauge`) and histograms (`Timer` and `Recorder`, in seconds where time is measured).
/// Metrics are bounded: past a metric's series limit new label sets are refused and counted in
/// `rollback_metrics_refused_total`, because a label that grows without end is a leak. A series goes when its metric
/// object is destroyed.
public final class PrometheusMetrics: MetricsFactory, Sendable {
  private let registry: Mutex<MetricRegistry>
  private let process: ProcessMetrics?

  /// - Parameters:
  ///   - descriptions: what is known beforehand of the metrics that will come.
  ///   - includesProcess: whether `process_*` is exposed as well.
  public init(descriptions: [MetricDescription] = MetricDescription.catalogue, includesProcess: Bool = true) {
    process = includesProcess ? ProcessMetrics() : nil
    registry = Mutex(
      MetricRegistry(descriptions: descriptions, reserved: includesProcess ? Set(ProcessMetrics.names) : []))
  }

  /// Makes a collector the place where the whole process sends its metrics. Once in a process.
  public static func bootstrap() -> PrometheusMetrics {
    let metrics = PrometheusMetrics()
    MetricsSystem.bootstrap(metrics)
    return metrics
  }

  /// The value of the `Content-Type` header that belongs to ``exposition()``.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// All metrics as a scrape reads them, sorted by name and labels.
  public func exposition() -> String {
    let families = registry.withLock(\.families)
    var writer = ExpositionWriter()
    for name in families.keys.sorted() {
      if let family = families[name] { writer.write(name, family) }
    }
    for reading in process?.readings() ?? [] { writer.write(reading) }
    return writer.text
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    counter(label, dimensions)
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    counter(label, dimensions)
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions)
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    aggregate ? histogram(label, dimensions) : gauge(label, dimensions)
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions)
  }

  public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

  private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
    guard case .counter(let series) = series(.counter, label, dimensions) else { return CounterSeries() }
    return series
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
    guard case .gauge(let series) = series(.gauge, label, dimensions) else { return GaugeSeries() }
    return series
  }

  private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
    guard case .histogram(let series) = series(.histogram, label, dimensions) else {
      return HistogramSeries(bounds: [])
    }
    return series
  }

  private func series(
    _ kind: MetricRegistry.Kind, _ label: String, _ dimensions: [(String, String)]
  ) -> MetricSeries {
    registry.withLock { $0.series(kind, label, dimensions) }
  }

  private func remove(_ handler: any AnyObject) {
    registry.withLock { $0.remove(handler) }
  }
}
