extension RollbackMachine {
  /// A person asked for a rollback: what cannot be done is refused with the reason and the remedy.
  static func beginManual(
    _ record: RollbackRecord, _ seen: Observation, workload: WorkloadFacts, current: Revision
  ) -> Effect {
    if let named = record.spec.suspect, let hash = named.hash, hash != current.hash {
      return notCurrent(record, seen, "it now runs \(current.reference.description)")
    }
    guard !workload.isPaused else {
      return refuse(
        record, reason: "Paused", at: seen.now,
        "Deployment \(workload.name) is paused and a paused workload is never undone; "
          + "run `kubectl rollout resume deployment/\(workload.name)` and ask again")
    }
    guard let wanted = record.spec.to, wanted.revision != nil || wanted.hash != nil else {
      return planManual(record, seen, from: current, resolve(record, seen, current: current))
    }
    let found = seen.revisions.revisions.first {
      (wanted.hash == nil || $0.hash == wanted.hash) && (wanted.hash != nil || $0.number == wanted.revision)
    }
    guard let revision = found, !revision.isBeingDeleted else {
      let known = seen.revisions.revisions.map(\.number).sorted().map(String.init).joined(separator: ", ")
      return refuse(
        record, reason: "NoSuchRevision", at: seen.now,
        "spec.to: Deployment \(workload.name) keeps no \(wanted.description); it keeps \(known)")
    }
    guard revision.hash != current.hash else {
      return refuse(
        record, reason: "AlreadyCurrent", at: seen.now,
        "spec.to: Deployment \(workload.name) already runs \(revision.reference.description)")
    }
    guard !seen.revisions.isBad(revision) else {
      return refuse(
        record, reason: "BadTarget", at: seen.now,
        "spec.to: \(revision.reference.description) was rolled back before and is never a target")
    }
    if let why = seen.unusable[revision.uid] {
      return refuse(
        record, reason: "UnusableTarget", at: seen.now, "spec.to: \(revision.reference.description) cannot run: \(why)")
    }
    return planManual(record, seen, from: current, .revision(revision, reason: "named in spec.to"))
  }

  private static func planManual(
    _ record: RollbackRecord, _ seen: Observation, from current: Revision, _ choice: TargetChoice
  ) -> Effect {
    guard record.spec.mode == .observe else { return plan(record, seen, from: current, choice) }
    return observed(record, seen, current: current, to: choice.revision?.reference)
  }
}
