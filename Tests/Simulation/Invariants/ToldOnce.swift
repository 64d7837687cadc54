import KubernetesClient
import SimulatedCluster

/// R8: what happens to a rollback is told people once, from the journal; an alert that comes twice is not believed.
struct ToldOnce: Invariant {
  let name = "R8 each transition is told once"
  private var told: Set<String> = []

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard change.resource == .events, ClusterView.isOperator(change.user), change.verb != .deleted,
      let reason = change.new["reason"]?.string, reason.hasPrefix("Rollback"),
      // A rollback may be held, let go and held again.
      reason != "RollbackHeld"
    else { return nil }
    if change.verb == .modified { return "\(reason) was told again: \(change.new["message"]?.string ?? "")" }
    let about = change.new.at("/involvedObject/uid")?.string ?? ""
    let message = change.new["message"]?.string ?? ""
    // An escalation has stages, each of which is told once.
    let event = reason == "RollbackEscalated" ? message[...] : message.prefix { $0 != ":" }
    return told.insert("\(about) \(event) \(reason)").inserted ? nil : "\(reason) was told twice: \(message)"
  }
}
