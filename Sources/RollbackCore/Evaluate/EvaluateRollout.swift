import FoundationEssentials

extension RolloutTrigger {
  /// Reads the trigger from the Deployment's own status. Only a rollout in progress is judged: growth by an autoscaler
  /// is none.
  func read(_ workload: WorkloadFacts, now: Date) -> Reading {
    guard workload.isObserved else {
      return .unknown("the Deployment controller has not yet seen the newest change")
    }
    if progressDeadlineExceeded, let progressing = workload.progressing, !progressing.isTrue,
      progressing.reason == "ProgressDeadlineExceeded"
    {
      return .breached(
        Reading.Breach(
          value: "ProgressDeadlineExceeded", threshold: "\(workload.progressDeadlineSeconds)s",
          since: progressing.lastTransition,
          message: "the rollout made no progress for \(workload.progressDeadlineSeconds) s: "
            + "\(workload.updatedReplicas) of \(workload.desiredReplicas) replicas updated, "
            + "\(workload.availableReplicas) available"))
    }
    if let breach = stalledBreach(workload, now: now) { return .breached(breach) }
    if let breach = unavailableBreach(workload) { return .breached(breach) }
    return .healthy
  }

  /// The moment at which a rollout that makes no progress until then is stalled; `nil` when that can't happen by
  /// waiting.
  func stalls(_ workload: WorkloadFacts) -> Date? {
    guard let stalledFor, workload.isObserved, !workload.isComplete, let progressing = workload.progressing,
      progressing.reason != "NewReplicaSetAvailable", let last = progressing.lastUpdate
    else { return nil }
    return last.addingTimeInterval(stalledFor.timeInterval)
  }

  private func stalledBreach(_ workload: WorkloadFacts, now: Date) -> Reading.Breach? {
    guard let stalledFor, let moment = stalls(workload), moment <= now, let last = workload.progressing?.lastUpdate
    else { return nil }
    return Reading.Breach(
      value: PolicyDuration(from: last, to: now).description, threshold: stalledFor.description, since: moment,
      message: "the rollout has made no progress for \(stalledFor)")
  }

  private func unavailableBreach(_ workload: WorkloadFacts) -> Reading.Breach? {
    guard let limit = unavailable?.above else { return nil }
    let missing = max(0, max(0, workload.desiredReplicas) - max(0, workload.availableReplicas))
    guard limit.isExceeded(by: missing, of: workload.desiredReplicas) else { return nil }
    return Reading.Breach(
      value: limit.describe(missing, of: workload.desiredReplicas), threshold: limit.description,
      message: "\(missing) of \(workload.desiredReplicas) replicas are not available")
  }
}
