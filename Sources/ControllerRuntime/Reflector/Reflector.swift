public import KubernetesClient
public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps a ``Store`` equal to what the API server has, and tells each change after it was made.
///
/// After a re-list the store is swapped whole; what was deleted meanwhile is told as deleted, what has the same
/// resource version as before is not told at all. An undecodable object never stops the watch. While the watch is
/// interrupted the store stays as it was.
public final class Reflector<Object: KubernetesObject>: Service {
  typealias Source = @Sendable (_ handle: (WatcherEvent<Object>) async -> Void) async -> Void

  /// What is kept up to date.
  public let store: Store<Object>

  private let source: Source
  private let clock: any RuntimeClock
  private let logger: Logger
  private let onChange: @Sendable (StoreChange<Object>) -> Void
  private let metrics: StoreMetrics
  private let state = Mutex(ReflectorState<Object>())

  /// - Parameter onChange: called one change at a time, synchronously after the store was changed; must be short, and
  ///   typically puts a key into a ``WorkQueue``.
  public convenience init(
    _ watcher: Watcher<Object>, into store: Store<Object>, clock: any RuntimeClock, logger: Logger,
    onChange: @escaping @Sendable (StoreChange<Object>) -> Void
  ) {
    self.init(
      source: { await watcher.run($0) }, store: store, clock: clock, logger: logger,
      metrics: StoreMetrics(resource: Object.resource.plural), onChange: onChange)
  }

  init(
    source: @escaping Source, store: Store<Object>, clock: any RuntimeClock, logger: Logger, metrics: StoreMetrics,
    onChange: @escaping @Sendable (StoreChange<Object>) -> Void
  ) {
    self.source = source
    self.store = store
    self.clock = clock
    self.logger = logger
    self.metrics = metrics
    self.onChange = onChange
  }

  /// Watches until cancelled or shut down gracefully.
  public func run() async {
    await cancelWhenGracefulShutdown { await self.reflect() }
  }

  /// Watches until cancelled; the objects are then no longer counted as held.
  func reflect() async {
    await source { event in self.take(event) }
    metrics.changed(objects: -store.count, undecodable: -store.undecodable.count)
  }

  private func take(_ event: WatcherEvent<Object>) {
    if case .interrupted(let error) = event {
      metrics.interrupted()
      logger.log(
        level: error.needsAPerson ? .warning : .info, "Watch interrupted",
        metadata: ["resource": "\(Object.resource.plural)", "error": "\(error)"])
    }
    let now = clock.monotonicTime
    let step = state.withLock { state in
      state.handle(event, now: now, empty: store.makeEmptyContent, known: { self.store.get($0) })
    }
    switch step {
    case .none: break
    case .apply(let object): apply(object)
    case .delete(let object): delete(object.metadata)
    case .progress(let resourceVersion): store.write(resourceVersion: resourceVersion) { _ in }
    case .replace(let content, let resourceVersion): replace(with: content, resourceVersion)
    case .interrupted: store.interrupted()
    case .heldBack(let listed, let seen):
      logger.warning(
        "A list from the past is held back until it has caught up",
        metadata: ["resource": "\(Object.resource.plural)", "listed": "\(listed)", "seen": "\(seen)"])
    }
  }

  private func apply(_ decoded: Decoded<Object>) {
    switch decoded {
    case .object(let object):
      let (old, wasUndecodable) = store.write(resourceVersion: object.metadata.resourceVersion) { content in
        let wasUndecodable = content.undecodable[object.name] != nil
        return (content.insert(object), wasUndecodable)
      }
      metrics.changed(objects: old == nil ? 1 : 0, undecodable: wasUndecodable ? -1 : 0)
      report(old, object)
    case .undecodable(let object):
      let name = object.metadata.namespacedName
      let (hadObject, wasUndecodable) = store.write(resourceVersion: object.metadata.resourceVersion) { content in
        let before = (content[name] != nil, content.undecodable[name] != nil)
        content.insert(object)
        return before
      }
      metrics.changed(objects: hadObject ? -1 : 0, undecodable: wasUndecodable ? 0 : 1)
      onChange(.undecodable(object))
    }
  }

  private func delete(_ metadata: ObjectMeta) {
    let name = metadata.namespacedName
    let (object, undecodable) = store.write(resourceVersion: metadata.resourceVersion) { content in
      (content.removeObject(name), content.removeUndecodable(name))
    }
    metrics.changed(objects: object == nil ? 0 : -1, undecodable: undecodable == nil ? 0 : -1)
    if let object { onChange(.deleted(object)) }
    if let undecodable { onChange(.undecodableDeleted(undecodable)) }
  }

  private func replace(with content: StoreContent<Object>, _ resourceVersion: String) {
    let old = store.replace(with: content, resourceVersion: resourceVersion)
    metrics.relisted()
    metrics.changed(
      objects: content.count - old.count, undecodable: content.undecodable.count - old.undecodable.count)
    for object in old.objects where content[object.name] == nil && content.undecodable[object.name] == nil {
      onChange(.deleted(object))
    }
    for (name, object) in old.undecodable where content[name] == nil && content.undecodable[name] == nil {
      onChange(.undecodableDeleted(object))
    }
    for object in content.objects { report(old[object.name], object) }
    for (name, object) in content.undecodable {
      let known = old.undecodable[name]?.metadata.resourceVersion
      if known == nil || known != object.metadata.resourceVersion { onChange(.undecodable(object)) }
    }
    onChange(.synced)
  }

  private func report(_ old: Object?, _ new: Object) {
    guard let old else { return onChange(.changed(old: nil, new: new)) }
    if old.metadata.uid != new.metadata.uid {
      onChange(.deleted(old))
      onChange(.changed(old: nil, new: new))
    } else if new.metadata.resourceVersion.isEmpty || old.metadata.resourceVersion != new.metadata.resourceVersion {
      onChange(.changed(old: old, new: new))
    }
  }
}
