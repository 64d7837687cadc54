public import KubernetesClient
public import Logging
import Metrics
public import ServiceLifecycle
import Synchronization

/// Holds a Lease so that one replica at a time does the work.
///
/// Leadership saves work and is never the safety: a process may be stopped between asking ``isLeading`` and writing,
/// so every write has its own precondition. ``isLeading`` is answered from the clock, so it is false past the renew
/// deadline even when nothing of this process ran in between.
///
/// ``run()`` throws ``LeadershipLost`` when the lease is lost; the process has to end then. On graceful shutdown the
/// lease is given up, so that another replica takes over at once. Put the elector before its users in the service
/// group: services end in reverse order.
public final class LeaderElector: Service {
  private let lock: any LeaseLock
  private let clock: any RuntimeClock
  private let logger: Logger
  private let election: Mutex<LeaderElection>
  private let leading = Gate()
  private let bell = Bell()
  private let isStopping = Atomic<Bool>(false)
  private let status: Gauge

  /// - Parameters:
  ///   - identity: unique to this process, for instance the pod's name and something random.
  public init(
    lock: any LeaseLock, identity: String, timing: LeaderElectionTiming = LeaderElectionTiming(),
    clock: any RuntimeClock, logger: Logger
  ) {
    self.lock = lock
    self.clock = clock
    self.logger = logger
    election = Mutex(LeaderElection(name: lock.name, identity: identity, timing: timing))
    status = Gauge(label: "leader_election_master_status", dimensions: [("name", lock.name.name)])
    status.record(0)
  }

  /// Whether this process holds the lease and could renew it recently enough.
  public var isLeading: Bool {
    let now = clock.monotonicTime
    return election.withLock { $0.isLeading(now: now) }
  }

  /// Waits for the lease; returns at once when it is or was held.
  ///
  /// - Throws: ``LeadershipLost`` when it is lost or given up, `CancellationError` when the task is cancelled.
  public func waitUntilLeading() async throws { try await leading.wait() }

  /// Takes and renews the lease until shut down.
  ///
  /// - Throws: ``LeadershipLost``, or `CancellationError` when the task is cancelled.
  public func run() async throws {
    do {
      try await withGracefulShutdownHandler {
        try await hold()
      } onGracefulShutdown: {
        self.isStopping.store(true, ordering: .releasing)
        self.bell.ring()
      }
    } catch {
      status.record(0)
      leading.fail(error)
      throw error
    }
  }

  private func hold() async throws {
    while true {
      if isStopping.load(ordering: .acquiring) { return await release() }
      let (now, wallTime) = (clock.monotonicTime, clock.wallTime)
      let (step, timeout) = election.withLock { ($0.next(now: now, wallTime: wallTime), $0.timeout(now: now)) }
      let answer: LeaderElection.Answer
      switch step {
      case .lost(let reason): throw LeadershipLost(lease: lock.name, reason: reason)
      case .wait(let until):
        guard await bell.wait(atMost: until - now, clock: clock) else { throw CancellationError() }
        continue
      case .read:
        answer = await request(timeout) { lock throws(KubernetesError) in .found(try await lock.read()) }
      case .create(let object):
        answer = await request(timeout) { lock throws(KubernetesError) in .written(try await lock.create(object)) }
      case .update(let object):
        answer = await request(timeout) { lock throws(KubernetesError) in .written(try await lock.update(object)) }
      }
      try Task.checkCancellation()
      handle(answer)
    }
  }

  private func handle(_ answer: LeaderElection.Answer) {
    let now = clock.monotonicTime
    let jitter = clock.random(in: 0...0.2)
    let (before, after, holder) = election.withLock { election in
      let before = election.isLeading(now: now)
      election.handle(answer, now: now, jitter: jitter)
      return (before, election.isLeading(now: now), election.holder)
    }
    guard after != before else { return }
    status.record(after ? 1 : 0)
    logger.info(
      after ? "Became leader" : "Leadership lost", metadata: ["lease": "\(lock.name)", "holder": "\(holder)"])
    if after { leading.open() }
  }

  private func release() async {
    let (now, wallTime) = (clock.monotonicTime, clock.wallTime)
    let object = election.withLock { $0.release(now: now, wallTime: wallTime) }
    status.record(0)
    leading.fail(LeadershipLost(lease: lock.name, reason: .released))
    guard let object else { return }
    let timeout = election.withLock { $0.timing.requestTimeout }
    let answer = await request(timeout) { lock throws(KubernetesError) in .written(try await lock.update(object)) }
    if case .written = answer {
      logger.info("Lease given up", metadata: ["lease": "\(lock.name)"])
    }
  }

  /// One request that ends at the time limit, whatever the connection does.
  private func request(
    _ timeout: Duration,
    _ send: @escaping @Sendable (any LeaseLock) async throws(KubernetesError) -> LeaderElection.Answer
  ) async -> LeaderElection.Answer {
    await withTaskGroup(of: LeaderElection.Answer.self) { group in
      group.addTask { [lock, logger] in
        do throws(KubernetesError) {
          return try await send(lock)
        } catch {
          switch error.code {
          case .notFound: return .missing
          case .conflict, .alreadyExists: return .conflict
          default:
            logger.warning("Lease request failed", metadata: ["lease": "\(lock.name)", "error": "\(error)"])
            return .failed
          }
        }
      }
      group.addTask { [clock] in
        try? await clock.sleep(for: timeout)
        return .failed
      }
      let answer = await group.next() ?? .failed
      group.cancelAll()
      return answer
    }
  }
}
