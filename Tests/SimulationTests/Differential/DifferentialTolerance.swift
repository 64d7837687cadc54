import KubernetesClient

/// A difference that is known, with the reason why it may be.
struct DifferentialTolerance: Sendable {
  var name: String
  var reason: String
  var applies:
    @Sendable (_ operation: DifferentialOperation, _ real: DifferentialAnswer, _ simulated: DifferentialAnswer) -> Bool

  static let all = [
    DifferentialTolerance(
      name: "managed fields",
      reason: "the real server records for each field who set it last; a write that changes this record alone is a new "
        + "version there, and none here"
    ) { _, real, simulated in
      real.isOnlyBookkeeping && !simulated.isChange && real.code == simulated.code
        && real.value.isSemanticallyEqual(to: simulated.value)
    }
  ]
}
