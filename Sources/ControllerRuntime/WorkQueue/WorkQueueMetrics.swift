import Metrics

/// The series of one work queue, with the names dashboards of other controllers already use.
///
/// The only labels are the queue's name and a handful of fixed results, never a key.
struct WorkQueueMetrics: Sendable {
  private let depth: Gauge
  private let adds: Counter
  private let retries: Counter
  private let waited: Metrics.Timer
  private let worked: Metrics.Timer
  private let active: Gauge
  private let reconcileTime: Metrics.Timer
  private let errors: Counter
  private let settled: Counter
  private let again: Counter
  private let failed: Counter

  init(queue: String) {
    let name = [("name", queue)]
    let controller = [("controller", queue)]
    depth = Gauge(label: "workqueue_depth", dimensions: name)
    adds = Counter(label: "workqueue_adds_total", dimensions: name)
    retries = Counter(label: "workqueue_retries_total", dimensions: name)
    waited = Timer(label: "workqueue_queue_duration_seconds", dimensions: name)
    worked = Timer(label: "workqueue_work_duration_seconds", dimensions: name)
    active = Gauge(label: "controller_runtime_active_workers", dimensions: controller)
    reconcileTime = Timer(label: "controller_runtime_reconcile_time_seconds", dimensions: controller)
    errors = Counter(label: "controller_runtime_reconcile_errors_total", dimensions: controller)
    func result(_ result: String) -> Counter {
      Counter(label: "controller_runtime_reconcile_total", dimensions: controller + [("result", result)])
    }
    settled = result("success")
    again = result("requeue_after")
    failed = result("error")
  }

  func added(_ count: Int = 1) {
    if count > 0 { adds.increment(by: count) }
  }

  func retried() { retries.increment() }

  func changed(depth: Int, running: Int) {
    self.depth.record(depth)
    active.record(running)
  }

  func started(afterWaiting duration: Duration) {
    waited.recordNanoseconds(duration.wholeNanoseconds)
  }

  func finished(_ outcome: WorkOutcome, after duration: Duration) {
    worked.recordNanoseconds(duration.wholeNanoseconds)
    reconcileTime.recordNanoseconds(duration.wholeNanoseconds)
    switch outcome {
    case .settled, .gone: settled.increment()
    case .again: again.increment()
    case .failed:
      failed.increment()
      errors.increment()
    }
  }
}

extension Duration {
  /// The duration in nanoseconds, cut to what fits.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carried) = nanoseconds.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carried ? (seconds < 0 ? .min : .max) : sum
  }
}
