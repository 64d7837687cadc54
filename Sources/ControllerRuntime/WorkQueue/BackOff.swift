/// Exponential back-off with jitter.
public struct BackOff: Sendable, Equatable {
  /// The wait after the first failure, and the shortest wait of all.
  public var initial: Duration
  /// The longest wait.
  public var maximum: Duration

  public init(initial: Duration = .milliseconds(5), maximum: Duration = .seconds(60)) {
    self.initial = initial
    self.maximum = maximum
  }

  /// The wait after the given number of failures in a row, doubled at each failure, then shortened by the jitter.
  ///
  /// - Parameters:
  ///   - failures: how often it failed in a row, at least 1.
  ///   - jitter: the share taken off, in 0…0.5: many keys that failed together do not come back together.
  public func delay(failures: Int, jitter: Double) -> Duration {
    var delay = min(initial, maximum)
    var doublings = max(failures - 1, 0)
    while doublings > 0, delay < maximum {
      delay = min(delay * 2, maximum)
      doublings -= 1
    }
    let share = jitter.isFinite ? min(max(jitter, 0), 0.5) : 0
    return max(delay * (1 - share), min(initial, maximum))
  }
}
