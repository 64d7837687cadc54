/// Decides when to ask whether the API server still answers, and when to give up on silent watches. A value without
/// I/O.
///
/// An idle watch is silent for a minute at a time, so that silence alone proves nothing, and TCP keep-alive is answered
/// by the kernel of a server whose process hangs. While a watch is silent the server is therefore asked something cheap
/// every ``interval``; two questions without an answer mean that the silent watches are dead. With the numbers here a
/// server that stops is noticed after at most 6 + 4 + 4 = 14 seconds, at less than one request in five seconds for all
/// watches of a client together.
struct LivenessMachine: Sendable {
  enum Action: Sendable, Equatable {
    /// Look again after this time, or when a watch is opened.
    case wait(Duration)
    case probe
    /// The watches that were silent all this time are dead.
    case giveUp(silentSince: Duration)
  }

  static let interval: Duration = .seconds(6)
  static let silence: Duration = .seconds(5)
  static let timeout: Duration = .seconds(4)
  static let patience = 2

  private var lastProbe: Duration?
  private var failures = 0
  private var firstFailure: Duration = .zero

  /// What to do at `now`.
  ///
  /// - Parameter oldestActivity: when the most silent watch was last heard of; `nil` when there is none.
  mutating func next(at now: Duration, oldestActivity: Duration?) -> Action {
    guard let oldestActivity else {
      failures = 0
      return .wait(Self.silence)
    }
    if failures >= Self.patience {
      failures = 0
      return .giveUp(silentSince: firstFailure)
    }
    if failures > 0 {
      lastProbe = now
      return .probe
    }
    let due = max(oldestActivity + Self.silence, lastProbe.map { $0 + Self.interval } ?? .zero)
    guard due <= now else { return .wait(min(due - now, Self.silence)) }
    lastProbe = now
    return .probe
  }

  /// The probe that began last was answered, or not.
  mutating func probed(isAlive: Bool) {
    guard !isAlive else {
      failures = 0
      return
    }
    if failures == 0 { firstFailure = lastProbe ?? .zero }
    failures += 1
  }
}
