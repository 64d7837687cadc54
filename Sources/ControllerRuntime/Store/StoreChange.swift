public import KubernetesClient

/// What a ``Reflector`` did to its ``Store``, told after the store was changed.
public enum StoreChange<Object: KubernetesObject>: Sendable {
  /// A whole list has been taken in, for the first time or again. Its changes were told before.
  case synced

  /// An object is new (`old` is nil) or has another resource version. One that was deleted and made again under the
  /// same name is told as deleted and new.
  case changed(old: Object?, new: Object)

  /// An object is gone, seen as an event or missing from a re-list. This is its last known state.
  case deleted(Object)

  /// An object cannot be decoded now; if it could before, it is no longer in the store.
  case undecodable(UndecodableObject)

  /// An object that could not be decoded is gone.
  case undecodableDeleted(UndecodableObject)

  /// The object concerned, nil for ``synced``.
  public var name: NamespacedName? {
    switch self {
    case .synced: nil
    case .changed(_, let object), .deleted(let object): object.metadata.namespacedName
    case .undecodable(let object), .undecodableDeleted(let object): object.metadata.namespacedName
    }
  }
}
