public import KubernetesClient
public import Logging
public import ServiceLifecycle
import Synchronization

/// Watches that come and go at run time, one per key, each with its own ``Store``; for instance the pods of one
/// suspect.
///
/// Every watch is a child task of ``run()``. A released one is cancelled at once and leaves nothing: its store is
/// dropped, its connection closed, and no change of it is told any more (one that is being told at that very moment
/// may finish).
public final class WatchSet<Key: Hashable & Sendable, Object: KubernetesObject>: Service {
  private struct Watch: Sendable {
    var id: UInt64
    var store: Store<Object>
    var stop = Bell()
  }

  private struct State: Sendable {
    var watches: [Key: Watch] = [:]
    /// Ensured, but not yet started by ``run()``.
    var pending: [Key] = []
    var lastID: UInt64 = 0
    var tasks = 0
  }

  private let state = Mutex(State())
  private let bell = Bell()
  private let indexes: [StoreIndex<Object>]
  private let clock: any RuntimeClock
  private let logger: Logger
  private let metrics = StoreMetrics(resource: Object.resource.plural)
  private let source: @Sendable (Key) -> Reflector<Object>.Source
  private let onChange: @Sendable (Key, StoreChange<Object>) -> Void

  /// - Parameters:
  ///   - watcher: what to watch for a key.
  ///   - onChange: called synchronously after a store was changed, one change at a time per key; must be short.
  public convenience init(
    of _: Object.Type = Object.self, indexes: [StoreIndex<Object>] = [], clock: any RuntimeClock, logger: Logger,
    watcher: @escaping @Sendable (Key) -> Watcher<Object>,
    onChange: @escaping @Sendable (Key, StoreChange<Object>) -> Void
  ) {
    self.init(
      source: { key in
        let watcher = watcher(key)
        return { await watcher.run($0) }
      }, indexes: indexes, clock: clock, logger: logger, onChange: onChange)
  }

  init(
    source: @escaping @Sendable (Key) -> Reflector<Object>.Source, indexes: [StoreIndex<Object>] = [],
    clock: any RuntimeClock, logger: Logger, onChange: @escaping @Sendable (Key, StoreChange<Object>) -> Void
  ) {
    self.source = source
    self.indexes = indexes
    self.clock = clock
    self.logger = logger
    self.onChange = onChange
  }

  /// Watches the key if it is not watched yet.
  ///
  /// - Returns: its store; take no decision on it before it ``Store/isSynced``.
  @discardableResult
  public func ensure(_ key: Key) -> Store<Object> {
    let (store, isNew) = state.withLock { state in
      if let watch = state.watches[key] { return (watch.store, false) }
      state.lastID += 1
      let watch = Watch(id: state.lastID, store: Store(indexes: indexes))
      state.watches[key] = watch
      state.pending.append(key)
      return (watch.store, true)
    }
    if isNew { bell.ring() }
    return store
  }

  /// Ends the watch of the key, if there is one.
  public func release(_ key: Key) {
    let watch = state.withLock { $0.watches.removeValue(forKey: key) }
    watch?.stop.ring()
  }

  /// The store of a watched key.
  public func store(_ key: Key) -> Store<Object>? { state.withLock { $0.watches[key]?.store } }

  /// The keys watched now.
  public var keys: [Key] { state.withLock { Array($0.watches.keys) } }

  /// Child tasks alive, counting those of released keys until they have ended.
  public var tasks: Int { state.withLock { $0.tasks } }

  /// Runs the watches until cancelled or shut down gracefully; then all keys are released.
  public func run() async {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        repeat {
          for (key, watch) in self.takePending() {
            group.addTask { await self.watch(key, watch) }
          }
        } while await self.bell.wait()
        group.cancelAll()
      }
    }
    state.withLock { state in
      state.watches = [:]
      state.pending = []
    }
  }

  private func takePending() -> [(Key, Watch)] {
    state.withLock { state in
      // A key may be pending twice when it was released and ensured again before the first start.
      let keys = Set(state.pending)
      state.pending = []
      let started = keys.compactMap { key in state.watches[key].map { (key, $0) } }
      state.tasks += started.count
      return started
    }
  }

  private func watch(_ key: Key, _ watch: Watch) async {
    let reflector = Reflector(
      source: source(key), store: watch.store, clock: clock, logger: logger, metrics: metrics
    ) { change in
      if self.isCurrent(key, watch.id) { self.onChange(key, change) }
    }
    await withDiscardingTaskGroup { group in
      group.addTask { await reflector.reflect() }
      _ = await watch.stop.wait()
      group.cancelAll()
    }
    state.withLock { $0.tasks -= 1 }
  }

  private func isCurrent(_ key: Key, _ id: UInt64) -> Bool {
    state.withLock { $0.watches[key]?.id == id }
  }
}
