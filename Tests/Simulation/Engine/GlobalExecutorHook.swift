import Glibc

/// Brings tasks that libraries start without an owner (`Task { … }`) onto the engine of the thread that starts them.
///
/// The Swift runtime asks `swift_task_enqueueGlobal_hook`, when it is set, where to run what has no executor
/// (`swift/include/swift/Runtime/Concurrency.h`). A thread that runs no engine is left alone.
enum GlobalExecutorHook {
  private typealias Original = @convention(thin) (UnownedJob) -> Void
  private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  private static let isInstalled: Bool = {
    guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else { return false }
    symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
      guard let engine = GlobalExecutorHook.engine else { return original(job) }
      engine.enqueue(SimulationEngine.Piece(job: job, executor: engine))
    }
    return true
  }()

  private static var engine: SimulationEngine? {
    pthread_getspecific(key).map { Unmanaged<SimulationEngine>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs `body` with the engine as the place for tasks without one.
  static func with<Result>(_ engine: SimulationEngine, _ body: () -> Result) -> Result {
    precondition(isInstalled, "this Swift runtime has no swift_task_enqueueGlobal_hook")
    let before = pthread_getspecific(key)
    pthread_setspecific(key, Unmanaged.passUnretained(engine).toOpaque())
    defer { pthread_setspecific(key, before) }
    return body()
  }
}
