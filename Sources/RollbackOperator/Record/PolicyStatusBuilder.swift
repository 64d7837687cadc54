import FoundationEssentials
import KubernetesClient
import RollbackCore

/// The status of a policy from what was concluded about its targets.
struct PolicyStatusBuilder {
  var policy: PolicyObject
  /// The protected workloads, by name, with what is known about each.
  var targets: [(workload: ObjectMeta, entry: TargetMemories.Entry?)]
  /// Workloads that match and cannot be decoded.
  var undecodable: [UndecodableObject]
  var events: [EventObject]
  var now: Date

  func build() -> PolicyStatus {
    var status = PolicyStatus()
    status.observedGeneration = policy.metadata.generation
    status.conditions = policy.status.conditions
    status.lastEvent =
      events.max {
        ($0.metadata.creationTimestamp ?? .distantPast, $0.metadata.name) < (
          $1.metadata.creationTimestamp ?? .distantPast, $1.metadata.name
        )
      }?.metadata.name
    guard let spec = policy.validSpec else { return invalid(status) }
    status.targetCount = targets.count
    status.targets = targets.prefix(PolicyStatus.maximumTargets).map { workload, entry in
      let written = policy.status.targets?.first { $0.uid == workload.uid }.map { TargetMemory($0) } ?? TargetMemory()
      let memory = entry?.memory.shown(inPlaceOf: written) ?? written
      return memory.status(name: workload.name, uid: workload.uid)
    }
    status.state = state(spec)
    setConditions(&status, spec)
    return status
  }

  private func invalid(_ status: PolicyStatus) -> PolicyStatus {
    var status = status
    guard case .failure(let violation) = policy.spec else { return status }
    status.state = .invalid
    status.targets = policy.status.targets
    set(&status, "Ready", .false, "Invalid", violation.description)
    return status
  }

  private func state(_ spec: PolicySpec) -> PolicyStatus.State {
    if spec.suspend { return .suspended }
    let order = PolicyStatus.State.allCases
    var states = targets.compactMap { $0.entry?.state }
    states += events.filter { !$0.status.isFinal && $0.status.outcome != .held }
      .compactMap { $0.record.isAccepted ? .verifying : $0.record.hasPlan ? .rollingBack : nil }
    return states.min { (order.firstIndex(of: $0) ?? 0) < (order.firstIndex(of: $1) ?? 0) } ?? .watching
  }

  private func setConditions(_ status: inout PolicyStatus, _ spec: PolicySpec) {
    let suspended = spec.suspend
    set(
      &status, "Suspended", suspended ? .true : .false, suspended ? "Suspended" : "Active",
      suspended ? "spec.suspend is true: nothing is judged and nothing is done" : "the policy is active")
    if let broken = undecodable.first {
      let message =
        "Deployment \(broken.metadata.name) cannot be decoded (\(broken.error)); it is not protected until it can"
      set(&status, "TargetFound", .false, "Undecodable", message)
    } else if targets.isEmpty {
      let what =
        spec.target.name.map { "no Deployment \($0)" } ?? "no Deployment that matches \(spec.target.description)"
      set(&status, "TargetFound", .false, "NotFound", "\(what) in namespace \(policy.metadata.namespace ?? "")")
    } else {
      set(
        &status, "TargetFound", .true, "Found",
        targets.count == 1 ? "1 Deployment is protected" : "\(targets.count) Deployments are protected")
    }
    setTriggersHealthy(&status, spec)
    setTargetConditions(&status)
    let isReady = status.conditions?["TargetFound"]?.status == .true && !suspended
    let reason =
      suspended ? "Suspended" : isReady ? "Watching" : status.conditions?["TargetFound"]?.reason ?? "NotFound"
    let message =
      suspended
      ? "the policy is suspended"
      : isReady
        ? "the policy protects \(targets.count == 1 ? "1 Deployment" : "\(targets.count) Deployments")"
        : status.conditions?["TargetFound"]?.message ?? ""
    set(&status, "Ready", isReady ? .true : .false, reason, message)
  }

  /// Which trigger returns no data now, why, and what to do: known before the incident, not in it.
  private func setTriggersHealthy(_ status: inout PolicyStatus, _ spec: PolicySpec) {
    // A smoke test that has not ended says nothing yet, and nothing is wrong with it.
    let tests = Set(spec.armedTriggers.filter { $0.kind.isJob }.map { $0.name })
    var unread: [(what: String, isError: Bool)] = []
    for target in targets {
      for trigger in target.entry?.memory.triggers ?? [] where trigger.state != .noData || !tests.contains(trigger.name)
      {
        // A breach that cannot be read any more stays what it was, and is not healthy either.
        let cause = target.entry?.causes[trigger.name]
        guard trigger.state == .noData || trigger.state == .error || cause != nil && trigger.isBreach else { continue }
        unread.append(
          (
            "trigger \(trigger.name) of \(target.workload.name): \(cause ?? "no data")",
            trigger.state == .error
          ))
      }
    }
    guard !unread.isEmpty else {
      return set(&status, "TriggersHealthy", .true, "AllRead", "every trigger can be read")
    }
    let more = unread.count > 3 ? "; and \(unread.count - 3) more" : ""
    set(
      &status, "TriggersHealthy", .false, unread.contains(where: \.isError) ? "Error" : "NoData",
      String(unread.prefix(3).map(\.what).joined(separator: "; ").prefix(1_500)) + more)
  }

  private func setTargetConditions(_ status: inout PolicyStatus) {
    let unproven = targets.filter { $0.entry?.memory.lastGood == nil }.map(\.workload.name)
    set(
      &status, "KnownGoodAvailable", unproven.isEmpty && !targets.isEmpty ? .true : .false,
      unproven.isEmpty && !targets.isEmpty ? "Proven" : "NotProven",
      targets.isEmpty
        ? "there is no target"
        : unproven.isEmpty
          ? "every target has a revision proven good" : "no revision proven good yet: \(Self.list(unproven))")
    let breached = targets.filter { target in
      (target.entry?.memory.triggers ?? []).contains { $0.state == .breaching || $0.state == .breached }
    }.map(\.workload.name)
    set(
      &status, "Breached", breached.isEmpty ? .false : .true, breached.isEmpty ? "Quiet" : "TriggerBreached",
      breached.isEmpty ? "no trigger is breached" : "a trigger is breached: \(Self.list(breached))")
    let held = targets.filter { $0.entry?.state == .held }
    set(
      &status, "Held", held.isEmpty ? .false : .true, held.isEmpty ? "NotHeld" : "RollbackHeld",
      held.isEmpty
        ? "no rollback is held back"
        : held.prefix(3).map { "\($0.workload.name): \($0.entry?.explanation ?? "")" }.joined(separator: "; "))
  }

  private func set(
    _ status: inout PolicyStatus, _ type: String, _ value: RollbackCore.Condition.Status, _ reason: String,
    _ message: String
  ) {
    var conditions = status.conditions ?? []
    conditions.set(
      type, value, reason: reason, message: message, observedGeneration: policy.metadata.generation, at: now)
    status.conditions = conditions
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
