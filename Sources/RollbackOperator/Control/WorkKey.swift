import ControllerRuntime

/// What the work queue holds. Everything about one workload runs under one key, so that two decisions about it never
/// run beside each other.
enum WorkKey: Hashable, Sendable {
  /// A Deployment with the policies that protect it and the events about it.
  case workload(NamespacedName)
  /// The status of a policy.
  case policy(NamespacedName)
}
