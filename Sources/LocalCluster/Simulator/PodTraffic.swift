import FoundationEssentials

/// The requests that a simulated pod has served, counted as time goes on.
///
/// Fractions of requests count, so that shares and rates are exact over the shortest of windows.
struct PodTraffic: Equatable {
  /// Upper bounds of the histogram's buckets in seconds; the last bucket, which has none, follows.
  static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  private(set) var succeeded = 0.0
  private(set) var failed = 0.0
  /// How long all requests took together.
  private(set) var seconds = 0.0
  /// Requests by bucket, each counted in one.
  private(set) var buckets = [Double](repeating: 0, count: bounds.count + 1)
  /// Everything before this has been counted.
  private var counted: Date

  init(since start: Date) { counted = start }

  var requests: Double { succeeded + failed }

  /// Counts what was served up to `now`. A clock that goes back adds nothing.
  mutating func advance(to now: Date, _ timeline: ContainerTimeline) {
    let changes = [timeline.readyAt, timeline.turn, timeline.signalsTurn].compactMap { $0 }
    for end in changes.filter({ $0 > counted && $0 < now }).sorted() + [now] where end > counted {
      // Neither readiness nor signals change between two of these moments.
      if timeline.moment(at: counted).isReady {
        add(
          end.timeIntervalSince(counted) * timeline.behaviour.requestsPerSecond, timeline.signals(at: counted))
      }
      counted = end
    }
  }

  private mutating func add(_ requests: Double, _ signals: PodSignals) {
    failed += requests * signals.errorRate
    succeeded += requests * (1 - signals.errorRate)
    let latency = signals.latency.timeInterval
    seconds += requests * latency
    buckets[Self.bounds.firstIndex { latency <= $0 } ?? Self.bounds.count] += requests
  }
}
