import KubernetesClient

extension DeploymentSync {
  mutating func roll() throws(Refusal) -> Duration? {
    if newest == nil { try findReplicaSets(creates: true) }
    guard let newest else { return nil }
    if try grow(newest) { return try writeStatus(rolloutStatus()) }
    if try shrinkOld(newest) { return try writeStatus(rolloutStatus()) }
    if deployment.isComplete(deployment.status) { try cleanUp() }
    return try writeStatus(rolloutStatus())
  }

  private func grow(_ newest: ReplicaSetObject) throws(Refusal) -> Bool {
    if newest.replicas > deployment.replicas { return try scale(newest, to: deployment.replicas) }
    let total = all.reduce(0) { $0 + $1.replicas }
    return try scale(newest, to: RollingUpdate.newReplicas(deployment, all: total, new: newest.replicas))
  }

  private func shrinkOld(_ newest: ReplicaSetObject) throws(Refusal) -> Bool {
    var active = old.filter { $0.replicas > 0 }
    guard !active.isEmpty else { return false }
    let total = all.reduce(0) { $0 + $1.replicas }
    let minimum = deployment.replicas - deployment.maxUnavailable
    let most = total - minimum - (newest.replicas - newest.status.availableReplicas)
    guard most > 0 else { return false }
    let cleanup = RollingUpdate.cleanup(active, atMost: most)
    var isScaled = false
    for (set, replicas) in cleanup.scalings {
      let updated = try resize(set, to: replicas)
      active = active.map { $0.uid == set.uid ? updated : $0 }
      isScaled = true
    }
    if cleanup.isStale { return false }
    let available = (active + [newest]).reduce(0) { $0 + $1.status.availableReplicas }
    for (set, replicas) in RollingUpdate.scaleDown(active, by: max(0, available - minimum)) {
      try resize(set, to: replicas)
      isScaled = true
    }
    return isScaled
  }

  mutating func recreate() throws(Refusal) -> Duration? {
    var isScaled = false
    for set in old where set.replicas > 0 {
      try scale(set, to: 0)
      isScaled = true
    }
    if isScaled || oldPodsRun { return try writeStatus(rolloutStatus()) }
    if newest == nil { try findReplicaSets(creates: true) }
    if let newest { try scale(newest, to: deployment.replicas) }
    if deployment.isComplete(deployment.status) { try cleanUp() }
    return try writeStatus(rolloutStatus())
  }

  private var oldPodsRun: Bool {
    old.contains { set in
      set.status.replicas > 0
        || pods(set).contains { pod in
          let phase = pod["status"]?["phase"]?.string
          return phase != "Failed" && phase != "Succeeded"
        }
    }
  }
}
