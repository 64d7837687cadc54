import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Synchronization

/// When containers of watched pods restarted. Kubernetes keeps only a counter and the last termination; a trigger asks
/// how many restarts fell into a window.
final class RestartLog: Sendable {
  private struct Entry {
    var count: Int
    var times: [Date]
  }

  /// Restarts kept per container; a trigger cannot count more.
  private static let maximum = 100

  /// By UID of the pod and name of the container.
  private typealias Pods = [String: [String: Entry]]

  /// By workload and template hash, so that what is no longer watched goes as a whole.
  private let workloads = Mutex<[NamespacedName: [String: Pods]]>([:])

  /// The restarts of a pod's containers, by container.
  subscript(podUID: String, of key: RevisionPods) -> [String: [Date]] {
    workloads.withLock { ($0[key.workload]?[key.hash]?[podUID] ?? [:]).mapValues(\.times) }
  }

  /// Takes a pod in as it is now.
  func see(_ pod: Pod, of key: RevisionPods, at now: Date) {
    let statuses = pod.status.initContainerStatuses + pod.status.containerStatuses
    guard statuses.contains(where: { $0.restartCount > 0 }) else { return }
    workloads.withLock { workloads in
      var pods = workloads[key.workload]?[key.hash] ?? [:]
      for status in statuses where status.restartCount > 0 {
        let known = pods[pod.metadata.uid]?[status.name]
        var entry = known ?? Entry(count: 0, times: [])
        let new = min(status.restartCount - entry.count, Self.maximum)
        guard new > 0 else { continue }
        let last = status.lastState?.termination?.finishedAt ?? now
        let first = known == nil ? pod.metadata.creationTimestamp ?? last : last
        entry.times += Self.spread(new, from: min(first, last), to: last)
        entry.times.removeFirst(max(0, entry.times.count - Self.maximum))
        entry.count = status.restartCount
        pods[pod.metadata.uid, default: [:]][status.name] = entry
      }
      if !pods.isEmpty { workloads[key.workload, default: [:]][key.hash] = pods }
    }
  }

  func forget(_ podUID: String, of key: RevisionPods) {
    workloads.withLock { workloads in
      guard var pods = workloads[key.workload]?[key.hash] else { return }
      pods[podUID] = nil
      workloads[key.workload]?[key.hash] = pods.isEmpty ? nil : pods
      if workloads[key.workload]?.isEmpty == true { workloads[key.workload] = nil }
    }
  }

  /// Forgets the pods of all revisions of a workload but these: nobody says any more when they are gone.
  func keep(_ hashes: Set<String>, of workload: NamespacedName) {
    workloads.withLock { workloads in
      guard let kept = workloads[workload]?.filter({ hashes.contains($0.key) }) else { return }
      workloads[workload] = kept.isEmpty ? nil : kept
    }
  }

  /// Pods with restarts.
  var count: Int { workloads.withLock { $0.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } } } }

  /// Restarts that were not seen happen lie somewhere between two known moments; the last is known.
  private static func spread(_ count: Int, from first: Date, to last: Date) -> [Date] {
    let step = last.timeIntervalSince(first) / Double(count)
    return (1...count).map { first.addingTimeInterval(step * Double($0)) }
  }
}
