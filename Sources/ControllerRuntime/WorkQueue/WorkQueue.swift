public import KubernetesClient
public import Logging
import ServiceLifecycle
import Synchronization

/// Queues keys and runs a handler for each, so that a key is queued once and never runs beside itself.
///
/// * A key that is added while it waits is one run; it moves up when the new lane is higher.
/// * A key that is added while it runs is run once more afterwards.
/// * Each key has a scheduled timer (``add(_:_:after:)``, ``WorkOutcome/again(after:lane:)``) and a retry timer
///   (failures). An immediate add touches neither: what was to happen later still happens later. Of several delayed
///   adds the earliest wins, in the highest of their lanes, so a handler has to say with each `.again` when it wants
///   to look next. `.again` replaces the scheduled timer that was set before its run; any run that does not fail
///   clears the retry timer.
/// * Lower lanes get a share: `evaluate` at least every ninth, `housekeeping` at least every thirty-third key.
///
/// Handlers get keys, never events, and read the world when they run.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
  public typealias Outcome = WorkOutcome

  private let state: Mutex<WorkQueueState<Key>>
  private let clock: any RuntimeClock
  private let logger: Logger
  private let metrics: WorkQueueMetrics
  private let workBell = Bell()
  private let timerBell = Bell()

  /// - Parameters:
  ///   - name: names the queue in metrics and logs.
  ///   - clock: monotonic time of all timers, and the jitter of the back-off.
  ///   - backOff: the wait after failures of one key.
  public init(name: String, clock: any RuntimeClock, logger: Logger, backOff: BackOff = BackOff()) {
    state = Mutex(WorkQueueState(backOff: backOff))
    self.clock = clock
    self.logger = logger
    metrics = WorkQueueMetrics(queue: name)
  }

  /// Keys that wait for a worker, without those that only have a timer.
  public var depth: Int { state.withLock { $0.depth } }

  /// Keys that are being run.
  public var running: Int { state.withLock { $0.running } }

  /// Keys the queue remembers for any reason; goes back to zero when all are settled and have no timer.
  public var trackedKeys: Int { state.withLock { $0.trackedKeys } }

  /// Queues the key now.
  public func add(_ key: Key, _ lane: Lane) {
    let now = clock.monotonicTime
    let isNew = state.withLock { state in
      let isNew = state.add(key, lane, now: now)
      if isNew { metrics.changed(depth: state.depth, running: state.running) }
      return isNew
    }
    guard isNew else { return }
    metrics.added()
    workBell.ring()
  }

  /// Queues the key after `delay`, at once when that is not positive.
  public func add(_ key: Key, _ lane: Lane, after delay: Duration) {
    guard delay > .zero else { return add(key, lane) }
    let now = clock.monotonicTime
    arm { $0.add(key, lane, at: now + delay, now: now) }
  }

  /// Queues the key after its back-off, for failures noticed outside a run. A failed run does this by itself.
  public func retry(_ key: Key) {
    let now = clock.monotonicTime
    let jitter = clock.random(in: 0...0.5)
    arm { _ = $0.retry(key, now: now, jitter: jitter) }
    metrics.retried()
  }

  /// Forgets how often the key failed and its pending retry.
  public func forget(_ key: Key) {
    state.withLock { $0.forget(key) }
  }

  /// Takes no more keys; ``run(workers:_:)`` returns when the running handlers are done.
  public func shutDown() {
    state.withLock {
      $0.shutDown()
      metrics.changed(depth: 0, running: $0.running)
    }
    workBell.ring()
    timerBell.ring()
  }

  /// Runs the handler for queued keys, at most `workers` at a time, until ``shutDown()``, graceful shutdown or
  /// cancellation.
  ///
  /// On shutdown what waits is dropped and what runs is waited for. On cancellation the running handlers are
  /// cancelled as well. A queue is run once.
  public func run(workers: Int, _ handle: @escaping @Sendable (Key) async -> Outcome) async {
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.runTimers() }
        while true {
          while let taken = self.take(limit: max(workers, 1)) {
            group.addTask { await self.work(taken, handle) }
          }
          guard self.isOpen, await self.workBell.wait() else { break }
        }
        self.shutDown()
      }
    } onGracefulShutdown: {
      self.shutDown()
    }
  }

  private var isOpen: Bool { state.withLock { !$0.isShutDown } }

  private func take(limit: Int) -> WorkQueueState<Key>.Taken? {
    let now = clock.monotonicTime
    return state.withLock { state in
      let taken = state.take(limit: limit, now: now)
      if taken != nil { metrics.changed(depth: state.depth, running: state.running) }
      return taken
    }
  }

  private func work(_ taken: WorkQueueState<Key>.Taken, _ handle: @Sendable (Key) async -> Outcome) async {
    metrics.started(afterWaiting: taken.waited)
    let start = clock.monotonicTime
    let outcome = await handle(taken.key)
    let now = clock.monotonicTime
    let jitter = clock.random(in: 0...0.5)
    metrics.finished(outcome, after: now - start)
    let backedOff = arm { state in
      let backedOff = state.finish(taken.key, outcome, now: now, jitter: jitter)
      metrics.changed(depth: state.depth, running: state.running)
      return backedOff
    }
    if case .failed(let error) = outcome, let backedOff {
      metrics.retried()
      logger.warning(
        "Run failed", metadata: ["key": "\(taken.key)", "error": "\(error)", "retryIn": "\(backedOff)"])
    }
    workBell.ring()
  }

  // MARK: Timers

  /// Changes the state and wakes the timer task when the next deadline came nearer.
  @discardableResult
  private func arm<Result: Sendable>(_ change: (inout WorkQueueState<Key>) -> Result) -> Result {
    let (result, isEarlier) = state.withLock { state in
      let before = state.nextDeadline()
      let result = change(&state)
      guard let after = state.nextDeadline() else { return (result, false) }
      return (result, before.map { after < $0 } ?? true)
    }
    if isEarlier { timerBell.ring() }
    return result
  }

  private func runTimers() async {
    while true {
      let now = clock.monotonicTime
      let (added, deadline, isShutDown) = state.withLock { state in
        let added = state.fire(now: now)
        if added > 0 { metrics.changed(depth: state.depth, running: state.running) }
        return (added, state.nextDeadline(), state.isShutDown)
      }
      if added > 0 {
        metrics.added(added)
        workBell.ring()
      }
      guard !isShutDown, await timerBell.wait(atMost: deadline.map { $0 - now }, clock: clock) else { return }
    }
  }
}
