import Synchronization

/// Wakes one waiting task; calls while nobody waits are remembered as one.
final class WakeUp: Sendable {
  private struct State {
    var isPending = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func call() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let waiter = state.waiter else {
        state.isPending = true
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume()
  }

  /// Waits for a call, at most for `limit`; returns at once when the task is cancelled.
  func wait(atMost limit: Duration?) async {
    await withTaskGroup { group in
      if let limit {
        group.addTask {
          if (try? await Task.sleep(for: limit)) != nil { self.call() }
        }
      }
      await waitForCall()
      group.cancelAll()
    }
  }

  private func waitForCall() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCalled = state.withLock { state in
          if state.isPending || Task.isCancelled {
            state.isPending = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if isCalled { continuation.resume() }
      }
    } onCancel: {
      call()
    }
  }
}
