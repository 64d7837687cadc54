import Synchronization

/// A gate that many tasks wait at until it opens once, or fails once and stays failed.
final class Gate: Sendable {
  private enum State {
    case closed([UInt64: CheckedContinuation<Void, any Error>])
    case open
    case failed(any Error)
  }

  private let state = Mutex(State.closed([:]))
  private let lastWaiter = Atomic<UInt64>(0)

  /// Lets everybody through, now and later, unless it has failed.
  func open() {
    for waiter in settle(.open) { waiter.resume() }
  }

  /// Turns everybody away with the error, also after it had been opened.
  func fail(_ error: any Error) {
    for waiter in settle(.failed(error)) { waiter.resume(throwing: error) }
  }

  /// - Throws: the error of ``fail(_:)``, or `CancellationError` when the task is cancelled.
  func wait() async throws {
    let id = lastWaiter.add(1, ordering: .relaxed).newValue
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result: Result<Void, any Error>? = state.withLock { state in
          switch state {
          case .open: return .success(())
          case .failed(let error): return .failure(error)
          case .closed(var waiters):
            // A cancellation before this point found nobody to resume.
            if Task.isCancelled { return .failure(CancellationError()) }
            waiters[id] = continuation
            state = .closed(waiters)
            return nil
          }
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
        guard case .closed(var waiters) = state else { return nil }
        let waiter = waiters.removeValue(forKey: id)
        state = .closed(waiters)
        return waiter
      }
      waiter?.resume(throwing: CancellationError())
    }
  }

  private func settle(_ new: State) -> [CheckedContinuation<Void, any Error>] {
    state.withLock { state in
      switch (state, new) {
      case (.closed(let waiters), _):
        state = new
        return Array(waiters.values)
      case (.open, .failed):
        state = new
        return []
      default:
        return []
      }
    }
  }
}
