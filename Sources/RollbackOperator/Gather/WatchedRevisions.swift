import ControllerRuntime
import Synchronization

/// The revisions of each workload whose pods are watched, so that a visit looks at those of its own workload and not
/// through everybody's.
final class WatchedRevisions: Sendable {
  private let hashes = Mutex<[NamespacedName: Set<String>]>([:])

  /// Takes down which revisions of a workload are to be watched.
  ///
  /// - Parameter releasesOthers: whether those that were watched and are not named any more are let go.
  /// - Returns: the template hashes of those that are let go.
  func update(_ wanted: Set<String>, of workload: NamespacedName, releasesOthers: Bool) -> Set<String> {
    hashes.withLock { hashes in
      let before = hashes[workload] ?? []
      let after = releasesOthers ? wanted : wanted.union(before)
      hashes[workload] = after.isEmpty ? nil : after
      return before.subtracting(after)
    }
  }

  /// Workloads with such revisions.
  var count: Int { hashes.withLock { $0.count } }
}
