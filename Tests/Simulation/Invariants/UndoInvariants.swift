import KubernetesClient
import SimulatedCluster

/// R1: of one Deployment, one template is left automatically once at most.
struct AtMostOnce: Invariant {
  let name = "R1 at most once"
  private var left: Set<String> = []

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard let undo = Undo(change, in: cluster), undo.event?.at("/spec/origin")?.string == "Trigger" else { return nil }
    let template = undo.before.at("/spec/template") ?? .null
    let key = undo.uid + String(decoding: ClusterView.bare(template).serialized(), as: UTF8.self)
    return left.insert(key).inserted ? nil : "the same template of \(undo.name) was undone a second time"
  }
}

/// R2: before a Deployment is changed, the journal says that it is about to be.
struct IntentBeforeAct: Invariant {
  let name = "R2 intent before act"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard let undo = Undo(change, in: cluster) else { return nil }
    guard let event = undo.event else {
      return "\(undo.name) was changed without a RollbackEvent (\(undo.eventName ?? "none named"))"
    }
    if let outcome = event.at("/status/outcome")?.string, outcome != "Held" {
      return "\(undo.name) was changed by an event that had ended as \(outcome)"
    }
    let steps = event.at("/status/steps")?.array ?? []
    guard steps.contains(where: { $0["state"]?.string == "Running" }) else {
      return "\(undo.name) was changed before the step was journalled as running"
    }
    return nil
  }
}

/// R3: what a Deployment is returned to is a revision of its own that is not Bad, and the one the journal names.
///
/// A ReplicaSet that a person deletes while the undo is on its way is not known to be gone, and nothing but the
/// Deployment can refuse the undo: it counts as long as it was there when the plan was written.
struct TargetIsOwnAndNotBad: Invariant {
  let name = "R3 the target is known by UID and hash, and not bad"
  /// ReplicaSets that were deleted, by template hash, with the events that had named them before.
  private var deleted: [String: (set: JSONValue, plans: Set<String>)] = [:]
  /// The template hash that each event last named in its plan.
  private var planned: [String: String] = [:]

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    note(change)
    guard let undo = Undo(change, in: cluster) else { return nil }
    guard let target = cluster.replicaSet(with: undo.after.at("/spec/template"), of: undo.before) ?? gone(undo) else {
      return "\(undo.name) was returned to a template that no ReplicaSet of its own has"
    }
    let hash = ClusterView.hash(of: target)
    let verdict = target.at("/metadata/annotations/rollback-operator.io~1verdict")?.string
    let verdictHash = target.at("/metadata/annotations/rollback-operator.io~1verdict-hash")?.string
    if verdict == "Bad", verdictHash == hash { return "\(undo.name) was returned to \(hash ?? ""), which is Bad" }
    if let planned = undo.event?.at("/status/to/hash")?.string, planned != hash {
      return "\(undo.name) was returned to \(hash ?? "nothing known"), the journal says \(planned)"
    }
    return nil
  }

  private mutating func note(_ change: Change) {
    if change.resource == Undo.events, let hash = change.new.at("/status/to/hash")?.string {
      planned[change.name] = hash
    }
    guard change.resource == .replicaSets, change.verb == .deleted, !ClusterView.isOperator(change.user),
      let set = change.old, let hash = ClusterView.hash(of: set)
    else { return }
    deleted[hash] = (set, Set(planned.filter { $0.value == hash }.keys))
  }

  /// The ReplicaSet that an undo returns to, when it was deleted after the undo was planned.
  private func gone(_ undo: Undo) -> JSONValue? {
    guard let event = undo.eventName, let last = planned[event].flatMap({ deleted[$0] }), last.plans.contains(event),
      ClusterView.bare(last.set.at("/spec/template") ?? .null)
        .isSemanticallyEqual(to: ClusterView.bare(undo.after.at("/spec/template") ?? .null))
    else { return nil }
    return last.set
  }
}

