import CoreMetrics
import Synchronization

/// One counter; grows only.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
  private let total = Mutex(0.0)

  var value: Double { total.withLock(\.self) }

  func increment(by amount: Int64) { increment(by: Double(amount)) }

  func increment(by amount: Double) {
    guard amount.isFinite, amount > 0 else { return }
    total.withLock { $0 += amount }
  }

  func reset() { total.withLock { $0 = 0 } }
}

/// One gauge: the last value that was said.
final class GaugeSeries: RecorderHandler, MeterHandler {
  private let last = Mutex(0.0)

  var value: Double { last.withLock(\.self) }

  func record(_ value: Int64) { record(Double(value)) }
  func record(_ value: Double) { last.withLock { $0 = value } }
  func set(_ value: Int64) { record(Double(value)) }
  func set(_ value: Double) { record(value) }
  func increment(by amount: Double) { last.withLock { $0 += amount } }
  func decrement(by amount: Double) { last.withLock { $0 -= amount } }
}

/// One histogram, in seconds where time is measured.
final class HistogramSeries: RecorderHandler, TimerHandler {
  struct Reading: Equatable {
    /// How many observations fell into each bucket alone; the last one is +Inf.
    var counts: [UInt64]
    var sum: Double

    var total: UInt64 { counts.reduce(0, &+) }
  }

  /// Upper bounds, ascending, without +Inf.
  let bounds: [Double]
  private let state: Mutex<Reading>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(Reading(counts: Array(repeating: 0, count: bounds.count + 1), sum: 0))
  }

  var reading: Reading { state.withLock(\.self) }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock {
      $0.counts[bucket] &+= 1
      $0.sum += value
    }
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
}

/// What is counted as one series of a family.
enum MetricSeries: Sendable {
  case counter(CounterSeries)
  case gauge(GaugeSeries)
  case histogram(HistogramSeries)

  var handler: AnyObject {
    switch self {
    case .counter(let series): series
    case .gauge(let series): series
    case .histogram(let series): series
    }
  }
}
