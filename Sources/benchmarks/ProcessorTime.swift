import Glibc

/// The processor time of this process, so that other programs on the machine disturb a figure as little as possible.
enum ProcessorTime {
  /// That was used so far, by all threads.
  static var used: Duration { .microseconds(clock()) }

  /// The least that one of several rounds used: what disturbed the others is not in it.
  static func best(of rounds: Int, _ round: () throws -> Void) rethrows -> Duration {
    var best = Duration.seconds(86_400)
    for _ in 0..<rounds {
      let start = used
      try round()
      best = min(best, max(used - start, .nanoseconds(1)))
    }
    return best
  }
}
