import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Reads, never judges: caches and clock → ``Facts`` and ``Observation``.
struct Gatherer: Sendable {
  var caches: Caches
  var memories: TargetMemories
  var samples: SampleBook
  var breaches: BreachRegister
  var freeze: FreezeReader
  var undone: UndoneTemplates
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
    var facts = Facts(
      now: clock.wallTime,
      policy: PolicyFacts(name: policy.metadata.name, uid: policy.metadata.uid, spec: spec),
      workload: workload, revisions: revisions,
      suspectPods: hash.flatMap { caches.podFacts(RevisionPods(workload: name, hash: $0)) },
      memory: memories.memory(policy: policy, workload: deployment.metadata),
      history: history.map(\.facts), undoneHashes: undoneHashes(deployment.metadata),
      samples: samples.series(policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid))
    facts.freeze = live.map(\.freeze) ?? freeze.last
    facts.peers = breaches.peers(
      policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid, at: facts.now)
    facts.holdReason = subject.metadata.annotations[Annotation.hold] ?? policy.metadata.annotations[Annotation.hold]
    return facts
  }

  private func undoneHashes(_ deployment: ObjectMeta) -> Set<String> {
    let undone = caches.events(target: deployment.namespacedName)
      .filter { $0.spec.target.uid == deployment.uid && $0.record.isAccepted }
    return Set(undone.compactMap { $0.status.from?.hash }).union(self.undone[deployment.uid])
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
    var seen = Observation(
      now: clock.wallTime, policy: policy, workload: workload, revisions: revisions,
      current: revisions.current(number: workload?.revision), isLive: false, permission: permission,
      returnedPods: returnedPods(event))
    seen.samples = samples(of: event)
    seen.freeze = freeze.last
    return seen
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
    seen.samples = samples(of: event)
    seen.freeze = live.map(\.freeze) ?? freeze.last
    seen.bearsUndo = live.map { UndoPatch.isRecorded(on: $0, event: event) } ?? false
    return seen
  }

  private func samples(of event: EventObject) -> [String: SampleSeries] {
    guard let policy = event.spec.policy?.uid, let workload = event.spec.target.uid else { return [:] }
    return samples.series(policyUID: policy, workloadUID: workload)
  }

  private func returnedPods(_ event: EventObject) -> [PodFacts]? {
    event.status.to?.hash.flatMap { caches.podFacts(RevisionPods(workload: event.targetName, hash: $0)) }
  }
}
