import FoundationEssentials
import KubernetesClient
import RollbackCore

extension WorkloadFacts {
  init(_ deployment: Deployment) {
    let status = deployment.status
    let progressing = status.condition("Progressing").map {
      Progressing(
        isTrue: $0.isTrue, reason: $0.reason, lastUpdate: $0.lastUpdateTime, lastTransition: $0.lastTransitionTime)
    }
    self.init(
      namespace: deployment.metadata.namespace ?? "", name: deployment.metadata.name, uid: deployment.metadata.uid,
      isPaused: deployment.spec.paused, isBeingDeleted: deployment.metadata.deletionTimestamp != nil,
      generation: deployment.metadata.generation, observedGeneration: status.observedGeneration,
      desiredReplicas: deployment.spec.replicas, replicas: status.replicas, updatedReplicas: status.updatedReplicas,
      availableReplicas: status.availableReplicas,
      revision: deployment.metadata.annotations[Annotation.revision].flatMap { Int64($0) }, progressing: progressing,
      progressDeadlineSeconds: Int64(deployment.spec.progressDeadlineSeconds))
  }
}

extension PodFacts {
  /// - Parameter restarts: when restarts of a container were seen to happen, by container name.
  init(_ pod: Pod, restarts: [String: [Date]]) {
    let ready = pod.status.condition("Ready")
    let scheduled = pod.status.condition("PodScheduled")
    let isUnschedulable = scheduled?.status == "False" && scheduled?.reason == "Unschedulable"
    self.init(
      name: pod.metadata.name, uid: pod.metadata.uid, createdAt: pod.metadata.creationTimestamp,
      isBeingDeleted: pod.metadata.deletionTimestamp != nil, phase: pod.status.phase, isReady: ready?.isTrue ?? false,
      readyChangedAt: ready?.lastTransitionTime,
      unschedulableSince: isUnschedulable
        ? scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? Date(timeIntervalSince1970: 0) : nil,
      containers: (pod.status.initContainerStatuses + pod.status.containerStatuses).map {
        ContainerFacts($0, restarts: restarts[$0.name] ?? [])
      })
  }
}

extension ContainerFacts {
  init(_ status: ContainerStatus, restarts: [Date]) {
    let last = status.state?.termination ?? status.lastState?.termination
    self.init(
      name: status.name, waitingReason: status.state?.waitingReason, terminationReason: last?.reason,
      terminatedAt: last?.finishedAt, restarts: restarts)
  }
}
