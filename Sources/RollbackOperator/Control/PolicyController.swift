import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Logging
import RollbackCore

/// Keeps the status of policies: written only when it changed, bounded, and never beside another writer's unseen
/// change.
struct PolicyController: Sendable {
  var client: KubernetesClient
  var caches: Caches
  var memories: TargetMemories
  var tracker: WriteTracker
  var contention: StatusContention
  var clock: any RuntimeClock
  var metrics: OperatorMetrics
  var logger: Logger
  /// Asks for a workload to be assessed again.
  var reassess: @Sendable (NamespacedName) -> Void

  func reconcile(_ name: NamespacedName) async -> WorkOutcome {
    guard let scope = caches.scope(name.namespace), let policy = scope.policies.get(name) else {
      metrics.policyRemoved(name)
      contention.forget(name)
      return .gone
    }
    if let wait = tracker.timeUntilTrusted(.rollbackPolicies, name, seen: policy.metadata.resourceVersion) {
      return .again(after: wait, lane: .housekeeping)
    }
    let status = build(policy, scope)
    metrics.policyChanged(
      name, mode: policy.validSpec?.mode, target: policy.validSpec?.target.name ?? "(selector)",
      state: status.state ?? .watching)
    do throws(KubernetesError) {
      let new = try encode(status)
      let old = try encode(policy.status)
      guard !new.isSemanticallyEqual(to: old) else { return .settled }
      if let pause = contention.pause(name, seen: policy.metadata, now: clock.monotonicTime) {
        return .again(after: pause, lane: .housekeeping)
      }
      try await write(new, over: old, policy)
      return .settled
    } catch {
      if error.code == .notFound { return .settled }
      if error.code == .conflict { return await conflicted(policy) }
      logger.warning("Status not written", metadata: ["policy": "\(name)", "error": "\(error)"])
      return .failed(error)
    }
  }

  /// Another operator wrote: what it remembers about when things began comes first. Nothing is written again before the
  /// cache, which may be far behind, has that write.
  private func conflicted(_ policy: PolicyObject) async -> WorkOutcome {
    let name = policy.metadata.namespacedName
    do throws(KubernetesError) {
      let live = try await client.get(PolicyObject.self, namespace: name.namespace, name: name.name)
      tracker.expects(.rollbackPolicies, name, resourceVersion: live.metadata.resourceVersion)
    } catch {
      return error.code == .notFound ? .settled : .failed(error)
    }
    memories.forget(policyUID: policy.metadata.uid)
    for target in caches.targets(of: policy) { reassess(target.metadata.namespacedName) }
    return .again(after: .milliseconds(100), lane: .housekeeping)
  }

  private func build(_ policy: PolicyObject, _ scope: CacheScope) -> PolicyStatus {
    let targets = caches.targets(of: policy).map { deployment in
      (workload: deployment.metadata, entry: memories[policy.metadata.uid, deployment.metadata.uid])
    }
    let undecodable = scope.deployments.undecodable.values.filter { broken in
      broken.metadata.namespace == policy.metadata.namespace
        && (policy.validSpec?.target.matches(name: broken.metadata.name) { broken.metadata.labels[$0] } ?? false)
    }
    return PolicyStatusBuilder(
      policy: policy, targets: targets, undecodable: undecodable.sorted { $0.metadata.name < $1.metadata.name },
      events: caches.events(policy: policy.metadata), now: clock.wallTime
    ).build()
  }

  private func write(_ new: JSONValue, over old: JSONValue, _ policy: PolicyObject) async throws(KubernetesError) {
    var status = new
    // A merge patch keeps what it does not name.
    for key in old.object?.keys ?? [] where status[key] == nil { status[key] = .null }
    let metadata = policy.metadata
    let written = try await client.patch(
      .rollbackPolicies, namespace: metadata.namespace, name: metadata.name, subresource: "status",
      .merge([
        "metadata": ["uid": .string(metadata.uid), "resourceVersion": .string(metadata.resourceVersion)],
        "status": status,
      ]))
    if let version = written.at("/metadata/resourceVersion")?.string {
      tracker.expects(.rollbackPolicies, metadata.namespacedName, resourceVersion: version)
      contention.wrote(metadata.namespacedName, over: metadata, version: version, now: clock.monotonicTime)
    }
  }

  private func encode(_ status: PolicyStatus) throws(KubernetesError) -> JSONValue {
    do {
      return try JSONValue(encoding: status)
    } catch {
      throw KubernetesError(.decoding, request: "status of a RollbackPolicy", reason: "it cannot be encoded: \(error)")
    }
  }
}
