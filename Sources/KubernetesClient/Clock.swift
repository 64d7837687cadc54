public import FoundationEssentials

/// The one source of time and randomness of the operator's long-lived parts, injected so that a test can run a month in
/// a second.
///
/// Wall time is for what people read and what other machines wrote (deadlines, journals, leases in the API server);
/// monotonic time is for everything that waits (back-off, lease renewal, idle time-outs), because it never jumps.
public protocol RuntimeClock: Sendable {
  /// The current wall time.
  var wallTime: Date { get }

  /// The time since an arbitrary origin; never goes back, also when the wall clock is set.
  var monotonicTime: Duration { get }

  /// Waits for `duration`.
  ///
  /// - Throws: `CancellationError` at once when the current task is cancelled.
  func sleep(for duration: Duration) async throws(CancellationError)

  /// A uniformly distributed number of `range`, for jitter.
  func random(in range: ClosedRange<Double>) -> Double
}

/// The machine's own clocks and random numbers.
public struct SystemClock: RuntimeClock {
  private static let origin = ContinuousClock.now

  public init() {}

  public var wallTime: Date { Date() }

  public var monotonicTime: Duration { Self.origin.duration(to: .now) }

  public func sleep(for duration: Duration) async throws(CancellationError) {
    do {
      try await Task.sleep(for: duration)
    } catch {
      throw CancellationError()
    }
  }

  public func random(in range: ClosedRange<Double>) -> Double { Double.random(in: range) }
}