/// R4: an undo changes the pod template and nothing else that could remove a copy.
struct OnlyTheTemplate: Invariant {
  let name = "R4 replicas, strategy and paused are never touched"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard change.resource == .deployments, ClusterView.isOperator(change.user) else { return nil }
    guard change.verb == .modified, let old = change.old else { return "a Deployment was \(change.verb.rawValue)" }
    guard Self.rest(old).isSemanticallyEqual(to: Self.rest(change.new)) else {
      return "more than the template of \(change.name) was changed"
    }
    return nil
  }

  /// A Deployment without what an undo may change, and without what the server changes by itself.
  private static func rest(_ deployment: JSONValue) -> JSONValue {
    var rest = deployment
    rest["status"] = nil
    rest["spec"]?["template"] = nil
    for key in ["resourceVersion", "generation", "managedFields"] { rest["metadata"]?[key] = nil }
    guard var annotations = rest.at("/metadata/annotations")?.object else { return rest }
    for key in annotations.keys where key == "kubernetes.io/change-cause" || key.hasPrefix("rollback-operator.io/") {
      annotations[key] = nil
    }
    rest["metadata"]?["annotations"] = annotations.isEmpty ? nil : .object(annotations)
    return rest
  }
}

/// R5: what was never seen to be broken, by anybody who sees everything, is never undone. What was measured of a
/// release that runs is for ``OnlyWhatWasMeasured``.
struct OnlyWhatIsBroken: Invariant {
  let name = "R5 unknown never acts"
  private var broken: Set<String> = []
  private var triggers = KnownTriggers()

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    triggers.note(change)
    if change.resource == .pods { note(pod: change.new) }
    if change.resource == .deployments { note(deployment: change.new, in: cluster) }
    guard let undo = Undo(change, in: cluster), undo.event?.at("/spec/origin")?.string == "Trigger",
      !triggers.isMeasured(undo.event)
    else { return nil }
    let suspect = cluster.replicaSet(with: undo.before.at("/spec/template"), of: undo.before)
    guard let hash = suspect.flatMap({ ClusterView.hash(of: $0) }) else {
      return "\(undo.name) was undone before its ReplicaSet was there"
    }
    return broken.contains("\(change.namespace ?? "")/\(hash)")
      ? nil : "\(undo.name) \(hash) was undone and is not broken"
  }

  private mutating func note(pod: JSONValue) {
    guard let hash = ClusterView.hash(of: pod), let namespace = pod.at("/metadata/namespace")?.string else { return }
    let containers = pod.at("/status/containerStatuses")?.array ?? []
    let isBroken = containers.contains { container in
      let waiting = container.at("/state/waiting/reason")?.string ?? ""
      return ["CrashLoopBackOff", "ImagePullBackOff", "InvalidImageName"].contains(waiting)
        || container.at("/lastState/terminated/reason")?.string == "OOMKilled"
        || container.at("/state/terminated/reason")?.string == "OOMKilled"
    }
    if isBroken { broken.insert("\(namespace)/\(hash)") }
  }

  private mutating func note(deployment: JSONValue, in cluster: ClusterView) {
    let conditions = deployment.at("/status/conditions")?.array ?? []
    guard conditions.contains(where: { $0["reason"]?.string == "ProgressDeadlineExceeded" }) else { return }
    guard let suspect = cluster.replicaSet(with: deployment.at("/spec/template"), of: deployment),
      let hash = ClusterView.hash(of: suspect), let namespace = deployment.at("/metadata/namespace")?.string
    else { return }
    broken.insert("\(namespace)/\(hash)")
  }
}

/// R6: an undo leaves the very template that was judged; a person who was faster keeps what they rolled out.
struct PersonWins: Invariant {
  let name = "R6 a person wins"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard let undo = Undo(change, in: cluster) else { return nil }
    if undo.before.at("/spec/paused")?.bool == true { return "\(undo.name) was undone although it is paused" }
    guard let suspect = undo.event?.at("/spec/suspect/hash")?.string else { return nil }
    let current = cluster.replicaSet(with: undo.before.at("/spec/template"), of: undo.before)
    let hash = current.flatMap { ClusterView.hash(of: $0) }
    return hash == suspect ? nil : "\(undo.name) ran \(hash ?? "something new"), the judged revision was \(suspect)"
  }
}
