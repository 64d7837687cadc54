public import KubernetesClient
import Synchronization

/// The objects of one watch, readable at once from anywhere.
///
/// Only a ``Reflector`` writes to it. After a re-list the content is swapped whole, so a reader never sees half of
/// it; no decision may be taken before ``isSynced``. An object that could not be decoded is not among the objects: it
/// is found, with the error, in ``undecodable``.
public final class Store<Object: KubernetesObject>: Sendable {
  private struct State: Sendable {
    var content: StoreContent<Object>
    var isSynced = false
    var isInterrupted = false
    var resourceVersion = ""
  }

  private let state: Mutex<State>
  private let synced = Gate()
  private let indexes: [StoreIndex<Object>]

  public init(indexes: [StoreIndex<Object>] = []) {
    self.indexes = indexes
    state = Mutex(State(content: StoreContent(indexes: indexes)))
  }

  // MARK: Reading

  /// Whether a whole list has been taken in. Once true it stays true, also while the watch is interrupted.
  public var isSynced: Bool { state.withLock { $0.isSynced } }

  /// Whether a whole list has been taken in and the watch has told every change since.
  ///
  /// Meant for watches that go on with a list after an interruption: others stay false until the next one. That a
  /// connection is dead takes up to 15 s to be known.
  public var isCurrent: Bool { state.withLock { $0.isSynced && !$0.isInterrupted } }

  /// Waits until a whole list has been taken in.
  ///
  /// - Throws: `CancellationError`
  public func waitUntilSynced() async throws { try await synced.wait() }

  /// Decoded objects.
  public var count: Int { state.withLock { $0.content.count } }

  /// The resource version up to which the content is known to be complete; empty before the first list.
  public var resourceVersion: String { state.withLock { $0.resourceVersion } }

  /// Objects that exist but could not be decoded; few, or something is very wrong.
  public var undecodable: [NamespacedName: UndecodableObject] { state.withLock { $0.content.undecodable } }

  /// The object of this name; nil when there is none or it cannot be decoded.
  public func get(_ name: NamespacedName) -> Object? { state.withLock { $0.content[name] } }

  /// The object of this name; nil when there is none or it cannot be decoded.
  ///
  /// - Parameter namespace: nil for kinds without namespace.
  public func get(namespace: String?, name: String) -> Object? {
    get(NamespacedName(namespace: namespace, name: name))
  }

  /// The objects with this value in the named index, in no particular order; none when there is no such index.
  public func byIndex(_ index: String, _ value: String) -> [Object] {
    state.withLock { $0.content.objects(index: index, value: value) }
  }

  /// The values of the named index that at least one object has.
  public func indexValues(_ index: String) -> [String] {
    state.withLock { $0.content.values(ofIndex: index) }
  }

  /// Goes through all objects, in no particular order, while nobody can write.
  ///
  /// The body must be short and must not use this store. Nothing is copied.
  public func visit(_ body: (Object) -> Void) {
    state.withLock { state in
      for object in state.content.objects { body(object) }
    }
  }

  /// All objects that pass, in no particular order. Copies references to each of them: for small stores and rare use.
  public func all(where isIncluded: (Object) -> Bool = { _ in true }) -> [Object] {
    var objects: [Object] = []
    visit { if isIncluded($0) { objects.append($0) } }
    return objects
  }

  /// The names of all decoded objects.
  public func names() -> [NamespacedName] { state.withLock { Array($0.content.names) } }

  // MARK: Writing, by the reflector

  func makeEmptyContent() -> StoreContent<Object> {
    var content = StoreContent(indexes: indexes)
    content.reserve(count)
    return content
  }

  /// - Returns: the content before.
  func replace(with content: StoreContent<Object>, resourceVersion: String) -> StoreContent<Object> {
    let old = state.withLock { state in
      let old = state.content
      state.content = content
      state.resourceVersion = resourceVersion
      state.isSynced = true
      state.isInterrupted = false
      return old
    }
    synced.open()
    return old
  }

  func interrupted() { state.withLock { $0.isInterrupted = true } }

  func write<Result: Sendable>(
    resourceVersion: String, _ change: (inout StoreContent<Object>) -> Result
  ) -> Result {
    state.withLock { state in
      if !resourceVersion.isEmpty { state.resourceVersion = resourceVersion }
      return change(&state.content)
    }
  }
}
