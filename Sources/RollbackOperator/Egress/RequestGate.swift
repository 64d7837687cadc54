import Synchronization

/// Lets tasks through as ``RequestSlots`` says.
final class RequestGate: Sendable {
  private struct State {
    var slots: RequestSlots
    var lastID: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
  }

  private let state: Mutex<State>

  init(limits: RequestSlots.Limits) {
    state = Mutex(State(slots: RequestSlots(limits: limits)))
  }

  /// How many run now.
  var runningCount: Int { state.withLock { $0.slots.runningCount } }

  /// Waits for a place; every entry that succeeds is followed by one ``leave(_:)``.
  ///
  /// - Throws: when the task is cancelled while it waits.
  func enter(_ host: String) async throws(CancellationError) {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    let isIn = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome = state.withLock { state -> Bool? in
          // A cancellation before this point found nobody to withdraw.
          if Task.isCancelled { return false }
          if state.slots.enter(id, host: host) { return true }
          state.waiters[id] = continuation
          return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.slots.withdraw(id, host: host) ? state.waiters.removeValue(forKey: id) : nil
      }
      waiter?.resume(returning: false)
    }
    guard isIn else { throw CancellationError() }
  }

  /// Gives the place back.
  func leave(_ host: String) {
    let next = state.withLock { state in
      state.slots.leave(host).flatMap { state.waiters.removeValue(forKey: $0) }
    }
    next?.resume(returning: true)
  }
}
