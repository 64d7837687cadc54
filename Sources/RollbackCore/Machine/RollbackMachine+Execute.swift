import FoundationEssentials

extension RollbackMachine {
  /// A step is Running and nothing says that it was accepted: what the workload runs now decides.
  static func confirm(
    _ record: RollbackRecord, step: EventStatus.Step, from: RevisionReference, to: RevisionReference,
    _ seen: Observation
  ) -> Effect {
    guard seen.isLive else { return .observeLive }
    guard let workload = seen.workload, !workload.isBeingDeleted else {
      return supersede(record, reason: "TargetGone", "the workload is gone or being deleted", seen.now)
    }
    if seen.bearsUndo { return accepted(record, step: step, from: from, to: to, seen) }
    guard let current = seen.current else {
      return supersede(
        record, reason: "NewRevision", "a new template was applied before the undo was written; it stays", seen.now)
    }
    if current.hash == to.hash { return accepted(record, step: step, from: from, to: to, seen) }
    guard current.hash == from.hash, current.number == from.revision else {
      return supersede(
        record, reason: "NewRevision",
        "\(current.reference.description) was rolled out before the undo was written; it stays", seen.now)
    }
    if workload.isPaused {
      return supersede(record, reason: "Paused", "the workload was paused before the undo was written", seen.now)
    }
    if let objection = objection(record, step: step, current: current, seen) { return objection }
    guard let target = seen.revisions.revisions.first(where: { $0.hash == to.hash && !$0.isBeingDeleted }),
      !seen.revisions.isBad(target)
    else {
      return withdraw(
        record, reason: targetGone,
        "\(to.description) is gone or was rolled back meanwhile; nothing was changed", seen.now)
    }
    return .replaceTemplate(from: current, to: target)
  }

  /// Why an undo that was planned must not be written any more.
  private static func objection(
    _ record: RollbackRecord, step: EventStatus.Step, current: Revision, _ seen: Observation
  ) -> Effect? {
    if let started = step.startedAt, seen.now >= started.addingTimeInterval(acceptanceTimeout) {
      return withdraw(
        record, reason: timedOut,
        step.message ?? "the undo was not written in time; what was proven then may no longer be true", seen.now)
    }
    if let freeze = seen.freeze, freeze.holds(record.judged(seen)?.severity, now: seen.now) {
      return withdraw(record, reason: frozen, freeze.description, seen.now)
    }
    guard record.spec.origin == .trigger else { return nil }
    if seen.revisions.isProven(current) {
      return withdraw(
        record, reason: "ProvenGood", "the revision was proven good before the undo was written", seen.now)
    }
    switch seen.policy {
    case .gone, .notNamed:
      return withdraw(record, reason: "PolicyDeleted", "the policy was deleted before the undo was written", seen.now)
    case .elsewhere:
      return withdraw(record, reason: "NotProtected", "the policy no longer protects the workload", seen.now)
    case .invalid:
      return withdraw(
        record, reason: "PolicyInvalid", "the policy became invalid before the undo was written", seen.now)
    case .present(let spec) where spec.suspend:
      return withdraw(record, reason: "Suspended", "the policy was suspended before the undo was written", seen.now)
    case .present(let spec) where spec.mode == .observe:
      return withdraw(record, reason: "Observe", "the policy was set to Observe before the undo was written", seen.now)
    case .present:
      return nil
    }
  }

  static func accepted(
    _ record: RollbackRecord, step: EventStatus.Step, from: RevisionReference, to: RevisionReference,
    _ seen: Observation
  ) -> Effect {
    if let suspect = seen.revisions.revisions.first(where: { $0.hash == from.hash }), suspect.verdict != .bad,
      seen.verdictRefused == nil
    {
      return .markBad(suspect)
    }
    var status = record.status
    if record.isWithdrawn { takeBackWithdrawal(&status, to: to, at: seen.now) }
    status.actedAfter = PolicyDuration(from: record.began, to: seen.now)
    status.updateStep {
      $0.message = "the template of \(to.description) is back, waiting until the rollout is complete"
    }
    status.note("template of \(to.description) restored", at: seen.now)
    if let refused = seen.verdictRefused {
      status.note("the verdict Bad could not be written: \(refused)", at: seen.now)
    }
    return .journal(
      status,
      Announcement(
        reason: "RollbackStarted", isWarning: false,
        message: "undone from \(from.description) to \(to.description), waiting until the rollout is complete"))
  }

