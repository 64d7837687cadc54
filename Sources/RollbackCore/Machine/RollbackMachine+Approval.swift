import FoundationEssentials

/// A person decides: he is asked once, waited for until a deadline, and his word is taken once.
extension RollbackMachine {
  private static let approved = "Approved"

  /// - Returns: what is to be done until there is an answer; `nil` when the undo may be planned.
  static func ask(_ record: RollbackRecord, _ seen: Observation, _ ask: Ask) -> Effect? {
    if record.isApproved {
      if let hold = ask.objection, !hold.yieldsToApproval { return held(record, seen, hold) }
      return acknowledgeApproval(record, seen)
    }
    guard record.isAwaitingApproval else { return askNow(record, seen, ask) }
    let deadline = record.createdAt.addingTimeInterval(ask.within.timeInterval)
    guard seen.now >= deadline else { return .wait(until: deadline, "waiting for approval") }
    switch ask.onTimeout {
    case .expire:
      return expired(record, seen, ask.within)
    case .act:
      if record.isHeldForSharedCause { return .wait(until: nil, record.status.conditions?["Succeeded"]?.message ?? "") }
      if let hold = ask.objection { return held(record, seen, hold) }
      return nil
    }
  }

  /// While the breach is not evident an unanswered question still comes to its end.
  static func waitForAnswer(_ record: RollbackRecord, _ seen: Observation, _ why: String) -> Effect? {
    guard record.isAwaitingApproval, let rule = record.judged(seen)?.rule else { return nil }
    let patience = rule.within ?? DecisionRule.standardPatience
    let deadline = record.createdAt.addingTimeInterval(patience.timeInterval)
    guard seen.now >= deadline else { return .wait(until: deadline, why) }
    // Without evidence nothing is done only because nobody answered.
    return rule.respond == .ask && rule.onTimeout == .act
      ? .wait(until: nil, why) : expired(record, seen, patience)
  }

  private static func askNow(_ record: RollbackRecord, _ seen: Observation, _ ask: Ask) -> Effect {
    var status = record.status
    acknowledge(&status, record, seen.now)
    status.from = record.spec.suspect
    status.outcome = nil
    let deadline = record.createdAt.addingTimeInterval(ask.within.timeInterval).formattedForPeople
    let otherwise =
      switch ask.onTimeout {
      case .act: "at \(deadline) it goes on without an answer"
      case .expire: "at \(deadline) it expires"
      }
    let message =
      "\(ask.reason): `kubectl rollback approve \(record.name) --reason …` or reject it; \(otherwise)"
    status.note("waiting for approval: \(ask.reason)", at: seen.now)
    status.setCondition(approved, .unknown, reason: "AwaitingApproval", message: message, at: seen.now)
    status.setCondition("Succeeded", .unknown, reason: "AwaitingApproval", message: message, at: seen.now)
    return .journal(status, Announcement(reason: "RollbackAwaitingApproval", isWarning: true, message: message))
  }

  /// - Returns: `nil` when the approval has been written down already.
  static func acknowledgeApproval(_ record: RollbackRecord, _ seen: Observation) -> Effect? {
    guard let approval = record.spec.approval, record.status.conditions?[approved]?.status != .true else { return nil }
    var status = record.status
    acknowledge(&status, record, seen.now)
    let message =
      "approved by \(approval.by ?? "somebody")" + (approval.reason.map { ": \($0)" } ?? "")
    status.note(message, at: seen.now)
    status.setCondition(approved, .true, reason: "Approved", message: message, at: seen.now)
    return .journal(status, Announcement(reason: "RollbackApproved", isWarning: false, message: message))
  }

  private static func expired(_ record: RollbackRecord, _ seen: Observation, _ within: PolicyDuration) -> Effect {
    var next = record
    next.status.setCondition(
      approved, .false, reason: "Expired", message: "nobody answered within \(within)", at: seen.now)
    return end(
      next, .expired, reason: "Expired", message: "nobody approved within \(within); nothing was changed", at: seen.now)
  }

  /// What would have been done is told, and nothing more.
  static func notified(
    _ record: RollbackRecord, _ seen: Observation, current: Revision, _ why: String
  ) -> Effect {
    var status = record.status
    acknowledge(&status, record, seen.now)
    status.from = current.reference
    let next = RollbackRecord(name: record.name, createdAt: record.createdAt, spec: record.spec, status: status)
    return end(next, .observed, reason: "Notify", message: why, at: seen.now)
  }
}
