import KubernetesClient
import RollbackCore
import RollbackOperator

/// One bad release after the other, each on a Deployment of its own.
struct RollbackCourse {
  /// What was measured of one rollback.
  struct Times {
    /// From before the write of the bad status to the sight of the undo.
    var path: Duration
    /// The round trip of the write of the bad status.
    var badWrite: Duration
    /// The round trip of a patch that changes nothing.
    var noOp: Duration
  }

  var client: KubernetesClient
  var namespace: String
  var observer: RolloutObserver
  var installed: InstalledOperator

  /// - Parameters:
  ///   - names: Deployments that run well, each with a policy.
  ///   - warmUps: how many of the first are not counted.
  func run(_ names: [String], warmUps: Int) async throws -> [Times] {
    do {
      try await wait("the operator has taken all releases up as good", every: .milliseconds(500)) {
        try installed.check()
        let policies = try await client.list(PolicyObject.self, namespace: namespace).items
        return policies.count { $0.object?.status.targets?.first?.lastGood != nil } == names.count
      }
      var times: [Times] = []
      for (number, name) in names.enumerated() {
        if number % 20 == 0 { Progress.say("event path: rollback \(number + 1) of \(names.count)") }
        let single = try await rollBack(name)
        if number >= warmUps { times.append(single) }
      }
      return times
    } catch {
      throw BenchmarkError("\(error)\nThe operator's last words:\n\(installed.lastWords)")
    }
  }

  private func rollBack(_ name: String) async throws -> Times {
    let pod = try await rollOutBadRelease(name)
    let clock = ContinuousClock()
    let unchanged: JSONValue = ["metadata": ["labels": ["app": .string(name)]]]
    let noOp = try await clock.measure {
      try await client.patch(.deployments, namespace: namespace, name: name, .merge(unchanged))
    }

    let status = Release.crashLooping(pod)
    let start = clock.now
    try await client.patch(
      .pods, namespace: namespace, name: pod.metadata.name, subresource: "status", .strategicMerge(status))
    let badWrite = clock.now - start
    try await wait("the undo of \(name)", limit: .seconds(60)) {
      try installed.check()
      return observer[name].undoneAt != nil
    }
    let end = observer[name].undoneAt ?? clock.now

    try await wait("the end of the rollback of \(name)", limit: .seconds(120)) { observer[name].outcome != nil }
    guard observer[name].outcome == .recovered else {
      throw BenchmarkError("the rollback of \(name) ended with \(observer[name].outcome?.rawValue ?? "nothing")")
    }
    // What the end of one sets off is not to meet the beginning of the next.
    try await Task.sleep(for: .milliseconds(50))
    return Times(path: end - start, badWrite: badWrite, noOp: noOp)
  }

  /// Rolls the bad release out, and returns its running pod when the operator has it in view and finds nothing wrong.
  private func rollOutBadRelease(_ name: String) async throws -> Pod {
    let template = Release.bad.template(of: name)
    try await client.patch(
      .deployments, namespace: namespace, name: name, .json([.replace(path: "/spec/template", value: template)]))
    var running: Pod?
    try await wait("a pod of the bad release of \(name) runs", limit: .seconds(60), every: .milliseconds(50)) {
      let pods = try await client.list(
        Pod.self, namespace: namespace, options: ListOptions(labelSelector: "app=\(name),release=2"))
      running = pods.items.compactMap(\.object).first { !$0.status.containerStatuses.isEmpty }
      return running != nil
    }
    try await wait("the operator watches the pods of \(name)", limit: .seconds(60), every: .milliseconds(50)) {
      try installed.check()
      let policy = try await client.get(PolicyObject.self, namespace: namespace, name: name)
      let target = policy.status.targets?.first
      return target?.current?.revision == 2 && observer[name].isBad
        && target?.triggers?.contains { $0.name == "pods" && $0.state == .healthy } ?? false
    }
    guard let running else { throw BenchmarkError("the bad release of \(name) has no pod") }
    return running
  }
}
