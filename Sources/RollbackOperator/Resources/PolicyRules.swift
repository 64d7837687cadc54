import RollbackCore

/// The rules of the schema once more, for API servers that do not know CEL and for objects that an older schema let in.
extension PolicyViolation {
  /// What is wrong with a spec of the right types; the first, in the order of the fields.
  static func first(in spec: PolicySpec) -> PolicyViolation? {
    target(spec.target) ?? trial(spec.trial) ?? sources(spec.sources)
      ?? triggers(spec.triggers, selects: spec.target.selector != nil) ?? decisions(spec.decisions)
      ?? period(spec.verification.timeout, "spec.verification.timeout")
      ?? duration(spec.limits.cooldown, "spec.limits.cooldown")
      ?? count(spec.limits.maxRollbacks, "spec.limits.maxRollbacks", most: 1_000)
      ?? period(spec.limits.per, "spec.limits.per")
      ?? count(spec.lastGood.maxRevisionsBack, "spec.lastGood.maxRevisionsBack", most: 1_000)
  }

  /// The most triggers of a policy, and the most conditions of a selector.
  private static let most = (triggers: 32, conditions: 64)

  private static func target(_ target: Target) -> PolicyViolation? {
    if (target.name == nil) == (target.selector == nil) {
      return PolicyViolation(
        path: "spec.target", problem: "needs exactly one of name and selector",
        remedy: "set name for one Deployment, selector for every matching one")
    }
    if let name = target.name, !ObjectName.isSubdomain(name) {
      return PolicyViolation(
        path: "spec.target.name", problem: "is not the name of a Deployment",
        remedy: "write lower case letters, digits, - and ., at most 253 of them")
    }
    guard let selector = target.selector else { return nil }
    guard selector.matchLabels.count <= most.conditions, selector.matchExpressions.count <= most.conditions else {
      return PolicyViolation(
        path: "spec.target.selector", problem: "has more than \(most.conditions) conditions",
        remedy: "give the workloads a label of their own")
    }
    for (index, condition) in selector.matchExpressions.enumerated() {
      let takesValues = [.in, .notIn].contains(condition.operator)
      guard takesValues == condition.values.isEmpty || condition.values.count > most.conditions else { continue }
      return PolicyViolation(
        path: "spec.target.selector.matchExpressions[\(index)].values",
        problem: "operator \(condition.operator.rawValue) with \(condition.values.count) values",
        remedy: "operators In and NotIn need 1 to \(most.conditions) values; Exists and DoesNotExist must have none")
    }
    return labels(selector)
  }

  private static func trial(_ trial: PolicySpec.Trial) -> PolicyViolation? {
    if let violation = period(trial.window, "spec.trial.window") { return violation }
    if let violation = duration(trial.initialDelay, "spec.trial.initialDelay") { return violation }
    guard trial.initialDelay >= trial.window else { return nil }
    return PolicyViolation(
      path: "spec.trial.initialDelay", problem: "is not shorter than trial.window, so no trigger could ever count",
      remedy: "lengthen the window or shorten the delay")
  }

  private static func triggers(_ triggers: [Trigger], selects: Bool) -> PolicyViolation? {
    if triggers.count > most.triggers {
      return PolicyViolation(
        path: "spec.triggers", problem: "has \(triggers.count) triggers", remedy: "have at most \(most.triggers)")
    }
    var names: Set<String> = []
    for (index, trigger) in triggers.enumerated() {
      let path = "spec.triggers[\(index)]"
      if let violation = self.trigger(trigger, path, selects: selects) { return violation }
      if !names.insert(trigger.name).inserted {
        return PolicyViolation(
          path: "\(path).name", problem: "\"\(trigger.name)\" is used twice", remedy: "give each trigger its own name")
      }
    }
    return nil
  }

