import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Which work a change of a cached object asks for. Only keys go on: what is decided is decided on what is true when
/// the key is worked on.
struct ChangeRouter: Sendable {
  var queue: WorkQueue<WorkKey>
  var templates: TemplateCache
  var restarts: RestartLog
  var memories: TargetMemories
  var samples: SampleBook
  var breaches: BreachRegister
  var undone: UndoneTemplates
  var metrics: OperatorMetrics
  var clock: any RuntimeClock

  /// Takes a change of any of the stores of a scope: how many objects cannot be decoded is a metric.
  private func countUndecodable<Object>(_ change: StoreChange<Object>, _ store: Store<Object>, _ scope: CacheScope) {
    switch change {
    // An object that is new to the store may be one that could not be decoded before.
    case .undecodable, .undecodableDeleted, .synced, .changed(old: nil, _):
      metrics.undecodableObjects(
        kind: Object.resource.kind, scope: scope.namespace ?? "", count: store.undecodable.count)
    case .changed, .deleted: break
    }
  }

  func policy(_ change: StoreChange<PolicyObject>, in scope: CacheScope) {
    countUndecodable(change, scope.policies, scope)
    switch change {
    case .changed(let old, let new):
      queue.add(.policy(new.metadata.namespacedName), .housekeeping)
      // A hold is an annotation: a person asks with it, and the spec stays as it is.
      let isHeld = new.metadata.annotations[Annotation.hold]
      guard old?.metadata.generation != new.metadata.generation || old?.metadata.annotations[Annotation.hold] != isHeld
      else { return }
      if let old { addTargets(of: old, in: scope) }
      addTargets(of: new, in: scope)
    case .deleted(let old):
      forget(policyUID: old.metadata.uid)
      queue.add(.policy(old.metadata.namespacedName), .housekeeping)
      addTargets(of: old, in: scope)
    case .undecodable(let broken), .undecodableDeleted(let broken):
      forget(policyUID: broken.metadata.uid)
      queue.add(.policy(broken.metadata.namespacedName), .housekeeping)
      // Which workloads it protected is not known any more.
      for deployment in scope.deployments.byIndex(CacheScope.Index.namespace, broken.metadata.namespace ?? "") {
        queue.add(.workload(deployment.metadata.namespacedName), .evaluate)
      }
    case .synced: break
    }
  }

  func deployment(_ change: StoreChange<Deployment>, in scope: CacheScope) {
    countUndecodable(change, scope.deployments, scope)
    switch change {
    case .changed(let old, let new):
      let name = new.metadata.namespacedName
      queue.add(.workload(name), .evaluate)
      // Whom a policy protects changes only when a workload comes or its labels change.
      guard old == nil || old?.metadata.labels != new.metadata.labels else { return }
      addPolicies(protecting: new, in: scope)
      if let old { addPolicies(protecting: old, in: scope) }
    case .deleted(let old):
      forget(workloadUID: old.metadata.uid)
      queue.add(.workload(old.metadata.namespacedName), .evaluate)
      addPolicies(protecting: old, in: scope)
    case .undecodable(let broken), .undecodableDeleted(let broken):
      forget(workloadUID: broken.metadata.uid)
      queue.add(.workload(broken.metadata.namespacedName), .evaluate)
      for policy in policies(broken.metadata.namespace, in: scope) {
        queue.add(.policy(policy.metadata.namespacedName), .housekeeping)
      }
    case .synced: break
    }
  }

  func replicaSet(_ change: StoreChange<ReplicaSetMetadata>, in scope: CacheScope) {
    countUndecodable(change, scope.replicaSets, scope)
    switch change {
    case .changed(_, let new):
      addOwner(of: new)
    case .deleted(let old):
      templates[old.metadata.uid] = nil
      addOwner(of: old)
    case .undecodable(let broken), .undecodableDeleted(let broken):
      templates[broken.metadata.uid] = nil
    case .synced: break
    }
  }

  func event(_ change: StoreChange<EventObject>, in scope: CacheScope) {
    countUndecodable(change, scope.events, scope)
    switch change {
    case .changed(let old, let new):
      // A finished event asks for nothing, however many there are.
      if !new.status.isFinal || old.map({ !$0.status.isFinal }) ?? false { queue.add(.workload(new.targetName), .act) }
      addPolicy(of: new)
    case .deleted(let old):
      undone.forget(old)
      queue.add(.workload(old.targetName), .evaluate)
      addPolicy(of: old)
    case .undecodable, .undecodableDeleted, .synced: break
    }
  }

  func pod(_ change: StoreChange<Pod>, of key: RevisionPods) {
    switch change {
    case .changed(_, let new): restarts.see(new, of: key, at: clock.wallTime)
    case .deleted(let old): restarts.forget(old.metadata.uid, of: key)
    case .undecodable, .undecodableDeleted, .synced: break
    }
    queue.add(.workload(key.workload), .act)
  }

  private func forget(policyUID: String) {
    memories.forget(policyUID: policyUID)
    samples.disarm(policyUID: policyUID)
    breaches.forget(policyUID: policyUID)
  }

  private func forget(workloadUID: String) {
    memories.forget(workloadUID: workloadUID)
    undone.forget(workloadUID: workloadUID)
    samples.disarm(workloadUID: workloadUID)
    breaches.forget(workloadUID: workloadUID)
  }

  private func addTargets(of policy: PolicyObject, in scope: CacheScope) {
    guard let target = policy.validSpec?.target, let namespace = policy.metadata.namespace else { return }
    if let name = target.name {
      queue.add(.workload(NamespacedName(namespace: namespace, name: name)), .evaluate)
      return
    }
    for deployment in scope.deployments.byIndex(CacheScope.Index.namespace, namespace) where target.protects(deployment)
    {
      queue.add(.workload(deployment.metadata.namespacedName), .evaluate)
    }
  }

  private func addPolicies(protecting deployment: Deployment, in scope: CacheScope) {
    for policy in scope.policies(protecting: deployment) {
      queue.add(.policy(policy.metadata.namespacedName), .housekeeping)
    }
  }

  private func policies(_ namespace: String?, in scope: CacheScope) -> [PolicyObject] {
    scope.policies.byIndex(CacheScope.Index.namespace, namespace ?? "")
  }

  private func addOwner(of replicaSet: ReplicaSetMetadata) {
    guard let owner = replicaSet.metadata.controller, owner.kind == APIResource.deployments.kind else { return }
    queue.add(.workload(NamespacedName(namespace: replicaSet.metadata.namespace, name: owner.name)), .evaluate)
  }

  private func addPolicy(of event: EventObject) {
    guard let policy = event.spec.policy else { return }
    queue.add(.policy(NamespacedName(namespace: event.metadata.namespace, name: policy.name)), .housekeeping)
  }
}
