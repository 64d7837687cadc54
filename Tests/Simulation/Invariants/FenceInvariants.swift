import KubernetesClient
import SimulatedCluster

/// R7: operators write their own kinds, Kubernetes Events and Leases, verdicts on ReplicaSets, templates of Deployments
/// and Jobs that test a revision, each in a namespace that has a policy; nothing else.
struct NothingOutside: Invariant {
  let name = "R7 nothing outside the policy's namespace"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard ClusterView.isOperator(change.user) else { return nil }
    let place = "\(change.resource.plural) \(change.namespace ?? "")/\(change.name)"
    switch change.resource.plural {
    case "leases":
      return change.namespace == "rollback-operator-system" ? nil : "wrote \(place)"
    case "events": return nil
    case "rollbackevents", "rollbackpolicies", "deployments":
      return change.verb == .deleted ? "deleted \(place)" : nil
    case "jobs":
      // A smoke test, which goes with the revision that it tests.
      let owner = change.new.at("/metadata/ownerReferences/0/kind")?.string
      return change.verb == .added && owner == "ReplicaSet" ? nil : "\(change.verb.rawValue) \(place)"
    case "replicasets":
      guard change.verb == .modified, let old = change.old else { return "\(change.verb.rawValue) \(place)" }
      return Self.rest(old).isSemanticallyEqual(to: Self.rest(change.new))
        ? nil : "changed more than the verdict of \(place)"
    default: return "wrote \(place)"
    }
  }

  private static func rest(_ object: JSONValue) -> JSONValue {
    var rest = object
    for key in ["resourceVersion", "managedFields"] { rest["metadata"]?[key] = nil }
    guard var annotations = rest.at("/metadata/annotations")?.object else { return rest }
    for key in annotations.keys where key.hasPrefix("rollback-operator.io/") { annotations[key] = nil }
    rest["metadata"]?["annotations"] = annotations.isEmpty ? nil : .object(annotations)
    return rest
  }
}

/// R8: an event that has ended stays as it ended; what was recorded first is kept.
struct EndsAreFinal: Invariant {
  let name = "R8 every end is final and nothing recorded is lost"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard change.resource == Undo.events, change.verb == .modified, let old = change.old else { return nil }
    if let outcome = old.at("/status/outcome")?.string, outcome != "Held",
      outcome != change.new.at("/status/outcome")?.string
    {
      let now = change.new.at("/status/outcome")?.string ?? "running"
      return "\(change.name) had ended as \(outcome) and is \(now)"
    }
    let steps = (old.at("/status/steps")?.array ?? [], change.new.at("/status/steps")?.array ?? [])
    for (before, after) in zip(steps.0, steps.1) {
      let (was, becomes) = (before["state"]?.string ?? "", after["state"]?.string ?? "")
      if ["Done", "Failed", "NotApplicable"].contains(was), was != becomes {
        return "a step of \(change.name) was \(was) and is \(becomes)"
      }
      // A step whose undo was withdrawn may be planned anew; what it met with stays in the timeline.
      let isWithdrawn = old.at("/status/conditions")?.array?.contains {
        $0["type"]?.string == "Executed" && $0["status"]?.string == "False"
      }
      if was == "Running", becomes == "Running", isWithdrawn != true, change.new.at("/status/actedAfter") == nil,
        old.at("/status/to/hash") == change.new.at("/status/to/hash"), let first = before["message"]?.string,
        first != after["message"]?.string
      {
        return "the first error of \(change.name) was \(first) and is \(after["message"]?.string ?? "lost")"
      }
    }
    return steps.1.count < steps.0.count ? "\(change.name) lost a step" : nil
  }
}

/// R9: no finalizer and no owner of ours on anything of a user's.
struct NothingLeftBehind: Invariant {
  let name = "R9 deleting the policy changes nothing"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard ClusterView.isOperator(change.user), change.verb != .deleted else { return nil }
    if let finalizers = change.new.at("/metadata/finalizers")?.array, !finalizers.isEmpty,
      change.old?.at("/metadata/finalizers") == nil
    {
      return "put a finalizer on \(change.resource.plural) \(change.name)"
    }
    if change.resource == Undo.events, change.new.at("/metadata/ownerReferences/0") != nil {
      return "made event \(change.name) go with its owner"
    }
    return nil
  }
}

extension [any Invariant] {
  /// Every rule that can be seen from changes; R8's deadlines and R10 are checked when a run ends.
  public static var all: [any Invariant] {
    [
      AtMostOnce(), IntentBeforeAct(), TargetIsOwnAndNotBad(), OnlyTheTemplate(), OnlyWhatIsBroken(), PersonWins(),
      NothingOutside(), EndsAreFinal(), NothingLeftBehind(), ToldOnce(), OnlyWhatWasMeasured(),
      OnlyWhatWasMeasuredIsGood(), NothingEchoed(), SourcesAreSpared(),
    ]
  }
}
