import FoundationEssentials
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite("A real Prometheus beside a real control plane", .serialized, .timeLimit(.minutes(10)))
struct PrometheusTests {
  static let rules = """
    groups:
      - name: pods
        rules:
          - alert: HighErrorRate
            expr: >-
              sum by (deployment) (rate(http_requests_total{code=~"5.."}[10s]))
              / sum by (deployment) (rate(http_requests_total[10s])) > 0.05
            for: 1s
            labels: {service: web}
    """

  @Test("The share of errors that a template says is what a query answers, and it goes with the pods")
  func errorRate() async throws {
    try await withLocalCluster(nodes: 1) { cluster in
      let prometheus = try await cluster.startPrometheus(PrometheusOptions(rules: Self.rules))
      for (name, annotations) in [("web", ["error-rate": "0.08", "requests-per-second": "50"]), ("good", [:])] {
        try await cluster.client.create(
          .deployments, namespace: "default",
          LocalClusterTests.deployment(name, replicas: 2, annotations: annotations))
      }
      func share(of deployment: String) async throws -> Double? {
        let selector = #"deployment="\#(deployment)",namespace="default""#
        return try await prometheus.query(
          """
          sum(rate(http_requests_total{\(selector),code=~"5.."}[10s])) / sum(rate(http_requests_total{\(selector)}[10s]))
          """
        ).first?.value
      }
      let bad = try await LocalClusterTests.eventually("a share of errors") { try await share(of: "web") }
      #expect((0.075...0.085).contains(bad))
      #expect(try await share(of: "good") == 0)
      _ = try await LocalClusterTests.eventually("an alert") {
        try await prometheus.query(#"ALERTS{alertname="HighErrorRate",alertstate="firing"}"#)
      } until: {
        $0.map { $0.labels["deployment"] } == ["web"]
      }
      try await cluster.client.delete(.deployments, namespace: "default", name: "web")
      _ = try await LocalClusterTests.eventually("no series of a pod that is gone") {
        try await prometheus.query(#"count(http_requests_total{deployment="web"})"#)
      } until: {
        $0.isEmpty
      }
      #expect(try await prometheus.query(#"count(http_requests_total{deployment="good"})"#).first?.value == 4)
    }
  }

  @Test("It can be stopped, frozen and started again, on the same port and with its data")
  func restart() async throws {
    try await withLocalCluster(nodes: 1) { cluster in
      let prometheus = try await cluster.startPrometheus(PrometheusOptions(scrapeInterval: .milliseconds(200)))
      let samples = "count_over_time(simulator_build_info[1h])"
      _ = try await LocalClusterTests.eventually("ten samples") {
        try await prometheus.query(samples).first?.value
      } until: {
        $0 >= 10
      }
      await prometheus.stop()
      await #expect(throws: ClusterError.self) { try await prometheus.query("1") }
      try await prometheus.start()
      #expect(try #require(try await prometheus.query(samples).first?.value) >= 10)
      prometheus.pause()
      #expect(LoopbackHTTP.isListening(try #require(Int(prometheus.address.split(separator: ":").last ?? ""))))
      await #expect(throws: ClusterError.self) { try await prometheus.query("1") }
      prometheus.resume()
      #expect(try await prometheus.query("scalar(vector(2))").first?.value == 2)
    }
  }

  @Test("Rules that cannot be read are told with Prometheus' own words")
  func badRules() async throws {
    try await withLocalCluster(nodes: 0) { cluster in
      let error = await #expect(throws: ClusterError.self) {
        try await cluster.startPrometheus(PrometheusOptions(rules: "groups: [{name: a, rules: [{alert: A}]}]"))
      }
      #expect(error?.message.contains("rules.yaml") == true, "\(error?.message ?? "")")
    }
  }
}
