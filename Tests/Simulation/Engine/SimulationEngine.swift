import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs tasks one piece at a time on one thread, in an order and at virtual times that the seed alone decides.
///
/// Every task of a simulation prefers this executor, and so do its child tasks (SE-0417). Which of the tasks that are
/// ready goes on is drawn at random; when none is, time moves to the next timer. The same seed therefore gives the same
/// run, to the byte, as long as nothing in it looks at another clock, another source of randomness or the order of a
/// hash table (run with `SWIFT_DETERMINISTIC_HASHING=1`).
///
/// Not thread-safe, on purpose: everything happens on the thread that calls ``run(for:while:)``. A task that escapes to
/// another executor and comes back from there is counted in ``escapes``, which is a failure of the simulation.
public final class SimulationEngine: TaskExecutor, @unchecked Sendable {
  /// Why ``run(for:while:)`` returned.
  public enum Pause: Sendable, Equatable {
    /// The condition no longer held.
    case condition
    /// The time has passed.
    case time
    /// Nothing is ready and no timer is set: nothing will ever happen.
    case stillness
    /// So many pieces ran without time moving on that they would run for ever.
    case livelock
  }

  /// The pieces of tasks that may run at one instant.
  static let patience = 200_000

  /// Virtual time since the beginning.
  public private(set) var now: Duration = .zero
  /// Pieces of tasks that were run.
  public private(set) var steps: UInt64 = 0
  /// Pieces of tasks that came from other threads.
  public var escapes: Int { foreign.withLock { $0.count } }
  public let seed: UInt64
  public let trace: Trace

  private var ready: [Piece] = []
  private var timers = TimerHeap()
  private var order: SeededGenerator
  private var streams: [Stream: SeededGenerator] = [:]
  private let thread = pthread_self()
  private let foreign = Mutex<(count: Int, pieces: [Piece])>((0, []))

  /// What a task does until it waits again, and who it belongs to.
  struct Piece: @unchecked Sendable {
    var job: UnownedJob
    var executor: any TaskExecutor
    /// The machine that it runs on, which may have something against it.
    var machine: Machine?
  }

  /// What random numbers are for: each has its own row of them, so that leaving out a fault changes no delay.
  public enum Stream: UInt64, Sendable, Hashable {
    case clock = 1
    case latency
    case faults
    case workloads
    case actors
    case objects
    case scenario
    case metrics
    case metricFaults
  }

  public init(seed: UInt64, trace: Trace = Trace()) {
    self.seed = seed
    self.trace = trace
    order = SeededGenerator(seed: seed)
  }

  /// Starts a task, and with it all its children, on this engine.
  @discardableResult
  public func spawn(_ operation: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: self) { await operation() }
  }

  // MARK: Executor

  public func enqueue(_ job: consuming ExecutorJob) { enqueue(Piece(job: UnownedJob(job), executor: self)) }

  func enqueue(_ piece: Piece) {
    guard pthread_equal(pthread_self(), thread) != 0 else {
      foreign.withLock { foreign in
        foreign.count += 1
        foreign.pieces.append(piece)
      }
      return
    }
    ready.append(piece)
  }

  /// Lets things happen for at most `duration`, as long as `goesOn` holds; it is asked after every piece.
  @discardableResult
  public func run(for duration: Duration = .seconds(86_400 * 365), while goesOn: () -> Bool = { true }) -> Pause {
    GlobalExecutorHook.with(self) { runPieces(for: duration, while: goesOn) }
  }

  private func runPieces(for duration: Duration, while goesOn: () -> Bool) -> Pause {
    let end = now + duration
    var atThisInstant = 0
    while goesOn() {
      if let piece = takeReady() {
        if let machine = piece.machine, !machine.admits(piece) { continue }
        piece.run()
        steps += 1
        atThisInstant += 1
        if atThisInstant > Self.patience { return .livelock }
        continue
      }
      guard let deadline = timers.nextDeadline else { return .stillness }
      guard deadline <= end else {
        now = end
        return .time
      }
      if deadline > now {
        now = deadline
        atThisInstant = 0
      }
      timers.takeFirst()?()
    }
    return .condition
  }

  private func takeReady() -> Piece? {
    if ready.isEmpty {
      ready = foreign.withLock { foreign in
        defer { foreign.pieces = [] }
        return foreign.pieces
      }
    }
    guard !ready.isEmpty else { return nil }
    let index = ready.count == 1 ? 0 : order.index(below: ready.count)
    ready.swapAt(index, ready.count - 1)
    return ready.removeLast()
  }

  // MARK: Time

  /// Runs `action` after a time; at once, but not now, after zero.
  ///
  /// - Returns: for ``cancel(_:)``.
  @discardableResult
  public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> UInt64 {
    timers.add(at: now + max(delay, .zero), action)
  }

  /// What is scheduled and not forgotten.
  public var timerCount: Int { timers.count }

  /// Forgets what was scheduled, if it has not run yet.
  public func cancel(_ timer: UInt64) { timers.remove(timer) }

  /// Forgets all that was scheduled: each of it holds the world in which it would happen.
  func forgetTimers() { timers = TimerHeap() }

  // MARK: Randomness

  /// The next 64 random bits of a row.
  public func bits(_ stream: Stream) -> UInt64 { withStream(stream) { $0.next() } }

  public func random(_ stream: Stream, in range: ClosedRange<Double>) -> Double {
    withStream(stream) { $0.pick(range) }
  }

  /// A random number from 0 on, below a bound.
  public func index(_ stream: Stream, below bound: Int) -> Int { withStream(stream) { $0.index(below: bound) } }

  /// A random time.
  public func random(_ stream: Stream, in range: ClosedRange<Duration>) -> Duration {
    let share = random(stream, in: 0...1)
    return range.lowerBound + (range.upperBound - range.lowerBound) * share
  }

  /// True with this probability.
  public func chance(_ stream: Stream, _ probability: Double) -> Bool {
    probability > 0 && withStream(stream) { $0.chance(probability) }
  }

  private func withStream<Result>(_ stream: Stream, _ body: (inout SeededGenerator) -> Result) -> Result {
    let fresh = SeededGenerator(seed: seed &* 0x2545_F491_4F6C_DD1D &+ stream.rawValue)
    return body(&streams[stream, default: fresh])
  }
}

extension SimulationEngine.Piece {
  func run() { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
}
