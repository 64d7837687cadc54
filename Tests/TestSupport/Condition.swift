import Synchronization

/// Lets tests wait for a state instead of for a time.
final class Condition: Sendable {
  private struct Waiter {
    var id: UInt64
    var isMet: @Sendable () -> Bool
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var waiters: [Waiter] = []
    var lastID: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Must be called, without locks, after every change of what conditions look at.
  func notify() {
    let waiters = state.withLock { $0.waiters }
    for waiter in waiters where waiter.isMet() { resume(waiter.id) }
  }

  /// Waits until the condition holds, or the task is cancelled.
  func wait(until isMet: @escaping @Sendable () -> Bool) async {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { $0.waiters.append(Waiter(id: id, isMet: isMet, continuation: continuation)) }
        // Checked after it was added, so that no change falls between.
        if isMet() || Task.isCancelled { resume(id) }
      }
    } onCancel: {
      resume(id)
    }
  }

  private func resume(_ id: UInt64) {
    let waiter = state.withLock { state in
      state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
    }
    waiter?.continuation.resume()
  }
}
