import KubernetesClient
import RollbackCore
import Synchronization

/// The templates that events have undone, as far as this process has written or read it. A cache may lag behind, and
/// where the verdict Bad could not be written either, nothing else says that such a template is no target.
final class UndoneTemplates: Sendable {
  /// By workload UID and event UID.
  private let hashes = Mutex<[String: [String: String]]>([:])

  /// Takes an event as it was just written or read.
  func note(_ event: EventObject) {
    guard event.record.isAccepted, let workload = event.spec.target.uid, let hash = event.status.from?.hash else {
      return
    }
    hashes.withLock { $0[workload, default: [:]][event.metadata.uid] = hash }
  }

  /// The event is gone, and with it what it said.
  func forget(_ event: EventObject) {
    guard let workload = event.spec.target.uid else { return }
    hashes.withLock { hashes in
      hashes[workload]?[event.metadata.uid] = nil
      if hashes[workload]?.isEmpty == true { hashes[workload] = nil }
    }
  }

  func forget(workloadUID: String) { hashes.withLock { $0[workloadUID] = nil } }

  /// The template hashes that were undone of a workload.
  subscript(workloadUID: String) -> Set<String> { hashes.withLock { Set($0[workloadUID]?.values ?? [:].values) } }
}
