public import FoundationEssentials

extension RollbackMachine {
  /// An attempt of the undo failed.
  ///
  /// - Parameters:
  ///   - isFinal: whether trying again cannot help (refused permission, refused by validation).
  ///   - message: the API server's own sentence.
  /// - Returns: a journal entry: another attempt, or the end when trying again cannot help or the time is up. The first
  ///   error is kept.
  public static func undoFailed(_ record: RollbackRecord, isFinal: Bool, message: String, at now: Date) -> Effect {
    let started = record.status.steps?.first?.startedAt ?? record.createdAt
    let isOver = isFinal || now >= started.addingTimeInterval(acceptanceTimeout)
    var status = record.status
    let isNew = record.status.steps?.first?.message == nil
    status.updateStep {
      $0.attempts = min($0.attempts ?? 1, 1_000_000) + 1
      if $0.message == nil { $0.message = String(message.prefix(1_024)) }
    }
    // Only what is new is written: each entry of the journal wakes whoever watches it.
    guard isOver else { return isNew ? .journal(status, nil) : .wait(until: nil, message) }
    let next = RollbackRecord(name: record.name, createdAt: record.createdAt, spec: record.spec, status: status)
    let first = status.steps?.first?.message ?? message
    // What the API server refused for good never arrives; of other attempts one may still be on its way.
    guard isFinal else { return withdraw(next, reason: undoRefused, first, now) }
    return end(next, .failed, reason: undoRefused, message: first, at: now)
  }

  static func acknowledge(_ status: inout EventStatus, _ record: RollbackRecord, _ now: Date) {
    guard status.conditions?["Acknowledged"] == nil else { return }
    if record.spec.trigger != nil { status.detectedAfter = PolicyDuration(from: record.began, to: now) }
    if let trigger = record.spec.trigger {
      if let since = trigger.since { status.note("breach began: trigger \(trigger.name)", at: since) }
      status.note("breach proven: \(trigger.message ?? trigger.name)", at: now)
    } else {
      status.note("requested: \(record.spec.reason ?? "")", at: record.createdAt)
    }
    status.setCondition(
      "Acknowledged", .true, reason: record.spec.origin.rawValue, message: "the operator has taken the event up",
      at: now)
  }

  static func observed(
    _ record: RollbackRecord, _ seen: Observation, current: Revision, to: RevisionReference?
  ) -> Effect {
    var status = record.status
    acknowledge(&status, record, seen.now)
    status.from = current.reference
    status.to = to
    let detail =
      to.map { "would undo \(current.reference.description) → \($0.description)" }
      ?? "would find no revision to return to"
    status.plan = [
      EventStatus.PlannedStep(
        rung: rung, step: step, object: "Deployment/\(record.spec.target.name)", detail: detail)
    ]
    return end(
      RollbackRecord(name: record.name, createdAt: record.createdAt, spec: record.spec, status: status), .observed,
      reason: "Observed", message: "\(detail); nothing was changed (mode: Observe)", at: seen.now)
  }

  static func held(_ record: RollbackRecord, _ seen: Observation, _ hold: Hold) -> Effect {
    if let known = record.status.conditions?["Succeeded"], record.status.outcome == .held, known.reason == hold.reason {
      guard hold.until != nil, known.message != hold.message else { return .wait(until: hold.until, hold.message) }
      // It waits for the same, for longer: that is no news for people, but what they read must be true.
      var status = record.status
      status.setCondition("Succeeded", .unknown, reason: hold.reason, message: hold.message, at: seen.now)
      return .journal(status, nil)
    }
    // A guard that comes and goes meanwhile must not stand for the person's word that such a hold asks for.
    if record.isHeldForSharedCause, !record.isApproved {
      return .wait(until: hold.until, record.status.conditions?["Succeeded"]?.message ?? hold.message)
    }
    var status = record.status
    acknowledge(&status, record, seen.now)
    status.from = record.spec.suspect
    status.outcome = .held
    status.note("held: \(hold.message)", at: seen.now)
    status.setCondition("Succeeded", .unknown, reason: hold.reason, message: hold.message, at: seen.now)
    // What many have in common is told once, for all of them.
    guard hold.reason != Guards.sharedCauseReason else { return .journal(status, nil) }
    return .journal(status, Announcement(reason: "RollbackHeld", isWarning: true, message: hold.message))
  }

  static func supersede(_ record: RollbackRecord, reason: String, _ message: String, _ now: Date) -> Effect {
    end(record, .superseded, reason: reason, message: message, at: now)
  }

  /// Refuses what a person asked for, with the reason.
  static func refuse(_ record: RollbackRecord, reason: String, at now: Date, _ message: String) -> Effect {
    end(record, .failed, reason: reason, message: message, at: now)
  }

  static func end(
    _ record: RollbackRecord, _ outcome: EventStatus.Outcome, reason: String, message: String, at now: Date
  ) -> Effect {
    var status = record.status
    acknowledge(&status, record, now)
    status.outcome = outcome
    status.from = status.from ?? record.spec.suspect
    status.updateStep {
      guard $0.state == .running || $0.state == .pending else { return }
      $0.state = record.isAccepted ? .done : .failed
      $0.finishedAt = now.wholeMilliseconds
      $0.message = record.isAccepted ? message : $0.message ?? message
    }
    if status.conditions?["Executed"]?.status == .unknown {
      status.setCondition(
        "Executed", record.isAccepted ? .true : .false, reason: record.isAccepted ? "Undone" : reason, message: message,
        at: now)
    }
    status.note("\(outcome.rawValue): \(message)", at: now)
    let succeeded: Condition.Status =
      switch outcome {
      case .recovered: .true
      case .observed, .notCausedByRollout: .true
      default: .false
      }
    status.setCondition("Succeeded", succeeded, reason: reason, message: message, at: now)
    return .journal(status, announcement(outcome, message))
  }

  private static func announcement(_ outcome: EventStatus.Outcome, _ message: String) -> Announcement {
    switch outcome {
    case .recovered: Announcement(reason: "RollbackSucceeded", isWarning: false, message: message)
    case .notRecovered: Announcement(reason: "RollbackNotRecovered", isWarning: true, message: message)
    case .failed: Announcement(reason: "RollbackFailed", isWarning: true, message: message)
    case .held: Announcement(reason: "RollbackHeld", isWarning: true, message: message)
    default: Announcement(reason: "Rollback\(outcome.rawValue)", isWarning: false, message: message)
    }
  }
}

extension EventStatus {
  mutating func updateStep(_ change: (inout Step) -> Void) {
    guard var first = steps?.first else { return }
    change(&first)
    steps?[0] = first
  }
}
