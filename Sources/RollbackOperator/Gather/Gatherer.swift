import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Reads, never judges: caches and clock → ``Facts`` and ``Observation``.
struct Gatherer: Sendable {
  var caches: Caches
  var memories: TargetMemories
  var clock: any RuntimeClock

  /// - Parameter live: when given, the revisions as just read instead of the cached ones.
  func facts(policy: PolicyObject, spec: PolicySpec, deployment: Deployment, live: LiveWorkload? = nil) -> Facts {
    let name = deployment.metadata.namespacedName
    let subject = live?.deployment ?? deployment
    let revisions = live?.revisions ?? caches.revisions(of: deployment)
    let workload = WorkloadFacts(subject)
    let hash = RevisionBook(revisions).current(number: workload.revision)?.hash
    let history = caches.events(target: name)
      .filter { $0.spec.target.uid == deployment.metadata.uid && $0.spec.policy?.uid == policy.metadata.uid }
    return Facts(
      now: clock.wallTime,
      policy: PolicyFacts(name: policy.metadata.name, uid: policy.metadata.uid, spec: spec),
      workload: workload, revisions: revisions,
      suspectPods: hash.flatMap { caches.podFacts(RevisionPods(workload: name, hash: $0)) },
      memory: memories.memory(policy: policy, workload: deployment.metadata),
      history: history.map(\.facts), undoneHashes: undoneHashes(deployment.metadata))
  }

  private func undoneHashes(_ deployment: ObjectMeta) -> Set<String> {
    let undone = caches.events(target: deployment.namespacedName)
      .filter { $0.spec.target.uid == deployment.uid && $0.record.isAccepted }
    return Set(undone.compactMap { $0.status.from?.hash })
  }

  /// What the caches say about the workload of an event.
  func observation(
    _ event: EventObject, policy: Observation.Policy, permission: Permission
  ) -> Observation {
    let deployment = caches.deployment(event.targetName)
      .flatMap { event.spec.target.uid == nil || $0.metadata.uid == event.spec.target.uid ? $0 : nil }
    let revisions =
      deployment.map { RevisionBook(caches.revisions(of: $0), undoneHashes: undoneHashes($0.metadata)) }
      ?? RevisionBook([])
    let workload = deployment.map { WorkloadFacts($0) }
    return Observation(
      now: clock.wallTime, policy: policy, workload: workload, revisions: revisions,
      current: revisions.current(number: workload?.revision), isLive: false, permission: permission,
      returnedPods: returnedPods(event))
  }

  /// What the API server just said about the workload of an event.
  func observation(
    _ event: EventObject, policy: Observation.Policy, permission: Permission, live: LiveWorkload?
  ) -> Observation {
    var seen = Observation(
      now: clock.wallTime, policy: policy, workload: live.map { WorkloadFacts($0.deployment) },
      revisions: RevisionBook(
        live?.revisions ?? [], undoneHashes: live.map { undoneHashes($0.deployment.metadata) } ?? []),
      current: live?.current, isLive: true,
      unusable: live?.unusable ?? [:], permission: permission, returnedPods: returnedPods(event))
    seen.bearsUndo = live.map { UndoPatch.isRecorded(on: $0, event: event) } ?? false
    return seen
  }

  private func returnedPods(_ event: EventObject) -> [PodFacts]? {
    event.status.to?.hash.flatMap { caches.podFacts(RevisionPods(workload: event.targetName, hash: $0)) }
  }
}
