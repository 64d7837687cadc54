/// The arithmetic of a rolling update, on numbers alone.
enum RollingUpdate {
  /// How many pods the newest ReplicaSet may have, given how many all have together.
  static func newReplicas(_ deployment: DeploymentObject, all: Int, new: Int) -> Int {
    if deployment.strategy.isRecreate { return deployment.replicas }
    let most = deployment.replicas + deployment.maxSurge
    guard all < most else { return new }
    return new + min(most - all, deployment.replicas - new)
  }

  /// What a ReplicaSet gets, or loses, of a change of the Deployment's size in the middle of a rollout.
  static func share(
    of set: ReplicaSetObject, in deployment: DeploymentObject, toAdd: Int, added: Int
  ) -> Int {
    guard set.replicas != 0, toAdd != 0, toAdd != added else { return 0 }
    let fraction = fraction(of: set, in: deployment)
    return toAdd > 0 ? min(fraction, toAdd - added) : max(fraction, toAdd - added)
  }

  private static func fraction(of set: ReplicaSetObject, in deployment: DeploymentObject) -> Int {
    if deployment.replicas == 0 { return -set.replicas }
    let annotated =
      set.annotations[RevisionAnnotations.maxReplicas].flatMap { Int($0) } ?? deployment.oldStatus.replicas
    guard annotated > 0 else { return 0 }
    let size = Double(set.replicas * (deployment.replicas + deployment.maxSurge)) / Double(annotated)
    return (Int(exactly: size.rounded(.toNearestOrAwayFromZero)) ?? set.replicas) - set.replicas
  }

  /// How many of the unhealthy pods of old ReplicaSets go, oldest first: they block the rollout and serve nobody.
  ///
  /// - Returns: `isStale` if the status of a ReplicaSet counts more pods than it may have. The controller then goes no
  ///   further, which keeps it from counting the same pod twice.
  static func cleanup(
    _ old: [ReplicaSetObject], atMost limit: Int
  ) -> (scalings: [(set: ReplicaSetObject, replicas: Int)], isStale: Bool) {
    var left = limit
    var scalings: [(set: ReplicaSetObject, replicas: Int)] = []
    for set in old.sorted(by: ReplicaSetObject.isOlder) where left > 0 && set.replicas != 0 {
      let unhealthy = set.replicas - set.status.availableReplicas
      if unhealthy == 0 { continue }
      if unhealthy < 0 { return (scalings, true) }
      let count = min(left, unhealthy)
      scalings.append((set, set.replicas - count))
      left -= count
    }
    return (scalings, false)
  }

  /// How many of the healthy pods of old ReplicaSets go, oldest first.
  static func scaleDown(_ old: [ReplicaSetObject], by count: Int) -> [(set: ReplicaSetObject, replicas: Int)] {
    var left = count
    var scalings: [(set: ReplicaSetObject, replicas: Int)] = []
    for set in old.sorted(by: ReplicaSetObject.isOlder) where left > 0 && set.replicas != 0 {
      let step = min(set.replicas, left)
      scalings.append((set, set.replicas - step))
      left -= step
    }
    return scalings
  }
}
