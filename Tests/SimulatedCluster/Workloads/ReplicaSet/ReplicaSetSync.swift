import FoundationEssentials
import KubernetesClient

/// One look of the ReplicaSet controller at one ReplicaSet, and what it does about it.
struct ReplicaSetSync {
  static let user = "system:serviceaccount:kube-system:replicaset-controller"
  /// The most pods that are made or deleted at one look.
  static let burst = 500

  let server: SimulatedAPIServer
  let now: Date
  let set: ReplicaSetObject
  /// All pods of the ReplicaSet.
  let pods: [PodObject]
  /// How many active pods of all ReplicaSets of the Deployment are on each node.
  let crowd: () -> [String: Int]

  /// - Returns: when to look again although nothing changes; `nil` for never.
  func run() throws(Refusal) -> Duration? {
    let active = pods.filter(\.isActive)
    var failure: (reason: String, message: String)?
    if !set.isBeingDeleted { failure = manage(active) }
    try write(status(active, failure))
    if let failure { throw Refusal(status: Status(message: failure.message, reason: failure.reason, code: 500)) }
    return nextAvailability(active)
  }

  private func manage(_ active: [PodObject]) -> (reason: String, message: String)? {
    let missing = set.replicas - active.count
    if missing > 0 {
      let pod = newPod()
      for _ in 0..<min(missing, Self.burst) {
        do throws(Refusal) {
          try server.create(.pods, set.namespace, pod, user: Self.user)
        } catch {
          return ("FailedCreate", error.status.message)
        }
      }
    } else if missing < 0 {
      let crowd = crowd()
      let order = active.sorted { PodObject.goesFirst($0, $1, crowd: crowd) }
      for pod in order.prefix(min(-missing, Self.burst)) {
        do throws(Refusal) {
          try server.delete(.pods, set.namespace, pod.name, user: Self.user)
        } catch {
          // Somebody else was faster.
          if error.status.code != 404 { return ("FailedDelete", error.status.message) }
        }
      }
    }
    return nil
  }

  private func newPod() -> JSONValue {
    let template = set.template
    var metadata: JSONValue = [
      "generateName": .string("\(set.name)-"), "namespace": .string(set.namespace),
      "ownerReferences": [OwnerIndex.reference(to: set.document, .replicaSets)],
    ]
    for key in ["labels", "annotations", "finalizers"] {
      if let value = template["metadata"]?[key] { metadata[key] = value }
    }
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? [:],
      "status": ["phase": "Pending"],
    ]
  }

  private func status(_ active: [PodObject], _ failure: (reason: String, message: String)?) -> ReplicaSetStatus {
    let labels = set.template["metadata"]?["labels"]?.texts ?? [:]
    var status = ReplicaSetStatus()
    status.observedGeneration = set.generation
    status.replicas = active.count
    status.fullyLabeledReplicas = active.count { pod in labels.allSatisfy { pod.labels[$0.key] == $0.value } }
    status.readyReplicas = active.count(where: \.isReady)
    status.availableReplicas = active.count { $0.isAvailable(after: set.minReadySeconds, at: now) }
    status.conditions = set.status.conditions
    let known = status.conditions.first { $0.type == "ReplicaFailure" }
    if let failure, known == nil {
      var condition = WorkloadCondition("ReplicaFailure", "True", failure.reason, failure.message, at: now)
      condition.lastUpdateTime = nil
      status.conditions.append(condition)
    } else if failure == nil {
      status.conditions.removeAll { $0.type == "ReplicaFailure" }
    }
    return status
  }

  private func write(_ status: ReplicaSetStatus) throws(Refusal) {
    guard status != set.status else { return }
    var document = set.document
    document["status"] = status.json
    try server.update(.replicaSets, set.namespace, document, subresource: "status", user: Self.user)
  }

  /// When the next of the ready pods has been so for long enough.
  private func nextAvailability(_ active: [PodObject]) -> Duration? {
    let waiting = active.filter { $0.isReady && !$0.isAvailable(after: set.minReadySeconds, at: now) }
    guard let first = waiting.compactMap(\.readySince).min() else { return nil }
    let left = (first + Double(set.minReadySeconds)).timeIntervalSince(now)
    return .milliseconds(Int64(max(0, left * 1_000).rounded(.up)) + 1)
  }
}
