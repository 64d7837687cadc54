import FoundationEssentials
import Synchronization
import Testing

/// Lets no more than so many of a kind run at once, whatever the number of tests that run side by side.
final class Slots: Sendable {
  /// Scenes with their operators: as many as the machine carries without the servers becoming slow.
  static let scenes = Slots(count: min(4, ProcessInfo.processInfo.activeProcessorCount + 1))
  /// Control planes beside the shared one.
  static let ownClusters = Slots(count: 2)

  private struct State {
    var free: Int
    var waiting: [(id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    var nextID: UInt64 = 0
    var cancelled: Set<UInt64> = []
  }

  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(free: count)) }

  /// Waits for a free slot, runs, and gives it back.
  func use<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await take()
    defer { giveBack() }
    return try await body()
  }

  private func take() async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let hasSlot = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if state.cancelled.remove(id) != nil { return false }
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.waiting.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.waiting.remove(at: index).continuation
      }
      continuation?.resume(returning: false)
    }
    guard hasSlot else { throw CancellationError() }
  }

  private func giveBack() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}

extension Trait where Self == TimeLimitTrait {
  /// For tests that wait for a slot: the waiting counts, so that this only ends a run in which nothing goes on.
  static var timeLimitOfQueue: Self { .timeLimit(.minutes(60)) }
}
