import Synchronization

/// Wakes one task on the engine, by being rung or by virtual time; a ring while nobody waits is remembered.
final class Signal: Sendable {
  enum Outcome: Sendable {
    case rung
    case timedOut
    case cancelled
  }

  private struct State {
    var isRung = false
    var waiter: CheckedContinuation<Outcome, Never>?
  }

  private let engine: SimulationEngine
  private let state = Mutex(State())

  init(_ engine: SimulationEngine) {
    self.engine = engine
  }

  func ring() {
    let waiter = state.withLock { state in
      if state.waiter == nil { state.isRung = true }
      return state.waiter.take()
    }
    waiter?.resume(returning: .rung)
  }

  func wait(atMost limit: Duration) async -> Outcome {
    let timer = engine.schedule(after: limit) { self.end(.timedOut) }
    defer { engine.cancel(timer) }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome = state.withLock { state -> Outcome? in
          if Task.isCancelled { return .cancelled }
          if state.isRung {
            state.isRung = false
            return .rung
          }
          state.waiter = continuation
          return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    } onCancel: {
      end(.cancelled)
    }
  }

  private func end(_ outcome: Outcome) {
    state.withLock { $0.waiter.take() }?.resume(returning: outcome)
  }
}
