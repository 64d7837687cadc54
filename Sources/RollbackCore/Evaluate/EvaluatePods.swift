import FoundationEssentials

extension PodsTrigger {
  /// Reads the trigger from the pods of the suspect revision.
  ///
  /// - Parameter pods: the suspect's own pods; `nil` while they are not wholly known.
  func read(_ pods: [PodFacts]?, now: Date) -> Reading {
    guard let pods else { return .unknown("the pods of the revision are not known yet") }
    let active = pods.filter(\.isActive)
    for check in [crashLoopBreach, imagePullBreach, outOfMemoryBreach, unschedulableBreach, unreadyBreach] {
      if let breach = check(active) { return .breached(breach) }
    }
    if let breach = restartBreach(pods, now: now) { return .breached(breach) }
    return .healthy
  }

  private func crashLoopBreach(_ pods: [PodFacts]) -> Reading.Breach? {
    guard crashLooping else { return nil }
    return containerBreach(pods, what: "CrashLoopBackOff") { $0.waitingReason == "CrashLoopBackOff" }
  }

  private func imagePullBreach(_ pods: [PodFacts]) -> Reading.Breach? {
    guard imagePull else { return nil }
    return containerBreach(pods, what: "ImagePullBackOff") {
      $0.waitingReason == "ImagePullBackOff" || $0.waitingReason == "InvalidImageName"
    }
  }

  private func outOfMemoryBreach(_ pods: [PodFacts]) -> Reading.Breach? {
    guard oomKilled else { return nil }
    return containerBreach(pods, what: "OOMKilled") { $0.terminationReason == "OOMKilled" }
  }

  private func containerBreach(
    _ pods: [PodFacts], what: String, where isBad: (ContainerFacts) -> Bool
  ) -> Reading.Breach? {
    let bad = pods.filter { $0.containers.contains(where: isBad) }
    guard let first = bad.min(by: { $0.name < $1.name }), let container = first.containers.first(where: isBad) else {
      return nil
    }
    // An out-of-memory kill or a crash has a time of its own; a failing pull has not.
    let since = bad.flatMap { $0.containers.filter(isBad).compactMap(\.terminatedAt) }.min()
    return Reading.Breach(
      value: "\(what) in \(bad.count)/\(pods.count) pods", threshold: "0 pods", since: since,
      message: "container \(container.name) of pod \(first.name) is \(container.waitingReason ?? what)"
        + (container.waitingReason == nil || container.waitingReason == what ? "" : " after \(what)")
        + (bad.count > 1 ? ", and \(bad.count - 1) more pods" : ""))
  }

  private func unschedulableBreach(_ pods: [PodFacts]) -> Reading.Breach? {
    guard unschedulable else { return nil }
    let waiting = pods.filter { $0.unschedulableSince != nil }
    guard let first = waiting.min(by: { $0.name < $1.name }) else { return nil }
    return Reading.Breach(
      value: "\(waiting.count)/\(pods.count) pods", threshold: "0 pods",
      since: waiting.compactMap(\.unschedulableSince).min(),
      message: "pod \(first.name) cannot be scheduled" + (waiting.count > 1 ? ", and \(waiting.count - 1) more" : ""))
  }

  private func unreadyBreach(_ pods: [PodFacts]) -> Reading.Breach? {
    guard let limit = unready?.above else { return nil }
    let waiting = pods.filter { !$0.isReady }
    guard limit.isExceeded(by: waiting.count, of: pods.count) else { return nil }
    // The share has been above the limit since the pod that took it there became unready.
    let times = waiting.compactMap { $0.readyChangedAt ?? $0.createdAt }.sorted()
    var needed = 0
    while needed < waiting.count, !limit.isExceeded(by: needed, of: pods.count) { needed += 1 }
    let since = times.count == waiting.count && needed > 0 ? times[needed - 1] : nil
    return Reading.Breach(
      value: limit.describe(waiting.count, of: pods.count), threshold: limit.description, since: since,
      message: "\(waiting.count) of \(pods.count) pods are not ready")
  }

  private func restartBreach(_ pods: [PodFacts], now: Date) -> Reading.Breach? {
    guard let restarts else { return nil }
    let start = now.addingTimeInterval(-restarts.within.timeInterval)
    let times = pods.flatMap { $0.containers.flatMap(\.restarts) }.filter { $0 >= start }
    guard times.count >= restarts.atLeast else { return nil }
    return Reading.Breach(
      value: "\(times.count)", threshold: "\(restarts.atLeast)",
      message: "containers restarted \(times.count) times within \(restarts.within)")
  }
}
