public import FoundationEssentials
public import KubernetesClient
import Synchronization

/// A clock that a test moves by hand, so that a month passes in a second and nothing depends on the machine's speed.
///
/// ```swift
/// let clock = ManualClock()
/// async let outcome = operation(clock)
/// await clock.waitForSleeper(of: .seconds(5))   // the operation has come to its wait
/// clock.advance(by: .seconds(5))                // wakes it
/// ```
///
/// With ``Mode/automatic`` a sleep moves the time itself and returns: for code that waits in one task only.
public final class ManualClock: RuntimeClock {
  public enum Mode: Sendable {
    case manual
    case automatic
  }

  private struct Sleeper {
    var id: UInt64
    var duration: Duration
    var deadline: Duration
    var continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var now: Duration = .zero
    var wallOrigin: Date
    var jitter: Double
    var sleepers: [Sleeper] = []
    var lastID: UInt64 = 0
    var slept: [Duration] = []
  }

  private let mode: Mode
  private let state: Mutex<State>
  private let changes = Condition()

  /// - Parameter jitter: the place in every range that ``random(in:)`` returns, from 0 to 1.
  public init(
    _ mode: Mode = .manual, wallTime: Date = Date(timeIntervalSince1970: 1_800_000_000), jitter: Double = 1
  ) {
    self.mode = mode
    state = Mutex(State(wallOrigin: wallTime, jitter: jitter))
  }

  // MARK: RuntimeClock

  public var wallTime: Date {
    state.withLock { $0.wallOrigin.addingTimeInterval($0.now / .seconds(1)) }
  }

  public var monotonicTime: Duration { state.withLock { $0.now } }

  public func random(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * state.withLock { $0.jitter }
  }

  public func sleep(for duration: Duration) async throws(CancellationError) {
    if Task.isCancelled { throw CancellationError() }
    if mode == .automatic {
      state.withLock { state in
        state.now += max(duration, .zero)
        state.slept.append(duration)
      }
      changes.notify()
      await Task.yield()
      if Task.isCancelled { throw CancellationError() }
      return
    }
    guard await sleepUntilWoken(duration) else { throw CancellationError() }
  }

  private func sleepUntilWoken(_ duration: Duration) async -> Bool {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome = state.withLock { state -> Bool? in
          state.slept.append(duration)
          if Task.isCancelled { return false }
          if duration <= .zero { return true }
          state.sleepers.append(
            Sleeper(id: id, duration: duration, deadline: state.now + duration, continuation: continuation))
          return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
        changes.notify()
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
      }
      sleeper?.continuation.resume(returning: false)
    }
  }

  // MARK: Test

  /// Every sleep that was begun, in order.
  public var slept: [Duration] { state.withLock { $0.slept } }

  /// Sleeps that are under way.
  public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// Sets the place in every range that ``random(in:)`` returns, from 0 to 1.
  public func setJitter(_ jitter: Double) { state.withLock { $0.jitter = jitter } }

  /// Sets the wall clock, as an administrator does; monotonic time does not notice.
  public func setWallTime(_ time: Date) {
    state.withLock { $0.wallOrigin = time.addingTimeInterval(-($0.now / .seconds(1))) }
  }

  /// Moves time forward and wakes, in the order of their deadlines, everyone whose time has come.
  ///
  /// Who is woken runs later, in its own task: wait for what it does next before moving on.
  public func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += duration
      let due = state.sleepers.filter { $0.deadline <= state.now }.sorted { $0.deadline < $1.deadline }
      state.sleepers.removeAll { $0.deadline <= state.now }
      return due
    }
    for sleeper in due { sleeper.continuation.resume(returning: true) }
    changes.notify()
  }

  /// Waits until at least so many sleeps are under way.
  public func waitForSleepers(_ count: Int = 1) async {
    await changes.wait { self.sleeperCount >= count }
  }

  /// Waits until a sleep of exactly this length is under way.
  public func waitForSleeper(of duration: Duration) async {
    await changes.wait { self.state.withLock { $0.sleepers.contains { $0.duration == duration } } }
  }

  /// Waits for somebody to sleep and moves time to the first deadline.
  public func advanceToNextDeadline() async {
    await waitForSleepers()
    let step = state.withLock { state in
      state.sleepers.map(\.deadline).min().map { $0 - state.now } ?? .zero
    }
    advance(by: step)
  }

  /// Moves from deadline to deadline, letting other tasks run between, until the condition holds.
  ///
  /// - Parameter limit: the most time that may pass.
  /// - Returns: whether the condition holds; false also when the task is cancelled.
  @discardableResult
  public func advance(atMost limit: Duration = .seconds(86_400), until condition: () -> Bool) async -> Bool {
    let end = monotonicTime + limit
    while !condition() {
      if Task.isCancelled { return false }
      for _ in 0..<200 where !condition() { await Task.yield() }
      if condition() { return true }
      guard let deadline = state.withLock({ $0.sleepers.map(\.deadline).min() }) else { continue }
      guard deadline <= end else { return false }
      advance(by: deadline - monotonicTime)
    }
    return true
  }
}
