import FoundationEssentials

/// An undo that must not be written any more may be on its way already, sent by a process that was killed since or by
/// the leader before this one; and unless the workload itself has changed, nothing would stop it from arriving. So the
/// end is written in two entries: at once that the undo is withdrawn, and why, so that nobody sends it again; and when
/// nothing that was sent before can arrive any more, how the event ends, or what is planned instead.
extension RollbackMachine {
  /// From the decision to write to the last moment at which the API server may carry it out: the client tries for 60 s
  /// at most (`RequestPolicy.deadline`), and the API server gives a request up 60 s after it arrived
  /// (`--request-timeout`).
  static let longestRequest: TimeInterval = 120

  static let targetGone = "TargetGone"
  static let timedOut = "TimedOut"
  static let undoRefused = "UndoRefused"
  static let frozen = "Frozen"

  /// Writes down that the undo is not to be sent any more.
  static func withdraw(_ record: RollbackRecord, reason: String, _ message: String, _ now: Date) -> Effect {
    var status = record.status
    // The step may be planned anew; what it met with stays in the timeline.
    if let error = status.steps?.first?.message, error != message { status.note("not written: \(error)", at: now) }
    status.updateStep { $0.message = $0.message ?? message }
    status.note("undo withdrawn: \(message)", at: now)
    status.setCondition("Executed", .false, reason: reason, message: message, at: now)
    status.setCondition(
      "Succeeded", .unknown, reason: "Withdrawn",
      message: "\(message); waiting for \(Int(longestRequest)) s, since the undo may have been sent before", at: now)
    return .journal(status, nil)
  }

  /// The undo was withdrawn: what the workload runs says whether it had been sent before.
  static func withdrawn(
    _ record: RollbackRecord, step: EventStatus.Step, from: RevisionReference, to: RevisionReference,
    _ seen: Observation
  ) -> Effect {
    let since = record.status.conditions?["Executed"]?.lastTransitionTime ?? record.createdAt
    let over = since.addingTimeInterval(longestRequest)
    let isWaiting = seen.now < over
    let waiting = Effect.wait(until: over, "the undo was withdrawn, but may have been sent before")
    guard seen.isLive else { return isWaiting && seen.current?.hash == from.hash ? waiting : .observeLive }
    guard let workload = seen.workload, !workload.isBeingDeleted else { return endWithdrawn(record, seen) }
    if seen.bearsUndo || seen.current?.hash == to.hash {
      return accepted(record, step: step, from: from, to: to, seen)
    }
    guard seen.current?.hash == from.hash else { return endWithdrawn(record, seen) }
    guard !isWaiting else { return waiting }
    guard mayBePlannedAnew(record, seen) else { return endWithdrawn(record, seen) }
    guard case .wait(let why) = seen.permission else { return begin(record, seen) }
    // A container that is started again and again looks well between two crashes.
    let end = over.addingTimeInterval(acceptanceTimeout)
    return seen.now < end ? .wait(until: end, why) : endWithdrawn(record, seen)
  }

  /// Whether another revision may serve instead of a target that is gone, or the freeze be waited for. What a person
  /// did against the plan has superseded it (R6), also when it was taken back since.
  private static func mayBePlannedAnew(_ record: RollbackRecord, _ seen: Observation) -> Bool {
    guard [targetGone, frozen].contains(reason(record)) else { return false }
    if record.spec.origin == .manual { return record.spec.to == nil || reason(record) == frozen }
    return seen.policy.spec.map { $0.mode != .observe } ?? false
  }

  private static func reason(_ record: RollbackRecord) -> String {
    record.status.conditions?["Executed"]?.reason ?? timedOut
  }

  private static func endWithdrawn(_ record: RollbackRecord, _ seen: Observation) -> Effect {
    end(
      record, [targetGone, timedOut, undoRefused].contains(reason(record)) ? .failed : .superseded,
      reason: reason(record), message: record.status.conditions?["Executed"]?.message ?? "", at: seen.now)
  }

  /// It had been sent before it was withdrawn, and has arrived.
  static func takeBackWithdrawal(_ status: inout EventStatus, to: RevisionReference, at now: Date) {
    status.note("the undo had been sent before it was withdrawn", at: now)
    status.setCondition(
      "Executed", .unknown, reason: "Running", message: "undoing to \(to.description)", at: now)
    status.setCondition("Succeeded", .unknown, reason: "Running", message: "the rollback is running", at: now)
  }
}
