import FoundationEssentials
import KubernetesClient

/// One look of the Deployment controller at one Deployment, and what it does about it.
///
/// Does what `kube-controller-manager` does, in its order of writes, with these simplifications: it reads the API
/// server and not a cache of its own, so that it never works on old state (how late it looks is ``Pace``'s business),
/// and it records no events.
struct DeploymentSync {
  static let user = "system:serviceaccount:kube-system:deployment-controller"

  let server: SimulatedAPIServer
  let now: Date
  let hashes: TemplateFingerprints
  let historyOrder: HistoryOrder
  var deployment: DeploymentObject
  /// All of the Deployment, as they were when it was looked at.
  var replicaSets: [ReplicaSetObject]
  /// Pods by UID of their ReplicaSet; asked for only by the strategy that needs them.
  let pods: (ReplicaSetObject) -> [JSONValue]

  var newest: ReplicaSetObject?
  var old: [ReplicaSetObject] = []

  var all: [ReplicaSetObject] { old + (newest.map { [$0] } ?? []) }

  /// - Returns: when to look again although nothing changes; `nil` for never.
  mutating func run() throws(Refusal) -> Duration? {
    if deployment.isBeingDeleted {
      try findReplicaSets(creates: false)
      return try writeStatus(status())
    }
    try notePause()
    try findReplicaSets(creates: false)
    if deployment.isPaused || isScaling { return try scaleAll() }
    return deployment.strategy.isRecreate ? try recreate() : try roll()
  }

  /// A pause is noted so that the time it takes does not count as lack of progress.
  private mutating func notePause() throws(Refusal) {
    guard deployment.progressDeadlineSeconds != nil else { return }
    let condition = deployment.status["Progressing"]
    if condition?.reason == "ProgressDeadlineExceeded" { return }
    let isNoted = condition?.reason == "DeploymentPaused"
    if deployment.isPaused, !isNoted {
      deployment.status.set(progressing("Unknown", "DeploymentPaused", "Deployment is paused"))
    } else if !deployment.isPaused, isNoted {
      deployment.status.set(progressing("Unknown", "DeploymentResumed", "Deployment is resumed"))
    } else {
      return
    }
    try writeDeployment()
  }

  func progressing(_ status: String, _ reason: String, _ message: String) -> WorkloadCondition {
    WorkloadCondition("Progressing", status, reason, message, at: now)
  }

  mutating func writeDeployment() throws(Refusal) {
    deployment = DeploymentObject(
      try server.update(
        .deployments, deployment.namespace, deployment.withStatus, subresource: "status", user: Self.user))
  }

  // MARK: the size

  /// Whether the size was changed since the ReplicaSets were given theirs.
  private var isScaling: Bool {
    all.contains { set in
      guard set.replicas > 0, let desired = set.annotations[RevisionAnnotations.desiredReplicas].flatMap({ Int($0) })
      else { return false }
      return desired != deployment.replicas
    }
  }

  private mutating func scaleAll() throws(Refusal) -> Duration? {
    try scale()
    if deployment.isPaused { try cleanUp() }
    return try writeStatus(status())
  }

  private mutating func scale() throws(Refusal) {
    let active = all.filter { $0.replicas > 0 }
    if active.count <= 1 {
      guard let only = active.first ?? newest ?? old.max(by: ReplicaSetObject.isOlder) else { return }
      try scale(only, to: deployment.replicas)
      return
    }
    if isSaturated {
      for set in old where set.replicas > 0 { try scale(set, to: 0) }
      return
    }
    guard !deployment.strategy.isRecreate else { return }
    let total = active.reduce(0) { $0 + $1.replicas }
    let allowed = deployment.replicas > 0 ? deployment.replicas + deployment.maxSurge : 0
    let toAdd = allowed - total
    let ordered = active.sorted(by: toAdd > 0 ? ReplicaSetObject.isLargerThenNewer : ReplicaSetObject.isLargerThenOlder)
    var added = 0
    var sizes: [Int] = []
    for set in ordered {
      let share = RollingUpdate.share(of: set, in: deployment, toAdd: toAdd, added: added)
      sizes.append(set.replicas + share)
      added += share
    }
    // What rounding left over goes to the largest.
    if toAdd != 0, let first = sizes.first { sizes[0] = max(0, first + toAdd - added) }
    for (set, size) in zip(ordered, sizes) { try resize(set, to: size) }
  }

  private var isSaturated: Bool {
    guard let newest else { return false }
    return newest.replicas == deployment.replicas && newest.status.availableReplicas == deployment.replicas
      && newest.annotations[RevisionAnnotations.desiredReplicas].flatMap { Int($0) } == deployment.replicas
  }

  /// - Returns: whether anything had to be done.
  @discardableResult
  func scale(_ set: ReplicaSetObject, to replicas: Int) throws(Refusal) -> Bool {
    if set.replicas == replicas { return false }
    try resize(set, to: replicas)
    return true
  }

  @discardableResult
  func resize(_ set: ReplicaSetObject, to replicas: Int) throws(Refusal) -> ReplicaSetObject {
    var annotations = set.annotations
    annotations[RevisionAnnotations.desiredReplicas] = String(deployment.replicas)
    annotations[RevisionAnnotations.maxReplicas] = String(deployment.replicas + deployment.maxSurge)
    if set.replicas == replicas, annotations == set.annotations { return set }
    var document = set.document
    document["spec"]?["replicas"] = JSONValue(replicas)
    document["metadata"]?["annotations"] = JSONValue(annotations)
    return ReplicaSetObject(try server.update(.replicaSets, set.namespace, document, user: Self.user))
  }

  /// Old ReplicaSets beyond the history limit go, if they are empty.
  mutating func cleanUp() throws(Refusal) {
    guard let limit = deployment.revisionHistoryLimit else { return }
    let kept = old.filter { !$0.isBeingDeleted }
    guard kept.count > limit else { return }
    let order = historyOrder == .creation ? ReplicaSetObject.isOlder : ReplicaSetObject.isEarlierRevision
    for set in kept.sorted(by: order).prefix(kept.count - limit) {
      guard set.status.replicas == 0, set.replicas == 0, set.generation <= set.status.observedGeneration else {
        continue
      }
      try server.delete(.replicaSets, set.namespace, set.name, user: Self.user)
    }
  }
}

/// Which of the old ReplicaSets go first when there are more than the history limit.
public enum HistoryOrder: Sendable {
  /// As up to Kubernetes 1.21: those made first, also if an undo brought them back since.
  case creation
  /// As today: those with the lowest revision.
  case revision
}
