import FoundationEssentials
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite("What simulated nodes serve")
struct TelemetryTests {
  let now = Date(timeIntervalSince1970: 1_700_000_000)

  func pod(_ name: String, annotations: [String: String] = [:]) -> Pod {
    let prefixed = Dictionary(uniqueKeysWithValues: annotations.map { (PodBehaviour.prefix + $0.key, $0.value) })
    var pod = Pod(
      metadata: ObjectMeta(
        name: name, namespace: "shop", uid: "uid-\(name)", labels: ["pod-template-hash": "5d4f8"],
        annotations: StringMap(prefixed),
        ownerReferences: [OwnerReference(apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d4f8", uid: "u")]),
      spec: Pod.Spec(nodeName: "node-1", containers: [Pod.Container(name: "app")]))
    pod.status.conditions = [Condition(type: "PodScheduled", status: "True", lastTransitionTime: now)]
    return pod
  }

  func state(_ pods: Pod...) -> SimulatorState {
    var state = SimulatorState(nodes: [SimulatedNode(name: "node-1", address: "10.0.0.1", podCapacity: 10)])
    for pod in pods { state.applied(pod, at: now) }
    return state
  }

  @Test("Metrics have the labels by which a release is told from the one before")
  func exposition() {
    var state = state(pod("web-5d4f8-a", annotations: ["error-rate": "0.25", "memory": "1Ki"]))
    let text = Exposition(state.telemetry(at: now + 4), version: "v1.20.0").text
    let lines = text.split(separator: "\n").map(String.init)
    let labels = #"namespace="shop",deployment="web",pod="web-5d4f8-a",pod_template_hash="5d4f8""#
    let wanted = [
      #"simulator_build_info{version="v1.20.0"} 1.0"#,
      "# TYPE http_requests_total counter",
      #"http_requests_total{\#(labels),code="200"} 30.0"#,
      #"http_requests_total{\#(labels),code="500"} 10.0"#,
      #"http_request_duration_seconds_bucket{\#(labels),le="0.01"} 0.0"#,
      #"http_request_duration_seconds_bucket{\#(labels),le="0.025"} 40.0"#,
      #"http_request_duration_seconds_bucket{\#(labels),le="+Inf"} 40.0"#,
      "http_request_duration_seconds_sum{\(labels)} 0.8",
      "http_request_duration_seconds_count{\(labels)} 40.0",
      "process_resident_memory_bytes{\(labels)} 1024.0",
    ]
    for line in wanted { #expect(lines.contains(line), "\(line)") }
  }

  @Test("An application's own gauges have their value, and its counters grow while the pod shows its signals")
  func ownMetrics() {
    let metrics = "db_connections 95\nlogins_failed_total 0.5"
    var state = state(
      pod("web-5d4f8-a", annotations: ["metrics": metrics]), pod("b", annotations: ["metrics": "db_connections 7"]),
      pod("c", annotations: ["metrics": "db_connections 9", "fail-after": "1m"]))
    let lines = Exposition(state.telemetry(at: now + 4), version: "").text.split(separator: "\n").map(String.init)
    let labels = #"namespace="shop",deployment="web",pod="web-5d4f8-a",pod_template_hash="5d4f8""#
    #expect(lines.contains("db_connections{\(labels)} 95.0"))
    #expect(lines.contains("logins_failed_total{\(labels)} 2.0"))
    #expect(
      lines.filter { $0.hasPrefix("# TYPE ") }.suffix(2) == [
        "# TYPE db_connections gauge", "# TYPE logins_failed_total counter",
      ])
    #expect(lines.count { $0.hasPrefix("db_connections{") } == 2, "a pod that is good yet has none")
  }

  @Test("A pod that is gone, or whose container does not run, has no metrics")
  func gone() {
    var state = state(pod("a"), pod("b", annotations: ["behaviour": "CrashLoop"]), pod("c"))
    state.deleted(uid: "uid-a", at: now)
    let text = Exposition(state.telemetry(at: now + 5), version: "").text
    #expect(!text.contains(#"pod="a""#))
    #expect(!text.contains(#"pod="b""#))
    #expect(text.contains(#"pod="c""#))
  }

  @Test("What was served before the annotations of a running pod changed stays counted")
  func changed() throws {
    var state = state(pod("a"))
    state.applied(pod("a", annotations: ["error-rate": "1", "requests-per-second": "1"]), at: now + 10)
    let traffic = try #require(state.telemetry(at: now + 15).first).traffic
    #expect(PodTrafficTests.counts(traffic) == [105, 5])
  }

  @Test(
    "Requests are read as clients and proxies' clients write them",
    arguments: [
      ("/metrics", "127.0.0.1:1", "/metrics", "127.0.0.1", [:]),
      ("/health?a=b%2Cc&d", "10.244.1.2:80", "/health", "10.244.1.2", ["a": "b,c", "d": ""]),
      ("http://10.244.1.2:8080/x%20y?s=a+in+(b)", "other", "/x y", "10.244.1.2", ["s": "a in (b)"]),
      ("", "", "", "", [:]),
    ] as [(String, String, String, String, [String: String])])
  func requests(target: String, host: String, path: String, expectedHost: String, query: [String: String]) {
    let request = SimulatorRequest(method: "GET", target: target, hostHeader: host)
    #expect(request.path == path)
    #expect(request.host == expectedHost)
    #expect(request.query == query)
  }

  @Test("The configuration of Prometheus has what was chosen, in whole milliseconds")
  func configuration() {
    let options = PrometheusOptions(scrapeInterval: .milliseconds(500), targets: ["127.0.0.1:9"])
    let text = options.configuration(simulatorPort: 7, rulesPath: "/r.yaml")
    for part in ["scrape_interval: 500ms", #"targets: ["127.0.0.1:7", "127.0.0.1:9"]"#, #"rule_files: ["/r.yaml"]"#] {
      #expect(text.contains(part), "\(text)")
    }
    #expect(PrometheusOptions().configuration(simulatorPort: 7, rulesPath: nil).contains("rule_files: []\n"))
  }
}
