/// What a ``Watcher`` tells, in the order in which it is true.
///
/// Between ``relistStarted`` and ``relistDone(resourceVersion:)`` a new whole is put together: what is ``relisted(_:)``
/// belongs to it, what is ``deleted(_:)`` meanwhile does not any more. The old whole stays in use until it is done. A
/// re-list that fails on the way starts again with another ``relistStarted``.
public enum WatcherEvent<Object: KubernetesObject>: Sendable {
  /// What was seen before is stale until `.relistDone`.
  case relistStarted
  /// One object of the new whole.
  case relisted(Decoded<Object>)
  /// The new whole is complete; it is not older than anything told before, unless the server's data was restored from a
  /// backup.
  case relistDone(resourceVersion: String)
  /// An object was added or changed.
  case applied(Decoded<Object>)
  /// An object is gone; this is its last state.
  case deleted(Decoded<Object>)
  /// Everything up to this resource version has been told.
  case bookmark(resourceVersion: String)
  /// The watch broke and goes on by itself: where it was, or with a list (``WatchOptions/afterInterruption``).
  case interrupted(KubernetesError)
}
