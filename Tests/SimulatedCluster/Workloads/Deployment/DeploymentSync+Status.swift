import FoundationEssentials
import KubernetesClient

extension DeploymentSync {
  /// What the ReplicaSets, as they were read, amount to.
  func status() -> DeploymentStatus {
    var status = DeploymentStatus()
    let available = all.reduce(0) { $0 + $1.status.availableReplicas }
    status.observedGeneration = deployment.generation
    status.replicas = all.reduce(0) { $0 + $1.status.replicas }
    status.updatedReplicas = newest?.status.replicas ?? 0
    status.readyReplicas = all.reduce(0) { $0 + $1.status.readyReplicas }
    status.availableReplicas = available
    status.unavailableReplicas = max(0, all.reduce(0) { $0 + $1.replicas } - available)
    status.collisionCount = deployment.status.collisionCount
    status.conditions = deployment.status.conditions
    if available >= deployment.replicas - deployment.maxUnavailable {
      status.set(
        WorkloadCondition(
          "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", at: now))
    } else {
      status.set(
        WorkloadCondition(
          "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", at: now)
      )
    }
    return status
  }

  /// The same with what can be said about the rollout's progress.
  func rolloutStatus() -> DeploymentStatus {
    var status = status()
    let current = deployment.status["Progressing"]
    let hasDeadline = deployment.progressDeadlineSeconds != nil
    if !hasDeadline { status.remove("Progressing") }
    let isLongDone = status.replicas == status.updatedReplicas && current?.reason == "NewReplicaSetAvailable"
    if hasDeadline, !isLongDone {
      let subject = newest.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
      if deployment.isComplete(status) {
        status.set(progressing("True", "NewReplicaSetAvailable", "\(subject) has successfully progressed."))
      } else if isProgress(from: deployment.status, to: status) {
        var condition = progressing("True", "ReplicaSetUpdated", "\(subject) is progressing.")
        if let current, current.status == "True" { condition.lastTransitionTime = current.lastTransitionTime }
        // Replaced also if it says the same: the time of the update is that of the last progress.
        status.remove("Progressing")
        status.set(condition)
      } else if isTimedOut(status) {
        status.set(progressing("False", "ProgressDeadlineExceeded", "\(subject) has timed out progressing."))
      }
    }
    if let failure = replicaFailure { status.set(failure) } else { status.remove("ReplicaFailure") }
    return status
  }

  private func isProgress(from old: DeploymentStatus, to new: DeploymentStatus) -> Bool {
    new.updatedReplicas > old.updatedReplicas
      || new.replicas - new.updatedReplicas < old.replicas - old.updatedReplicas
      || new.readyReplicas > old.readyReplicas || new.availableReplicas > old.availableReplicas
  }

  private func isTimedOut(_ status: DeploymentStatus) -> Bool {
    guard let deadline = deployment.progressDeadlineSeconds, let condition = status["Progressing"],
      condition.reason != "NewReplicaSetAvailable"
    else { return false }
    if condition.reason == "ProgressDeadlineExceeded" { return true }
    guard let from = condition.lastUpdateTime.flatMap(Timestamp.date) else { return false }
    return from + Double(deadline) < now
  }

  private var replicaFailure: WorkloadCondition? {
    for set in (newest.map { [$0] } ?? []) + old {
      if var failure = set.status.conditions.first(where: { $0.type == "ReplicaFailure" }) {
        failure.lastUpdateTime = failure.lastTransitionTime
        return failure
      }
    }
    return nil
  }

  /// - Returns: when lack of progress is to be looked for; only asked once there is nothing more to write.
  mutating func writeStatus(_ status: DeploymentStatus) throws(Refusal) -> Duration? {
    guard status == deployment.status else {
      deployment.status = status
      try writeDeployment()
      return nil
    }
    guard let deadline = deployment.progressDeadlineSeconds, !deployment.isPaused,
      let condition = status["Progressing"],
      !deployment.isComplete(status), condition.reason != "ProgressDeadlineExceeded",
      let from = condition.lastUpdateTime.flatMap(Timestamp.date)
    else { return nil }
    let left = (from + Double(deadline)).timeIntervalSince(now)
    // A second more, since the time of the update has whole seconds.
    return .milliseconds(Int64(max(0, (left + 1) * 1_000).rounded(.up)))
  }
}
