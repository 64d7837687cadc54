public import KubernetesClient
import Synchronization

/// Distrusts the cache after one's own write: a decision waits until the store has seen that write.
///
/// After each write the writer notes the resource version of the response; before a decision it asks with the
/// resource version the store holds now. The store is asked, not told, so the order in which response and watch event
/// arrive does not matter. Nothing of the response goes into the store.
///
/// An expectation ends after a time limit, so that a lost watch event cannot block an object for ever; by then the
/// store has been re-listed or its staleness is visible otherwise.
public final class WriteTracker: Sendable {
  private struct Object: Hashable {
    var resource: APIResource
    var name: NamespacedName
  }

  private struct Expectation {
    var resourceVersion: String
    var until: Duration
  }

  private struct State {
    var expectations: [Object: Expectation] = [:]
    var sweepAt = 256
  }

  private let state = Mutex(State())
  private let clock: any RuntimeClock
  private let limit: Duration

  /// - Parameter limit: after this time an unseen write is no longer waited for.
  public init(clock: any RuntimeClock, limit: Duration = .seconds(10)) {
    self.clock = clock
    self.limit = limit
  }

  /// An own write of the object got this resource version; the object is not current until the store has it or a
  /// later one.
  public func expects(_ resource: APIResource, _ name: NamespacedName, resourceVersion: String) {
    let now = clock.monotonicTime
    state.withLock { state in
      let object = Object(resource: resource, name: name)
      if let older = state.expectations[object],
        ResourceVersionOrder.of(resourceVersion, comparedTo: older.resourceVersion) == .older
      {
        return
      }
      if state.expectations.count >= state.sweepAt {
        state.expectations = state.expectations.filter { $0.value.until > now }
        state.sweepAt = max(256, state.expectations.count * 2)
      }
      state.expectations[object] = Expectation(resourceVersion: resourceVersion, until: now + limit)
    }
  }

  /// Whether everything written to the object here has been seen.
  ///
  /// Resource versions are ordered only when both are decimal integers; otherwise only the very version counts.
  ///
  /// - Parameter seen: the resource version the store holds now, nil when it holds no such object.
  public func isCurrent(_ resource: APIResource, _ name: NamespacedName, seen: String?) -> Bool {
    timeUntilTrusted(resource, name, seen: seen) == nil
  }

  /// How long an unseen write is still waited for, nil when the object is current.
  ///
  /// The watch event of the write normally comes first; this is when to look again in case it does not.
  public func timeUntilTrusted(_ resource: APIResource, _ name: NamespacedName, seen: String?) -> Duration? {
    let now = clock.monotonicTime
    return state.withLock { state in
      let object = Object(resource: resource, name: name)
      guard let expectation = state.expectations[object] else { return nil }
      let order = seen.map { ResourceVersionOrder.of($0, comparedTo: expectation.resourceVersion) }
      if order == .same || order == .newer || expectation.until <= now {
        state.expectations[object] = nil
        return nil
      }
      return expectation.until - now
    }
  }

  /// The object is gone, for instance because its deletion was seen: there is nothing to wait for.
  public func forget(_ resource: APIResource, _ name: NamespacedName) {
    state.withLock { $0.expectations[Object(resource: resource, name: name)] = nil }
  }

  /// Writes that have not been seen yet.
  public var pending: Int { state.withLock { $0.expectations.count } }
}
