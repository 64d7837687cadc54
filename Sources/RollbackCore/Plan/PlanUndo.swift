import FoundationEssentials

extension RollbackMachine {
  /// The revision the event names, if it can still be returned to; else the choice is made anew on what is there now.
  static func resolve(_ record: RollbackRecord, _ seen: Observation, current: Revision) -> TargetChoice {
    let lastGood = seen.policy.spec?.lastGood ?? PolicySpec.LastGood()
    let choice = seen.revisions.choose(insteadOf: current, lastGood) { seen.unusable[$0.uid] }
    guard let wanted = record.spec.to?.hash, choice.revision?.hash != wanted,
      let revision = seen.revisions.revisions.first(where: { $0.hash == wanted && !$0.isBeingDeleted }),
      !seen.revisions.isBad(revision), !revision.isSameVersion(as: current), seen.unusable[revision.uid] == nil
    else { return choice }
    return .revision(revision, reason: "chosen when the breach was proven")
  }

  /// The plan as its first journal entry: the step is Running before anything is written (R2).
  static func plan(
    _ record: RollbackRecord, _ seen: Observation, from: Revision, _ choice: TargetChoice
  ) -> Effect {
    var status = record.status
    let object = "Deployment/\(record.spec.target.name)"
    acknowledge(&status, record, seen.now)
    status.from = from.reference
    guard let to = choice.revision else {
      status.plan = [EventStatus.PlannedStep(rung: rung, step: step, object: object, detail: choice.reason)]
      status.steps = [
        EventStatus.Step(
          rung: rung, step: step, object: object, state: .notApplicable, message: "NoGoodRevision: \(choice.reason)")
      ]
      let next = RollbackRecord(name: record.name, createdAt: record.createdAt, spec: record.spec, status: status)
      return end(next, .notRecovered, reason: "NoGoodRevision", message: choice.reason, at: seen.now)
    }
    status.outcome = nil
    status.to = to.reference
    status.rung = rung
    let detail = "\(from.reference.description) → \(to.reference.description): \(choice.reason)"
    status.plan = [EventStatus.PlannedStep(rung: rung, step: step, object: object, detail: detail)]
    status.steps = [
      EventStatus.Step(
        rung: rung, step: step, object: object, state: .running, startedAt: seen.now.wholeMilliseconds, attempts: 1,
        before: ["revision": String(from.number), "templateHash": from.hash])
    ]
    status.note("undo planned: \(detail)", at: seen.now)
    status.setCondition(
      "Executed", .unknown, reason: "Running", message: "undoing to \(to.reference.description)", at: seen.now)
    status.setCondition("Succeeded", .unknown, reason: "Running", message: "the rollback is running", at: seen.now)
    // Planned anew it is the same rollback: that it began has been told.
    guard !record.hasPlan else { return .journal(status, nil) }
    let why = record.spec.trigger.map { "trigger \($0.name): \($0.message ?? "")" } ?? record.spec.reason ?? ""
    return .journal(
      status,
      Announcement(
        reason: "RollbackTriggered", isWarning: true,
        message: "\(why); undoing \(detail)"))
  }
}
