import KubernetesClient
import LocalCluster
import RollbackOperator

/// The way from a pod that turns bad to the undo that the API server has accepted, on a real control plane, beside the
/// round trip of a no-op patch to the same API server at the same time.
///
/// The benchmark is the kubelet that writes the pod's bad status. Both ends are read from one clock, its own: the
/// moment before it sends that write, and the moment at which its watch of the Deployment shows the good template
/// again. So the bad write itself and the delivery of the watch are part of the figure. Rollbacks are made one after
/// the other, each when the one before has been verified.
struct EventPathBenchmark {
  /// How many are counted.
  var rollbacks: Int
  /// The operator's executable.
  var operatorPath: String
  /// The folder of the manifests.
  var manifests: String

  private static let namespace = "benchmark"
  /// Connections are opened and code is loaded on the first rollbacks, which are not counted.
  private var warmUps: Int { min(5, rollbacks) }

  func run() async throws -> Findings {
    Progress.say("event path: starting a control plane")
    return try await withLocalCluster(crds: ["\(manifests)/crds"]) { cluster in
      let names = (1...(warmUps + rollbacks)).map { "shop-\($0)" }
      try await prepare(names, cluster.client)
      let installed = try await InstalledOperator.start(operatorPath, in: cluster, manifests: manifests)
      let times = try await withThrowingTaskGroup(of: Void.self) { group in
        let observer = RolloutObserver()
        group.addTask { await observer.run(cluster.client, namespace: Self.namespace) }
        defer { group.cancelAll() }
        let course = RollbackCourse(
          client: cluster.client, namespace: Self.namespace, observer: observer, installed: installed)
        return try await course.run(names, warmUps: warmUps)
      }
      await installed.stop()
      let requests = try InstalledOperator.requestsPerUndo(in: cluster)
      return findings(times, requests: requests, version: "\(cluster.capabilities.version)")
    }
  }

  /// Makes the Deployments and waits until they run; then makes the policies.
  private func prepare(_ names: [String], _ client: KubernetesClient) async throws {
    Progress.say("event path: rolling out \(names.count) Deployments")
    let namespace = Self.namespace
    try await client.create(
      .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]])
    for name in names {
      try await client.create(.deployments, namespace: namespace, Release.good.deployment(name))
    }
    try await wait("all Deployments are available", every: .milliseconds(500)) {
      let all = try await client.list(Deployment.self, namespace: namespace).items
      return all.count { $0.object?.status.availableReplicas == 1 } == names.count
    }
    for name in names { try await client.create(.rollbackPolicies, namespace: namespace, Release.policy(name)) }
  }

  private func findings(_ times: [RollbackCourse.Times], requests: [[String]], version: String) -> Findings {
    let path = Samples(times.map(\.path))
    let badWrite = Samples(times.map(\.badWrite))
    let noOp = Samples(times.map(\.noOp))
    func figure(_ subject: String, _ value: Duration, _ reference: String, _ other: Duration) -> Figure {
      Figure(
        subject: subject, value: Number.milliseconds(value), reference: reference,
        referenceValue: Number.milliseconds(other), ratio: value / max(other, .nanoseconds(1)))
    }
    var notes = ["Event path: \(rollbacks) rollbacks one after the other, Kubernetes \(version)."]
    let typical = requests.sorted { $0.count < $1.count }
    if !typical.isEmpty {
      let median = typical[typical.count / 2]
      notes.append(
        "Until the undo was accepted the operator made \(median.count) requests (median), one after the other: "
          + "\(median.joined(separator: ", ")).")
    }
    return Findings(
      figures: [
        figure("bad pod status → undo accepted, median", path.median, "no-op patch, median", noOp.median),
        figure("bad pod status → undo accepted, p99", path.p99, "no-op patch, p99", noOp.p99),
        figure(
          "of it the write of the status, median", badWrite.median, "no-op patch, median", noOp.median),
      ], notes: notes)
  }
}

/// Asks until the condition is met.
///
/// - Throws: after `limit`, an error that says what did not happen.
func wait(
  _ what: String, limit: Duration = .seconds(300), every interval: Duration = .milliseconds(5),
  until isMet: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while try await !isMet() {
    guard ContinuousClock.now < deadline else { throw BenchmarkError("not within \(limit): \(what)") }
    try await Task.sleep(for: interval)
  }
}
