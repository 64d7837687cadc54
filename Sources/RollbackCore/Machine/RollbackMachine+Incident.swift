import FoundationEssentials

/// A breach that no rollout is to blame for.
extension RollbackMachine {
  private static let noSuspect = "NoSuspect"

  static func beginIncident(_ record: RollbackRecord, _ seen: Observation) -> Effect {
    guard let workload = seen.workload, !workload.isBeingDeleted else {
      guard seen.isLive else { return .observeLive }
      return supersede(record, reason: "TargetGone", "the workload is gone or being deleted", seen.now)
    }
    switch seen.permission {
    case .close(let why):
      return supersede(record, reason: "Cleared", why, seen.now)
    case .wait(let why):
      return .wait(until: nil, why)
    case .observe:
      return end(
        record, .observed, reason: "Observed",
        message: "no rollout is to blame, so there would be nothing to undo; nothing was changed (mode: Observe)",
        at: seen.now)
    case .notify(let why), .dismiss(let why):
      return end(record, .observed, reason: "Notify", message: why, at: seen.now)
    case .hold(let hold) where !(hold.yieldsToApproval && record.isApproved):
      return held(record, seen, hold)
    case .act where record.isHeldForSharedCause && !record.isApproved:
      return .wait(until: nil, record.status.conditions?["Succeeded"]?.message ?? "")
    case .hold, .ask, .act:
      return nothingToUndo(record, seen, workload)
    }
  }

  private static func nothingToUndo(
    _ record: RollbackRecord, _ seen: Observation, _ workload: WorkloadFacts
  ) -> Effect {
    let why = "no revision of Deployment \(workload.name) is on trial, so no rollout is to blame and none is undone"
    let object = "Deployment/\(record.spec.target.name)"
    var next = record
    acknowledge(&next.status, record, seen.now)
    next.status.rung = rung
    next.status.plan = [EventStatus.PlannedStep(rung: rung, step: step, object: object, detail: why)]
    next.status.steps = [
      EventStatus.Step(
        rung: rung, step: step, object: object, state: .notApplicable, message: "\(noSuspect): \(why)")
    ]
    return end(next, .notRecovered, reason: noSuspect, message: why, at: seen.now)
  }
}
