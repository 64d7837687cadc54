/// What the Deployment controller writes into annotations of a ReplicaSet.
enum RevisionAnnotations {
  static let revision = "deployment.kubernetes.io/revision"
  static let history = "deployment.kubernetes.io/revision-history"
  static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
  static let maxReplicas = "deployment.kubernetes.io/max-replicas"
  static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

  /// Annotations that are not copied between a Deployment and its ReplicaSets.
  static let notCopied: Set = [
    lastApplied, revision, history, desiredReplicas, maxReplicas, "deprecated.deployment.rollback.to",
  ]

  /// The longest history that is kept, in characters.
  private static let longestHistory = 2_000

  /// The annotations of the ReplicaSet that is the newest one now: those of the Deployment, its number, and what its
  /// numbers were before. Annotations that the Deployment no longer has stay.
  static func newest(
    _ annotations: [String: String], of deployment: [String: String], revision number: Int64
  ) -> [String: String] {
    var result = annotations
    for (key, value) in deployment where !notCopied.contains(key) { result[key] = value }
    let old = annotations[revision]
    // A number that cannot be read stays, and with it everything about revisions.
    guard let oldNumber = old.map({ Int64($0) }) ?? 0, oldNumber < number else { return result }
    result[revision] = String(number)
    if let old { result[history] = appended(old, to: annotations[history] ?? "") }
    return result
  }

  private static func appended(_ old: String, to history: String) -> String {
    guard !history.isEmpty else { return old }
    var numbers = history.split(separator: ",", omittingEmptySubsequences: false).map(String.init) + [old]
    while numbers.count > 1, numbers.reduce(numbers.count - 1, { $0 + $1.utf8.count }) > longestHistory {
      numbers.removeFirst()
    }
    return numbers.joined(separator: ",")
  }
}
