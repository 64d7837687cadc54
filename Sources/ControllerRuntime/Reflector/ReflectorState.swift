import KubernetesClient

/// Turns the events of a watcher into steps for a store, without the store: a re-list is gathered aside and handed over
/// whole, and never one that is older than what was already seen.
///
/// An API server that has fallen behind may answer a list with a past state ("time travel", kubernetes#67998). Such a
/// list is kept aside and the watch that follows is applied to it until it has caught up with what was seen, or until
/// a time limit: after a restore from a backup the past is the present.
struct ReflectorState<Object: KubernetesObject>: Sendable {
  enum Step: Sendable {
    /// Nothing changes for readers.
    case none
    case apply(Decoded<Object>)
    case delete(Decoded<Object>)
    /// The store is complete up to this resource version.
    case progress(resourceVersion: String)
    /// A whole list: swap it in.
    case replace(StoreContent<Object>, resourceVersion: String)
    /// A list from the past was put aside.
    case heldBack(listed: String, seen: UInt64)
    /// What the store holds may have changed meanwhile.
    case interrupted
  }

  private let catchUpLimit: Duration
  /// The highest resource version seen, when they are numbers.
  private var seen: UInt64?
  /// The list that is being gathered or that has to catch up.
  private var gathered: StoreContent<Object>?
  private var catchUpUntil: Duration?

  init(catchUpLimit: Duration = .seconds(60)) {
    self.catchUpLimit = catchUpLimit
  }

  /// - Parameters:
  ///   - now: monotonic.
  ///   - empty: makes the content a re-list is gathered into.
  ///   - known: the object in the store, which stands for a re-listed one of the same resource version to save memory.
  mutating func handle(
    _ event: WatcherEvent<Object>, now: Duration, empty: () -> StoreContent<Object>,
    known: (NamespacedName) -> Object?
  ) -> Step {
    switch event {
    case .relistStarted:
      gathered = empty()
      catchUpUntil = nil
      return .none
    case .relisted(let object):
      gather(object, known: known)
      return .none
    case .relistDone(let resourceVersion):
      if let seen, let listed = ResourceVersionOrder.number(resourceVersion), listed < seen {
        catchUpUntil = now + catchUpLimit
        return .heldBack(listed: resourceVersion, seen: seen)
      }
      return handOver(resourceVersion)
    case .applied(let object):
      guard gathered == nil else {
        gather(object, known: { _ in nil })
        return caughtUp(object.metadata.resourceVersion, now: now)
      }
      note(object.metadata.resourceVersion)
      return .apply(object)
    case .deleted(let object):
      guard gathered == nil else {
        gathered?.removeObject(object.metadata.namespacedName)
        gathered?.removeUndecodable(object.metadata.namespacedName)
        return caughtUp(object.metadata.resourceVersion, now: now)
      }
      note(object.metadata.resourceVersion)
      return .delete(object)
    case .bookmark(let resourceVersion):
      guard gathered == nil else { return caughtUp(resourceVersion, now: now) }
      note(resourceVersion)
      return .progress(resourceVersion: resourceVersion)
    case .interrupted:
      return .interrupted
    }
  }

  private mutating func gather(_ object: Decoded<Object>, known: (NamespacedName) -> Object?) {
    switch object {
    case .object(let object):
      let version = object.metadata.resourceVersion
      if !version.isEmpty, let known = known(object.name), known.metadata.resourceVersion == version {
        gathered?.insert(known)
      } else {
        gathered?.insert(object)
      }
    case .undecodable(let object):
      gathered?.insert(object)
    }
  }

  private mutating func caughtUp(_ resourceVersion: String, now: Duration) -> Step {
    guard let catchUpUntil else { return .none }
    let isCurrent =
      switch (seen, ResourceVersionOrder.number(resourceVersion)) {
      case (let seen?, let reached?): reached >= seen
      default: true
      }
    guard isCurrent || now >= catchUpUntil else { return .none }
    return handOver(resourceVersion)
  }

  private mutating func handOver(_ resourceVersion: String) -> Step {
    guard let content = gathered else { return .none }
    gathered = nil
    catchUpUntil = nil
    seen = ResourceVersionOrder.number(resourceVersion)
    return .replace(content, resourceVersion: resourceVersion)
  }

  private mutating func note(_ resourceVersion: String) {
    guard let number = ResourceVersionOrder.number(resourceVersion) else { return }
    seen = max(seen ?? 0, number)
  }
}
