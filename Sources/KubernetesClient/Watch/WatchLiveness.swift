import Logging
import Synchronization

/// Notices within 15 seconds that the server of silent watches no longer answers, and lets them reconnect.
///
/// One per client, shared by its watches; see ``LivenessMachine`` for how. Whoever runs the watches runs this beside
/// them; without it a dead server is noticed by the kernel (when packets are lost) or by missing bookmarks (after
/// minutes).
public final class WatchLiveness: Sendable {
  private struct Watch {
    var lastActivity: Duration
    var giveUp: @Sendable () -> Void
  }

  private struct State {
    var watches: [UInt64: Watch] = [:]
    var lastID: UInt64 = 0
  }

  private let executor: RequestExecutor
  private let state = Mutex(State())

  init(executor: RequestExecutor) {
    self.executor = executor
  }

  /// Probes while there are silent watches; returns when the task is cancelled.
  public func run() async {
    var machine = LivenessMachine()
    while !Task.isCancelled {
      switch machine.next(at: executor.clock.monotonicTime, oldestActivity: oldestActivity) {
      case .wait(let duration):
        do { try await executor.clock.sleep(for: duration) } catch { return }
      case .probe:
        machine.probed(isAlive: await probe())
      case .giveUp(let silentSince):
        giveUp(silentSince: silentSince)
      }
    }
  }

  /// Watches that are open.
  public var openWatches: Int { state.withLock { $0.watches.count } }

  private var oldestActivity: Duration? { state.withLock { $0.watches.values.map(\.lastActivity).min() } }

  /// Asks for something that every authenticated client may have, that costs nothing, and that flow control lets pass.
  /// Every answer is a sign of life, a refusal too.
  private func probe() async -> Bool {
    let call = APICall(
      method: "GET", path: "/livez?exclude=etcd", title: "GET /livez", accept: "*/*", timeout: LivenessMachine.timeout)
    let start = executor.clock.monotonicTime
    do throws(KubernetesError) {
      _ = try await executor.performOnce(call)
      return true
    } catch {
      // Credentials that cannot be had now, or a handshake that is refused, say nothing against open watches.
      let saysNothing = error.code == .credentials || error.transportError?.code == .tls
      guard error.httpStatus == nil, !saysNothing, !Task.isCancelled else { return true }
      executor.logger.debug("The API server does not answer", metadata: ["error": "\(error)"])
    }
    // A refused connection fails at once; the server may be restarting, which watches notice by themselves.
    let rest = LivenessMachine.timeout - (executor.clock.monotonicTime - start)
    if rest > .zero { try? await executor.clock.sleep(for: rest) }
    return false
  }

  private func giveUp(silentSince: Duration) {
    let dead = state.withLock { state in
      state.watches.filter { $0.value.lastActivity <= silentSince }.map { id, watch in
        // Counted as heard of, so that it is not given up a second time before it has closed.
        state.watches[id]?.lastActivity = executor.clock.monotonicTime
        return watch.giveUp
      }
    }
    executor.logger.warning(
      "The API server does not answer; watches are opened again", metadata: ["watches": "\(dead.count)"])
    for giveUp in dead { giveUp() }
  }

  // MARK: Watches

  func register(giveUp: @escaping @Sendable () -> Void) -> UInt64 {
    let now = executor.clock.monotonicTime
    return state.withLock { state in
      state.lastID += 1
      state.watches[state.lastID] = Watch(lastActivity: now, giveUp: giveUp)
      return state.lastID
    }
  }

  func heard(of id: UInt64) {
    let now = executor.clock.monotonicTime
    state.withLock { $0.watches[id]?.lastActivity = now }
  }

  /// The time since a watch was last heard of; `nil` when it is closed.
  func silence(of id: UInt64) -> Duration? {
    let now = executor.clock.monotonicTime
    return state.withLock { $0.watches[id].map { now - $0.lastActivity } }
  }

  func remove(_ id: UInt64) { state.withLock { _ = $0.watches.removeValue(forKey: id) } }
}
