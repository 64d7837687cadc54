import FoundationEssentials

/// The way of one rollback as a function of the journal and of what is observed now. It keeps nothing itself, so that
/// after a crash anywhere the next operator goes on from the journal alone (R2).
///
/// Journal → next: no plan → plan, hold, observe or end; step Running and not accepted → confirm, then undo or
/// withdraw; withdrawn → wait whether it had been sent before, then end or plan anew; accepted → verdict, then
/// completion; complete → verification; outcome → nothing. Every waiting state has a deadline (R8).
public enum RollbackMachine {
  static let rung = PolicySpec.undoRung
  static let step = "undoRollout"
  static let operatorVerificationTimeout = PolicySpec.Verification().timeout

  /// How long the API server may refuse an undo before the step fails.
  static let acceptanceTimeout: TimeInterval = 300

  /// What is next for an event, given its journal and what is observed now.
  public static func next(_ record: RollbackRecord, _ seen: Observation) -> Effect {
    escalated(record, seen, step(record, seen))
  }

  private static func step(_ record: RollbackRecord, _ seen: Observation) -> Effect {
    guard !record.status.isFinal else { return .finished }
    guard let steps = record.status.steps, let step = steps.first, record.status.outcome != .held else {
      return begin(record, seen)
    }
    guard step.state == .running || step.state == .done, let from = record.status.from, let to = record.status.to else {
      return end(record, .failed, reason: "JournalUnreadable", message: "the journal has no running step", at: seen.now)
    }
    if record.isWithdrawn { return withdrawn(record, step: step, from: from, to: to, seen) }
    if record.isAccepted { return verify(record, step: step, to: to, seen) }
    return confirm(record, step: step, from: from, to: to, seen)
  }

  // MARK: - Begin

  static func begin(_ record: RollbackRecord, _ seen: Observation) -> Effect {
    let isHeld = record.status.outcome == .held
    if record.spec.approval?.decision == .rejected {
      let by = record.spec.approval?.by ?? "somebody"
      return end(record, .rejected, reason: "Rejected", message: "rejected by \(by)", at: seen.now)
    }
    if record.spec.origin == .trigger, let effect = policyObjection(record, seen, isHeld: isHeld) { return effect }
    if record.isIncident { return beginIncident(record, seen) }
    if let rest = rest(record, seen) { return rest }
    guard seen.isLive else { return .observeLive }
    guard let workload = seen.workload, !workload.isBeingDeleted else {
      return supersede(record, reason: "TargetGone", "the workload is gone or being deleted", seen.now)
    }
    guard let current = seen.current else {
      return notCurrent(record, seen, "its template belongs to no revision that could be undone")
    }
    if record.spec.origin == .manual, let freeze = seen.freeze, freeze.holds(nil, now: seen.now) {
      return held(record, seen, freeze.hold)
    }
    if record.spec.origin == .manual { return beginManual(record, seen, workload: workload, current: current) }
    guard let suspect = record.spec.suspect, current.hash == suspect.hash, current.number == suspect.revision else {
      return notCurrent(record, seen, "it now runs \(current.reference.description)")
    }
    if seen.revisions.isProven(current) {
      return supersede(record, reason: "ProvenGood", "the breach cleared and the revision was proven good", seen.now)
    }
    return proceed(record, seen, current: current)
  }

  /// Without a policy that may act, an automatic rollback that has not begun does not begin.
  private static func policyObjection(_ record: RollbackRecord, _ seen: Observation, isHeld: Bool) -> Effect? {
    switch seen.policy {
    case .gone, .notNamed:
      return supersede(record, reason: "PolicyDeleted", "the policy was deleted before anything was changed", seen.now)
    case .elsewhere:
      return supersede(record, reason: "NotProtected", "the policy no longer protects the workload", seen.now)
    case .invalid:
      return .wait(until: nil, "the policy is invalid")
    case .present(let spec) where spec.suspend:
      guard !isHeld else { return .wait(until: nil, "the policy is suspended") }
      // A cache may not know yet that the policy was resumed.
      guard seen.isLive else { return .observeLive }
      return supersede(record, reason: "Suspended", "the policy was suspended before anything was changed", seen.now)
    case .present:
      return nil
    }
  }

  /// An event that may not act and whose suspect is still there needs no reading from the API server to go on waiting.
  private static func rest(_ record: RollbackRecord, _ seen: Observation) -> Effect? {
    guard !seen.isLive, record.spec.origin == .trigger, let current = seen.current,
      current.hash == record.spec.suspect?.hash, current.number == record.spec.suspect?.revision,
      !seen.revisions.isGood(current)
    else { return nil }
    if record.status.outcome == .held, record.spec.trigger?.name == Trigger.knownBad, !record.isApproved {
      return .wait(until: nil, record.spec.trigger?.message ?? "")
    }
    switch seen.permission {
    case .wait(let why) where !record.isAwaitingApproval && !record.isApproved:
      return .wait(until: nil, why)
    case .ask(let ask) where record.isAwaitingApproval:
      let deadline = record.createdAt.addingTimeInterval(ask.within.timeInterval)
      return seen.now < deadline ? .wait(until: deadline, "waiting for approval") : nil
    case .hold(let hold)
    where !record.isApproved && record.status.outcome == .held
      && record.status.conditions?["Succeeded"]?.reason == hold.reason:
      return .wait(until: hold.until, hold.message)
    default:
      return nil
    }
  }

  static func notCurrent(_ record: RollbackRecord, _ seen: Observation, _ what: String) -> Effect {
    supersede(record, reason: "NewRevision", "the workload has moved on: \(what)", seen.now)
  }

  private static func proceed(_ record: RollbackRecord, _ seen: Observation, current: Revision) -> Effect {
    let permission: Permission =
      record.spec.trigger?.name == Trigger.knownBad
      ? .hold(Hold(reason: "KnownBad", message: record.spec.trigger?.message ?? "")) : seen.permission
    switch permission {
    // A person has judged, whether the breach is evident at this moment or not.
    case .wait where record.isApproved:
      return acknowledgeApproval(record, seen) ?? planNow(record, seen, current: current)
    case .wait(let why), .close(let why):
      return waitForAnswer(record, seen, why) ?? .wait(until: nil, why)
    case .observe:
      return observed(record, seen, current: current, to: record.spec.to)
    // What was graver has passed, and what is left is only told: whoever was asked about the graver still has his word.
    case .notify where record.isApproved:
      return acknowledgeApproval(record, seen) ?? planNow(record, seen, current: current)
    case .notify(let why) where record.isAwaitingApproval:
      return waitForAnswer(record, seen, why) ?? .wait(until: nil, why)
    case .notify(let why):
      return notified(record, seen, current: current, why)
    case .dismiss(let why):
      return end(record, .notCausedByRollout, reason: "NotCausedByRollout", message: why, at: seen.now)
    case .ask(let ask):
      return self.ask(record, seen, ask) ?? planNow(record, seen, current: current)
    case .hold(let hold) where hold.yieldsToApproval && record.isApproved:
      return acknowledgeApproval(record, seen) ?? planNow(record, seen, current: current)
    case .hold(let hold):
      return held(record, seen, hold)
    case .act where record.isHeldForSharedCause && !record.isApproved:
      return .wait(until: nil, record.status.conditions?["Succeeded"]?.message ?? "")
    case .act:
      return planNow(record, seen, current: current)
    }
  }

  private static func planNow(_ record: RollbackRecord, _ seen: Observation, current: Revision) -> Effect {
    plan(record, seen, from: current, resolve(record, seen, current: current))
  }
}
