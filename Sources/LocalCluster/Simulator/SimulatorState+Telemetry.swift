import FoundationEssentials
import KubernetesClient

/// What is measured of one pod at one moment.
struct PodTelemetry {
  var pod: Pod
  var address: String
  var timeline: ContainerTimeline
  var moment: ContainerMoment
  var signals: PodSignals
  var traffic: PodTraffic
  /// How long the pod has shown its own signals, in seconds.
  var signalsFor: TimeInterval

  /// Whether there is a process that could be asked for anything.
  var isRunning: Bool { if case .running = moment.state { true } else { false } }

  /// The name of the Deployment, or of the other workload, that the pod is of; the pod's own if there is none.
  var workload: String {
    guard let owner = pod.metadata.ownerReferences.first(where: \.isController) else { return pod.metadata.name }
    let suffix = "-" + templateHash
    return owner.kind == "ReplicaSet" && owner.name.hasSuffix(suffix)
      ? String(owner.name.dropLast(suffix.count)) : owner.name
  }

  var templateHash: String { pod.metadata.labels["pod-template-hash"] ?? "" }
}

extension SimulatorState.Entry {
  /// An annotation that became unreadable on a running pod changes nothing.
  func timeline(since start: Date) -> ContainerTimeline {
    ContainerTimeline(behaviour: (try? behaviour.get()) ?? PodBehaviour(), start: start, changed: changed)
  }

  /// Counts what the pod has served up to `now`, which must be done before its behaviour changes.
  mutating func count(until now: Date) {
    guard let start else { return }
    var traffic = traffic ?? PodTraffic(since: start)
    traffic.advance(to: now, timeline(since: start))
    self.traffic = traffic
  }
}

extension SimulatorState {
  /// What is measured of all pods that were started, in the order of their namespaces and names.
  mutating func telemetry(at now: Date) -> [PodTelemetry] {
    for uid in entries.keys { entries[uid]?.count(until: now) }
    return entries.compactMap { uid, entry -> PodTelemetry? in
      guard let start = entry.start, let traffic = entry.traffic else { return nil }
      let timeline = entry.timeline(since: start)
      return PodTelemetry(
        pod: entry.pod, address: SimulatedPod.address(uid: uid), timeline: timeline, moment: timeline.moment(at: now),
        signals: timeline.signals(at: now), traffic: traffic,
        signalsFor: max(0, now.timeIntervalSince(timeline.signalsTurn)))
    }.sorted {
      ($0.pod.metadata.namespace ?? "", $0.pod.metadata.name) < ($1.pod.metadata.namespace ?? "", $1.pod.metadata.name)
    }
  }
}
