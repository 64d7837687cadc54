import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator

/// One bad release after the other, each on a Deployment of its own, found by its metrics.
struct BreachCourse {
  /// What was measured of one breach.
  struct Times {
    /// From the last look at Prometheus that did not show the breach to the sight of the RollbackEvent.
    var path: Duration
    /// Round trips of the trigger's query to the same Prometheus, while the operator asked it, too.
    var queries: [Duration]
  }

  var client: KubernetesClient
  var namespace: String
  var prometheus: PrometheusServer
  var observer: DecisionObserver
  var installed: InstalledOperator

  /// Time between two looks at Prometheus.
  private static let pause = Duration.milliseconds(10)

  func run(_ names: [String]) async throws -> [Times] {
    var times: [Times] = []
    for name in names { times.append(try await find(name)) }
    return times
  }

  private func find(_ name: String) async throws -> Times {
    let template = MeasuredRelease.bad.template(of: name)
    try await client.patch(
      .deployments, namespace: namespace, name: name, .json([.replace(path: "/spec/template", value: template)]))
    var hash = ""
    try await wait("a pod of the bad release of \(name) runs", limit: .seconds(60), every: .milliseconds(50)) {
      let pods = try await client.list(
        Pod.self, namespace: namespace, options: ListOptions(labelSelector: "app=\(name),release=2"))
      hash = pods.items.compactMap(\.object).first?.metadata.labels["pod-template-hash"] ?? ""
      return !hash.isEmpty
    }
    let query = MeasuredRelease.promql(namespace: namespace, name: name, hash: hash)
    let clock = ContinuousClock()
    var queries: [Duration] = []
    var unseen = clock.now
    try await wait("the breach of \(name) is in Prometheus", limit: .seconds(60), every: Self.pause) {
      let start = clock.now
      let answer = try await prometheus.query(query)
      queries.append(clock.now - start)
      if answer.contains(where: { MeasuredRelease.isBreach($0.value) }) { return true }
      unseen = start
      return false
    }
    try await wait("the RollbackEvent of \(name)", limit: .seconds(60)) {
      try installed.check()
      return observer[name] != nil
    }
    return Times(path: (observer[name] ?? clock.now) - unseen, queries: queries)
  }
}
