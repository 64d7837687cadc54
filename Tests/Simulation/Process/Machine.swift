/// The machine of one process: runs its tasks on the engine, and can be stopped as SIGSTOP does. Before each piece of a
/// task, which is at every `await` of the process's own code, it may hold the piece back or let the process die.
final class Machine: TaskExecutor, @unchecked Sendable {
  private let engine: SimulationEngine
  private var held: [SimulationEngine.Piece] = []
  private(set) var isFrozen = false
  /// Asked before each piece.
  var fault: (@Sendable () -> PieceFault?)?
  /// Ends the process at once.
  var crash: (@Sendable () -> Void)?

  init(_ engine: SimulationEngine) {
    self.engine = engine
  }

  func enqueue(_ job: consuming ExecutorJob) {
    engine.enqueue(SimulationEngine.Piece(job: UnownedJob(job), executor: self, machine: self))
  }

  /// Whether a piece runs now. One that does not is brought back by this machine.
  func admits(_ piece: SimulationEngine.Piece) -> Bool {
    guard !isFrozen else {
      held.append(piece)
      return false
    }
    switch fault?() {
    case nil: return true
    case .delay(let delay):
      let later = SimulationEngine.Piece(job: piece.job, executor: self)
      engine.schedule(after: delay) { [self] in
        // Who was stopped meanwhile does not notice that it would be its turn.
        if isFrozen { held.append(later) } else { engine.enqueue(later) }
      }
      return false
    case .crash:
      crash?()
      return true
    }
  }

  func freeze() { isFrozen = true }

  func thaw() {
    isFrozen = false
    for piece in held { engine.enqueue(piece) }
    held = []
  }

  func spawn(_ operation: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: self) { await operation() }
  }
}