  private static func trigger(_ trigger: Trigger, _ path: String, selects: Bool) -> PolicyViolation? {
    guard ObjectName.isLabel(trigger.name) else {
      return PolicyViolation(
        path: "\(path).name", problem: "is not a name", remedy: "write lower case letters, digits and -, at most 63")
    }
    guard trigger.name != Trigger.knownBad else {
      return PolicyViolation(
        path: "\(path).name", problem: "\(Trigger.knownBad) is the operator's own name", remedy: "choose another name")
    }
    if let violation = duration(trigger.for, "\(path).for") ?? period(trigger.interval, "\(path).interval") {
      return violation
    }
    if !trigger.kind.isSampled,
      trigger.noData != .hold || trigger.onError != .hold || trigger.attribution != nil
    {
      return PolicyViolation(
        path: path, problem: "noData, onError and attribution are for triggers that ask somebody",
        remedy: "leave them out: pods and rollout read the suspect's own objects")
    }
    if trigger.interval > .minutes(60) {
      return PolicyViolation(
        path: "\(path).interval", problem: "\(trigger.interval) is out of range",
        remedy: "write a duration from 1s to 1h, such as 15s")
    }
    if trigger.during == .always, trigger.kind.isJob {
      return PolicyViolation(
        path: "\(path).during", problem: "a smoke test runs once per rollout", remedy: "set during to Trial")
    }
    if let actions = trigger.actions, actions != [PolicySpec.undoRung] {
      return PolicyViolation(
        path: "\(path).actions", problem: "\(actions) are not the rungs of the ladder",
        remedy: "write [\(PolicySpec.undoRung)], the only one, or leave actions out")
    }
    switch trigger.kind {
    case .pods(let kind): return pods(kind, "\(path).pods")
    case .rollout(let kind): return rollout(kind, "\(path).rollout")
    case .query(let kind): return query(kind, "\(path).query", selects: selects)
    case .probe(let kind): return probe(kind, "\(path).probe")
    case .usage(let kind): return usage(kind, "\(path).usage")
    case .job(let kind): return job(kind, "\(path).job")
    case .value(let kind): return value(kind, "\(path).value")
    case .alert(let kind): return alert(kind, "\(path).alert")
    case .logs(let kind): return logs(kind, "\(path).logs")
    }
  }

  private static func pods(_ pods: PodsTrigger, _ path: String) -> PolicyViolation? {
    let isArmed = pods.crashLooping || pods.imagePull || pods.oomKilled || pods.unschedulable
    guard isArmed || pods.restarts != nil || pods.unready != nil else { return disarmed(path) }
    return pods.restarts.flatMap {
      count($0.atLeast, "\(path).restarts.atLeast", most: 100) ?? period($0.within, "\(path).restarts.within")
    }
  }

  private static func rollout(_ rollout: RolloutTrigger, _ path: String) -> PolicyViolation? {
    guard rollout.progressDeadlineExceeded || rollout.stalledFor != nil || rollout.unavailable != nil else {
      return disarmed(path)
    }
    return rollout.stalledFor.flatMap { period($0, "\(path).stalledFor") }
  }

  private static func disarmed(_ path: String) -> PolicyViolation {
    PolicyViolation(
      path: path, problem: "everything in it is switched off, so the trigger could never fire",
      remedy: "switch one condition on or remove the trigger")
  }

  static func duration(_ value: PolicyDuration, _ path: String) -> PolicyViolation? {
    range(value, .seconds(0), path, remedy: "write a duration from 0s to 720h, such as 0s, 90s or 1h30m")
  }

  /// A duration that cannot be nothing.
  static func period(_ value: PolicyDuration, _ path: String) -> PolicyViolation? {
    range(value, .seconds(1), path, remedy: "write a duration from 1s to 720h, such as 90s, 10m or 1h30m")
  }

  static func range(
    _ value: PolicyDuration, _ least: PolicyDuration, _ path: String, most: PolicyDuration = .longest, remedy: String
  ) -> PolicyViolation? {
    guard value < least || value > most else { return nil }
    return PolicyViolation(path: path, problem: "\(value) is out of range", remedy: remedy)
  }

  static func count(_ value: Int, _ path: String, most: Int) -> PolicyViolation? {
    guard !(1...most).contains(value) else { return nil }
    return PolicyViolation(path: path, problem: "\(value) is out of range", remedy: "write a number from 1 to \(most)")
  }
}