  /// The undo is accepted: wait until the workload is complete and the trigger has cleared, or the time is up.
  static func verify(
    _ record: RollbackRecord, step: EventStatus.Step, to: RevisionReference, _ seen: Observation
  ) -> Effect {
    guard let workload = seen.workload, !workload.isBeingDeleted else {
      guard seen.isLive else { return .observeLive }
      return supersede(record, reason: "TargetGone", "the workload is gone or being deleted", seen.now)
    }
    let timeout = seen.policy.spec?.verification.timeout ?? operatorVerificationTimeout
    let deadline = (record.acceptedAt ?? record.began).addingTimeInterval(timeout.timeInterval)
    guard workload.isObserved, let current = seen.current else {
      return outOfTime(record, [], to: to, timeout, deadline, seen)
    }
    guard current.hash == to.hash else {
      guard seen.isLive else { return .observeLive }
      return supersede(
        record, reason: "NewRevision",
        "\(current.reference.description) was rolled out while the undo was being verified", seen.now)
    }
    let checks = checks(record, workload: workload, seen)
    guard checks.allSatisfy(\.passed) else { return outOfTime(record, checks, to: to, timeout, deadline, seen) }
    var status = record.status
    status.verification = checks
    status.recoveredAfter = PolicyDuration(from: record.began, to: seen.now)
    status.updateStep {
      $0.state = .done
      $0.finishedAt = seen.now.wholeMilliseconds
      $0.message = "the rollout of \(to.description) is complete"
    }
    status.setCondition(
      "Executed", .true, reason: "Undone", message: "undone to \(to.description)", at: seen.now)
    status.setCondition(
      "Verified", .true, reason: "ChecksPassed", message: checks.map(\.check).joined(separator: ", "), at: seen.now)
    let after = status.recoveredAfter.map { " \($0) after it began" } ?? ""
    return end(
      RollbackRecord(name: record.name, createdAt: record.createdAt, spec: record.spec, status: status), .recovered,
      reason: "Recovered", message: "\(record.spec.target.name) runs \(to.description) and is healthy\(after)",
      at: seen.now)
  }

  /// Not (yet) verified: records what the checks say when that changed, and ends the rung when its time is up.
  private static func outOfTime(
    _ record: RollbackRecord, _ checks: [EventStatus.Check], to: RevisionReference, _ timeout: PolicyDuration,
    _ deadline: Date, _ seen: Observation
  ) -> Effect {
    guard seen.now >= deadline else {
      let before = record.status.verification ?? []
      let changed = before.map(\.outcome) != checks.map(\.outcome)
      guard changed, !checks.isEmpty else { return .wait(until: deadline, "waiting for the verification") }
      var status = record.status
      status.verification = checks
      return .journal(status, nil)
    }
    var status = record.status
    status.verification = checks.isEmpty ? status.verification : checks
    let isComplete = checks.first?.passed ?? false
    status.updateStep {
      $0.state = isComplete ? .done : .failed
      $0.finishedAt = seen.now.wholeMilliseconds
      $0.message = isComplete ? "the rollout of \(to.description) is complete" : "the rollout is not complete"
    }
    let failing = checks.filter { !$0.passed }.map { "\($0.check): \($0.value)" }.joined(separator: "; ")
    let open = failing.isEmpty ? "the Deployment controller has not acted" : failing
    status.setCondition(
      "Executed", isComplete ? .true : .false, reason: isComplete ? "Undone" : "NotComplete", message: open,
      at: seen.now)
    status.setCondition("Verified", .false, reason: "TimedOut", message: open, at: seen.now)
    return end(
      RollbackRecord(name: record.name, createdAt: record.createdAt, spec: record.spec, status: status), .notRecovered,
      reason: "NotRecovered",
      message: "undone to \(to.description), but not verified within \(timeout): \(open). "
        + "If it persists on \(to.description), it is not the release",
      at: seen.now)
  }

  private static func checks(
    _ record: RollbackRecord, workload: WorkloadFacts, _ seen: Observation
  ) -> [EventStatus.Check] {
    let now = seen.now.wholeSeconds
    var checks = [
      EventStatus.Check(
        check: "rollout complete", value: "\(workload.availableReplicas)/\(workload.desiredReplicas) available",
        threshold: "\(workload.desiredReplicas)", passed: workload.isComplete, at: now)
    ]
    guard let fired = record.spec.trigger,
      let trigger = seen.policy.spec?.armedTriggers.first(where: { $0.name == fired.name })
    else { return checks }
    // What happened to these pods before the undo is not its result.
    let pods = seen.returnedPods?.map { $0.forgetting(before: record.acceptedAt ?? record.began) }
    let samples = seen.samples[trigger.name]?.forgetting(before: record.acceptedAt ?? record.began)
    let reading = Evaluation.read(trigger, workload: workload, pods: pods, series: samples, now: seen.now)
    let (value, passed): (String, Bool) =
      switch reading {
      case .healthy: ("healthy", true)
      case .breached(let breach): (breach.value, false)
      case .unknown(let cause), .failed(let cause): ("unknown: \(cause)", false)
      }
    checks.append(
      EventStatus.Check(
        check: "trigger \(trigger.name) cleared", value: value, threshold: "healthy", passed: passed, at: now))
    return checks
  }
}

extension EventStatus.Check {
  fileprivate var outcome: String { "\(check)=\(passed)" }
}
