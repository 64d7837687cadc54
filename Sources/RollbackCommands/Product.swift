import RollbackOperator

/// What this program is.
package enum Product {
  /// Name and version, as `version` prints them.
  package static let version = "kubectl-rollback \(OperatorVersion.current)"
}
