import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("What a broken monitoring does not do", .showsLogs, .timeLimitOfQueue)
struct QueryFaultTests {
  private static func policy(for duration: String = "2s", source: String? = nil) -> String {
    let named = source.map { "source: \($0), " } ?? ""
    return """
      target: {name: web}
      trial: {window: 8s}
      triggers:
      - name: error-rate
        interval: 1s
        for: \(duration)
        query: {\(named)promql: '\(Scene.errorRate())', above: "5%"}
      """
  }

  @Test("An error rate that was high before the rollout is not the rollout's")
  func notCausedByRollout() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      var workload = Workload()
      workload.release = .failing(1)
      try await scene.deploy(workload)
      try await scene.policy(Self.policy())
      // There is nothing that the first revision could be undone to.
      try await eventually("the first revision was judged") {
        let events = try await scene.events()
        return Progress(events.first?.status.isFinal ?? false, "\(events.map(\.status.outcome))")
      }
      try await scene.rollOutAndWait(.failing(2))
      let event = try await eventually("an event about the second revision") {
        try await scene.events().first { $0.spec.suspect?.images == ["web:2", "sidecar:1"] && $0.status.isFinal }
      }
      #expect(event.status.outcome == .notCausedByRollout)
      #expect(try await scene.version() == 2)
      #expect(try scene.templatePatches() == 0)
    }
  }

  @Test("Without a metrics server nothing is rolled back, and no trial ends as Good; the condition says why")
  func serverGone() async throws {
    try await Scene.play(startsOperator: false) { scene in
      // A port of this machine that nobody listens on.
      try await scene.startOperatorWithMetrics(address: "http://127.0.0.1:9")
      try await scene.deploy()
      try await scene.policy(Self.policy())
      let condition = try await scene.policyCondition("TriggersHealthy", is: .false)
      #expect(condition.reason == "Error")
      #expect(condition.message.contains("trigger error-rate of web: source default:"), "\(condition.message)")
      try await scene.rollOutAndWait(.failing(2))
      // Longer than the trial.
      try await Task.sleep(for: .seconds(12))
      #expect(try await scene.events().isEmpty)
      #expect(try await scene.verdict(2) == nil)
      #expect(try scene.templatePatches() == 0)
    }
  }

  /// A policy that nobody can read by, and words of what the condition says within two intervals.
  static let mistakes = [
    ("query: {promql: 'sum(rate(http_requests_totl[1m]))', above: 5}", "the query returned nothing"),
    ("query: {promql: 'sum(rate(http_requests_total[1m])', above: 5}", "refuses the query as wrong"),
    ("query: {promql: 'http_requests_total', above: 5}", "set reduce to Max, Min, Sum or Avg"),
    ("query: {promql: 'vector(0)/vector(0)', above: 5}", "the source answered NaN"),
    ("query: {source: nowhere, promql: 'vector(1)', above: 5}", "there is no source nowhere"),
    ("query: {promql: 'vector(1) > {{goodHsh}}', above: 5}", "{{goodHsh}}"),
  ]

  @Test("Mistakes are found before the incident, with what to do", arguments: mistakes)
  func selfTest(trigger: String, words: String) async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.policy(
        "target: {name: web}\ntrial: {window: 4s}\ntriggers:\n- {name: broken, interval: 1s, \(trigger)}")
      try await eventually("the condition says \(words)", within: .seconds(60)) {
        let status = try await scene.policy(named: "web").status
        let condition = status.conditions?["TriggersHealthy"]
        return Progress(
          condition?.status == .false && condition?.message.contains(words) == true, condition?.message ?? "nothing")
      }
      #expect(try await scene.verdict(1) == nil)
    }
  }

  @Test("A Secret that may not be read, that is not there and that lacks the key is named")
  func secrets() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let server = try await scene.world.prometheus()
      let host = try #require(server.address.split(separator: "/").last)
      try await scene.startOperatorWithMetrics(configuration: "egress: {allow: [\"\(host)\"]}")
      try await scene.deploy()
      try await scene.mayReadSecrets(false)
      let begin = Date()
      try await scene.policy(
        """
        target: {name: web}
        sources:
        - {name: own, prometheus: {address: "\(server.address)", bearerTokenFrom: {secret: token, key: bearer}}}
        triggers:
        - {name: errors, interval: 30s, for: 1h, query: {source: own, promql: 'vector(1)', above: 5}}
        """)
      func says(_ words: String) async throws {
        try await eventually("the condition says \(words)", within: .seconds(150)) {
          let message = try await scene.policy(named: "web").status.conditions?["TriggersHealthy"]?.message ?? ""
          return Progress(message.contains(words), message)
        }
      }
      try await says("the operator may not read Secret token; grant it get on secrets of this namespace")
      #expect(Date() < begin.addingTimeInterval(60))
      try await scene.mayReadSecrets(true)
      try await says("Secret token does not exist")
      try await scene.client.create(.secrets, namespace: scene.namespace, Self.secret(key: "other"))
      try await says("Secret token has no key bearer")
      try await scene.client.delete(.secrets, namespace: scene.namespace, name: "token")
      try await scene.client.create(.secrets, namespace: scene.namespace, Self.secret(key: "bearer"))
      // No policy may reach the API server's address; with its Secret nothing is wrong any more.
      try await says("was not sent: host 127.0.0.1")
    }
  }

  private static func secret(key: String) -> JSONValue {
    ["apiVersion": "v1", "kind": "Secret", "metadata": ["name": "token"], "stringData": [key: "s3cr3t"]]
  }

  @Test("A host that the administrator does not list is not asked, and the condition says so")
  func egress() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let server = try await scene.world.prometheus()
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        sources: [{name: own, prometheus: {address: "\(server.address)"}}]
        triggers:
        - {name: errors, interval: 1s, query: {source: own, promql: 'vector(9)', above: 5}}
        """)
      let condition = try await scene.policyCondition("TriggersHealthy", is: .false)
      #expect(condition.message.contains("host 127.0.0.1"), "\(condition.message)")
      #expect(try await scene.events().isEmpty)
    }
  }

  @Test("An operator that is killed in the middle of `for` loses nothing: its successor acts on the same breach")
  func killed() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let first = try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.policy(Self.policy(for: "6s"))
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(.failing(2))
      let began = try await eventually("the breach was seen") {
        try await scene.policy(named: "web").status.targets?.first?.triggers?
          .first { $0.state == .breaching }?.since
      }
      await first.kill()
      try await scene.startOperatorWithMetrics()
      let event = try await scene.event(.recovered)
      let since = try #require(event.spec.trigger?.since)
      #expect(abs(since.timeIntervalSince(began)) <= 2, "\(since) after \(began)")
      try await scene.undone(times: 1)
    }
  }

  @Test("A firing alert is a breach")
  func alert() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await scene.startOperatorWithMetrics()
      try await scene.deploy()
      try await scene.policy(
        """
        target: {name: web}
        trial: {window: 10s}
        triggers:
        - name: firing
          interval: 1s
          alert: {name: HighErrorRate, matchLabels: {namespace: "{{namespace}}", deployment: "{{target}}"}}
        """)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(.failing(2))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "firing")
      try await scene.undone(times: 1)
    }
  }
}
