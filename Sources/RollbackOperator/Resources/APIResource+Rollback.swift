public import KubernetesClient

extension APIResource {
  /// API group of the operator's own kinds.
  public static let rollbackGroup = "rollback-operator.io"

  public static let rollbackPolicies = APIResource(
    group: rollbackGroup, version: "v1alpha1", plural: "rollbackpolicies", kind: "RollbackPolicy")
  public static let rollbackEvents = APIResource(
    group: rollbackGroup, version: "v1alpha1", plural: "rollbackevents", kind: "RollbackEvent")
}

/// Labels of RollbackEvents.
enum Label {
  /// The UID of the workload that an event is about, so that its events are found without reading all of a namespace.
  static let targetUID = "rollback-operator.io/target-uid"
}

/// Names that the operator writes into the objects of others.
enum Annotation {
  /// The verdict on a ReplicaSet: `Good` or `Bad`.
  static let verdict = "rollback-operator.io/verdict"
  /// The `pod-template-hash` the verdict was given for; with another hash the verdict counts as none, because
  /// Kubernetes copies annotations between Deployment and ReplicaSets.
  static let verdictHash = "rollback-operator.io/verdict-hash"
  static let verdictSince = "rollback-operator.io/verdict-since"
  /// The RollbackEvent that led to the verdict.
  static let verdictEvent = "rollback-operator.io/verdict-event"
  /// How many times a verdict `Bad` has been forgiven.
  static let forgiven = "rollback-operator.io/forgiven"
  /// Why a person holds automatic rollbacks of a Deployment, or of all that a policy protects.
  static let hold = "rollback-operator.io/hold"
  /// Kubernetes' own: what `kubectl rollout history` shows.
  static let changeCause = "kubernetes.io/change-cause"
  /// Kubernetes' own: the revision number.
  static let revision = "deployment.kubernetes.io/revision"
  /// Kubernetes' own: earlier revision numbers of a ReplicaSet that was returned to.
  static let revisionHistory = "deployment.kubernetes.io/revision-history"
  /// kubectl's own: a restart, which makes a new template of the same version.
  static let restartedAt = "kubectl.kubernetes.io/restartedAt"

  static let verdicts = [verdict, verdictHash, verdictSince, verdictEvent]
}
