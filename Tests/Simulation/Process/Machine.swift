/// The machine of one process: runs its tasks on the engine, and can be stopped as SIGSTOP does.
final class Machine: TaskExecutor, @unchecked Sendable {
  private let engine: SimulationEngine
  private var held: [SimulationEngine.Piece] = []
  private(set) var isFrozen = false

  init(_ engine: SimulationEngine) {
    self.engine = engine
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let piece = SimulationEngine.Piece(job: UnownedJob(job), executor: self)
    if isFrozen { held.append(piece) } else { engine.enqueue(piece) }
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
