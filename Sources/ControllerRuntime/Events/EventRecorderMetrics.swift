import Metrics

/// What became of the recorded events.
struct EventRecorderMetrics: Sendable {
  let created = EventRecorderMetrics.counter("created")
  /// Counted up on an existing Event.
  let repeated = EventRecorderMetrics.counter("repeated")
  /// The queue was full, or the process ended.
  let dropped = EventRecorderMetrics.counter("dropped")
  /// The API server refused or could not be reached.
  let failed = EventRecorderMetrics.counter("failed")

  private static func counter(_ result: String) -> Counter {
    Counter(label: "event_recorder_events_total", dimensions: [("result", result)])
  }
}
