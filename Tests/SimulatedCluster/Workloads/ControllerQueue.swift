import FoundationEssentials
import Synchronization

/// Keys to look at, each once however often it was added meanwhile, each after a time.
final class ControllerQueue: Sendable {
  private struct State {
    var pending: Set<ObjectKey> = []
    var failures: [ObjectKey: Int] = [:]
    /// The next look that was asked for although nothing changes.
    var alarms: [ObjectKey: Date] = [:]
  }

  private let state = Mutex(State())
  private let models: ModelClock
  private let delay: @Sendable () -> ClosedRange<Double>
  private let work: @Sendable (ObjectKey) throws(Refusal) -> Duration?

  /// - Parameter work: returns when to look again although nothing changes. What fails is tried again.
  init(
    _ models: ModelClock, delay: @escaping @Sendable () -> ClosedRange<Double>,
    work: @escaping @Sendable (ObjectKey) throws(Refusal) -> Duration?
  ) {
    self.models = models
    self.delay = delay
    self.work = work
  }

  func add(_ key: ObjectKey) {
    guard state.withLock({ $0.pending.insert(key).inserted }) else { return }
    models.schedule(models.duration(in: delay())) { self.look(at: key) }
  }

  private func look(at key: ObjectKey) {
    state.withLock { _ = $0.pending.remove(key) }
    do throws(Refusal) {
      let next = try work(key)
      state.withLock { $0.failures[key] = nil }
      if let next { setAlarm(key, after: next) }
    } catch {
      let count = state.withLock { state in
        state.failures[key, default: 0] += 1
        return state.failures[key, default: 1]
      }
      // As the work queues of the real controllers: from 5 ms, doubled, up to 1,000 s.
      models.schedule(.milliseconds(min(1_000_000, 5 << min(count - 1, 20)))) { self.add(key) }
    }
  }

  private func setAlarm(_ key: ObjectKey, after delay: Duration) {
    let now = models.now()
    let date = now + delay.timeInterval
    let isNew = state.withLock { state in
      if let known = state.alarms[key], known > now, known <= date { return false }
      state.alarms[key] = date
      return true
    }
    guard isNew else { return }
    models.schedule(delay) {
      self.state.withLock { if $0.alarms[key] == date { $0.alarms[key] = nil } }
      self.add(key)
    }
  }
}

/// The time and the chance that the models live by.
struct ModelClock: Sendable {
  let now: @Sendable () -> Date
  let schedule: @Sendable (Duration, @escaping @Sendable () -> Void) -> Void
  let random: @Sendable (ClosedRange<Double>) -> Double

  init(
    now: @escaping @Sendable () -> Date,
    schedule: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Void,
    random: @escaping @Sendable (ClosedRange<Double>) -> Double
  ) {
    self.now = now
    self.schedule = schedule
    self.random = random
  }

  /// A random time of whole microseconds.
  func duration(in range: ClosedRange<Double>) -> Duration {
    let seconds = range.lowerBound == range.upperBound ? range.lowerBound : random(range)
    return .microseconds(Int64((seconds * 1_000_000).rounded()))
  }
}

extension Duration {
  var timeInterval: TimeInterval { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
