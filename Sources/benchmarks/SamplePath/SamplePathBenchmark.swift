import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator

/// The way from a value that a real Prometheus has to the RollbackEvent that answers it, beside the interval of the
/// trigger and the round trip of its query to the same Prometheus at the same time.
///
/// The operator samples once an interval, so that on average half of one passes before it can see a value. Both ends
/// are read from the clock of the benchmark: the beginning of the last query of its own that did not show the breach,
/// and the moment at which its watch shows the RollbackEvent. So the figure is never too small.
struct SamplePathBenchmark {
  /// How many are counted.
  var breaches: Int
  /// The operator's executable.
  var operatorPath: String
  /// The folder of the manifests.
  var manifests: String

  private static let namespace = "benchmark"
  /// So many bad releases are rolled out side by side: most of the time of each is spent waiting.
  private static let lanes = 5

  func run() async throws -> Findings {
    Progress.say("sample path: starting a control plane and a Prometheus")
    return try await withLocalCluster(crds: ["\(manifests)/crds"]) { cluster in
      let prometheus = try await cluster.startPrometheus(PrometheusOptions(scrapeInterval: .milliseconds(250)))
      let names = (1...breaches).map { "shop-\($0)" }
      try await prepare(names, cluster.client)
      // Whether a breach is one of many is looked at after a wait that is no work; it is left out.
      let installed = try await InstalledOperator.start(
        operatorPath, in: cluster, manifests: manifests,
        configuration: """
          sources:
          - {name: default, prometheus: {address: "\(prometheus.address)"}}
          sharedCause: {minTargets: 100000}

          """)
      let times = try await withThrowingTaskGroup(of: Void.self) { group in
        let observer = DecisionObserver()
        group.addTask { await observer.run(cluster.client, namespace: Self.namespace) }
        defer { group.cancelAll() }
        return try await run(
          BreachCourse(
            client: cluster.client, namespace: Self.namespace, prometheus: prometheus, observer: observer,
            installed: installed), names)
      }
      await installed.stop()
      return findings(times, version: "\(cluster.capabilities.version)")
    }
  }

  private func prepare(_ names: [String], _ client: KubernetesClient) async throws {
    Progress.say("sample path: rolling out \(names.count) Deployments")
    try await client.create(
      .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(Self.namespace)]])
    for name in names {
      try await client.create(.deployments, namespace: Self.namespace, MeasuredRelease.good.deployment(name))
      try await client.create(.rollbackPolicies, namespace: Self.namespace, MeasuredRelease.policy(name))
    }
  }

  private func run(_ course: BreachCourse, _ names: [String]) async throws -> [BreachCourse.Times] {
    do {
      try await wait("the operator has taken all releases up as good", every: .milliseconds(500)) {
        try course.installed.check()
        let policies = try await course.client.list(PolicyObject.self, namespace: Self.namespace).items
        return policies.count { $0.object?.status.targets?.first?.lastGood != nil } == names.count
      }
      Progress.say("sample path: \(names.count) bad releases")
      return try await withThrowingTaskGroup(of: [BreachCourse.Times].self) { group in
        for lane in 0..<Self.lanes {
          let own = names.enumerated().filter { $0.offset % Self.lanes == lane }.map(\.element)
          group.addTask { try await course.run(own) }
        }
        var times: [BreachCourse.Times] = []
        for try await some in group { times += some }
        return times
      }
    } catch {
      throw BenchmarkError("\(error)\nThe operator's last words:\n\(course.installed.lastWords)")
    }
  }

  private func findings(_ times: [BreachCourse.Times], version: String) -> Findings {
    let path = Samples(times.map(\.path))
    let query = Samples(times.flatMap(\.queries))
    func figure(_ subject: String, _ value: Duration, _ reference: String, _ other: Duration) -> Figure {
      Figure(
        subject: subject, value: Number.milliseconds(value), reference: reference,
        referenceValue: Number.milliseconds(other), ratio: value / max(other, .nanoseconds(1)))
    }
    let subject = "value in Prometheus → RollbackEvent"
    return Findings(
      figures: [
        figure("\(subject), median", path.median, "the trigger's interval", MeasuredRelease.interval),
        figure("\(subject), p99", path.p99, "the trigger's interval", MeasuredRelease.interval),
        figure("\(subject), median", path.median, "the trigger's query, median", query.median),
        figure("\(subject), p99", path.p99, "the trigger's query, p99", query.p99),
      ],
      notes: [
        "Sample path: \(breaches) bad releases in \(min(Self.lanes, breaches)) lanes, Kubernetes \(version); without the "
          + "wait of sharedCause, which is as long for every breach."
      ])
  }
}
