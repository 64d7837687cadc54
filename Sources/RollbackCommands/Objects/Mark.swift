/// Annotations by which a person tells the operator something.
package enum Mark {
  /// On a RollbackPolicy or a Deployment: every automatic rollback is held back, for the reason that it holds.
  package static let hold = "rollback-operator.io/hold"
  /// On a ReplicaSet: how many times its verdict Bad was taken back.
  package static let forgiven = "rollback-operator.io/forgiven"
  /// On a ReplicaSet: who took it back last, when and why.
  package static let forgivenBy = "rollback-operator.io/forgiven-by"
  /// On the ConfigMap of a freeze: who set it.
  package static let frozenBy = "rollback-operator.io/frozen-by"

  static let verdict = "rollback-operator.io/verdict"
  static let verdictHash = "rollback-operator.io/verdict-hash"
  static let verdictSince = "rollback-operator.io/verdict-since"
  static let verdictEvent = "rollback-operator.io/verdict-event"
  static let revision = "deployment.kubernetes.io/revision"
}
