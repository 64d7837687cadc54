import FoundationEssentials
import KubernetesClient
import Synchronization

/// All pods that there are and that there were lately, with what was measured of them: the place of exporters, of
/// metrics-server and of the kubelets' logs.
///
/// What a pod is like follows from the annotations of its template, and from what is annotated on it while it runs.
public final class PodHistory: Sendable {
  /// So long after its end a pod is still in the windows of queries, in seconds.
  static let retention = 7_200.0

  private struct State {
    var pods: [String: MeasuredPod] = [:]
    /// UIDs of pods that are gone, oldest first.
    var gone: [(uid: String, at: Date)] = []
  }

  let now: @Sendable () -> Date
  private let state = Mutex(State())

  /// - Parameter server: whose pods are followed from now on.
  public init(_ server: SimulatedAPIServer) {
    now = server.now
    server.observe { [weak self] in self?.take($0) }
  }

  /// What there is and was, in the order of namespaces and names.
  public var pods: [MeasuredPod] {
    state.withLock { Array($0.pods.values) }.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }

  private func take(_ change: Change) {
    guard change.resource == .pods, let uid = change.new.at("/metadata/uid")?.string else { return }
    let now = now()
    state.withLock { state in
      if state.pods[uid] == nil { state.pods[uid] = MeasuredPod(change.new, at: now) }
      guard change.verb == .deleted else {
        state.pods[uid]?.take(change.new, at: now)
        return
      }
      state.pods[uid]?.finish(at: now)
      state.gone.append((uid, now))
      let old = state.gone.prefix { now.timeIntervalSince($0.at) > Self.retention }
      for pod in old { state.pods[pod.uid] = nil }
      state.gone.removeFirst(old.count)
    }
  }
}
