import KubernetesClient
import LocalCluster
import Testing

@Suite("Annotations of simulated pods")
struct PodBehaviourTests {
  @Test(
    "Annotations are read as they are documented",
    arguments: [
      ([:], PodBehaviour()),
      (["behaviour": "Ready"], PodBehaviour()),
      (["behaviour": "CrashLoop"], PodBehaviour(kind: .crashLoop)),
      (["behaviour": "ImagePull"], PodBehaviour(kind: .imagePull)),
      (["behaviour": "OOMKilled"], PodBehaviour(kind: .oomKilled)),
      (["behaviour": "Unready"], PodBehaviour(kind: .unready)),
      (["behaviour": "Pending"], PodBehaviour(kind: .pending)),
      (["behaviour": "Succeed"], PodBehaviour(kind: .succeed)),
      (["behaviour": "Fail"], PodBehaviour(kind: .fail)),
      (["ready-after": "1s"], PodBehaviour(readyAfter: .seconds(1))),
      (["ready-after": "500ms"], PodBehaviour(readyAfter: .milliseconds(500))),
      (["ready-after": "1m30s"], PodBehaviour(readyAfter: .seconds(90))),
      (["fail-after": "1h"], PodBehaviour(failAfter: .seconds(3_600))),
      (["requests-per-second": "50"], PodBehaviour(requestsPerSecond: 50)),
      (["error-rate": "0.08"], PodBehaviour(signals: PodSignals(errorRate: 0.08))),
      (["latency": "3s"], PodBehaviour(signals: PodSignals(latency: .seconds(3)))),
      (["memory": "480Mi"], PodBehaviour(signals: PodSignals(memory: 503_316_480))),
      (["memory": "1.5Gi"], PodBehaviour(signals: PodSignals(memory: 1_610_612_736))),
      (["cpu": "250m"], PodBehaviour(signals: PodSignals(cpu: 0.25))),
      (
        ["log-lines": "ERROR out of cheese\nand of bread\n"],
        PodBehaviour(signals: PodSignals(logLines: ["ERROR out of cheese", "and of bread"]))
      ),
      (
        ["health": #"{"database":"gone"}"#, "health-status": "503"],
        PodBehaviour(signals: PodSignals(health: #"{"database":"gone"}"#, healthStatus: 503))
      ),
      (
        ["metrics": "db_connections 95\nlogins_failed_total 0.5\n"],
        PodBehaviour(
          signals: PodSignals(
            metrics: [
              PodMetric(name: "db_connections", value: 95), PodMetric(name: "logins_failed_total", value: 0.5),
            ]))
      ),
    ] as [([String: String], PodBehaviour)])
  func reading(annotations: [String: String], behaviour: PodBehaviour) throws {
    let prefixed = StringMap(
      Dictionary(uniqueKeysWithValues: annotations.map { (PodBehaviour.prefix + $0.key, $0.value) }))
    #expect(try PodBehaviour(annotations: prefixed) == behaviour)
  }

  @Test(
    "An annotation that cannot be read is named",
    arguments: [
      ("behaviour", "crashloop"), ("behaviour", ""), ("ready-after", "1"), ("ready-after", "-1s"),
      ("fail-after", "s"), ("fail-after", "1s "), ("fail-after", "99999999999999999999s"), ("fail-after", "1d"),
      ("fail-after", ""), ("requests-per-second", "-1"), ("requests-per-second", "many"),
      ("requests-per-second", "inf"), ("error-rate", "8%"), ("error-rate", "1.1"), ("error-rate", "nan"),
      ("latency", "3"), ("memory", "480MB"), ("memory", "-1Mi"), ("memory", ""), ("memory", "1e400"), ("cpu", "m"),
      ("cpu", "1.2.3"), ("log-lines", ""), ("log-lines", "\n"), ("health", "{"), ("health-status", "100"),
      ("health-status", "OK"), ("metrics", ""), ("metrics", "a"), ("metrics", "a many"), ("metrics", "a -1"),
      ("metrics", "a 1 2"), ("metrics", "a-b 1"), ("metrics", "1a 1"), ("metrics", "a inf"), ("metrics", "a 1\na 2"),
      ("metrics", "http_requests_total 1"), ("metrics", "http_request_duration_seconds_sum 1"),
    ])
  func refusing(name: String, value: String) throws {
    let error = try #require(throws: InvalidBehaviour.self) {
      try PodBehaviour(annotations: StringMap([PodBehaviour.prefix + name: value]))
    }
    #expect(error.annotation == name)
    #expect(error.description.contains(PodBehaviour.prefix + name))
  }
}
