import FoundationEssentials
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite("What simulated nodes answer through the API server", .serialized, .timeLimit(.minutes(10)))
struct UsageTests {
  static let metrics = "/apis/metrics.k8s.io/v1beta1"

  @Test("Logs and usage are those that the template says")
  func logsAndUsage() async throws {
    try await withLocalCluster(nodes: 1) { cluster in
      let client = cluster.client
      try await client.create(
        .deployments, namespace: "default",
        LocalClusterTests.deployment(
          "web", annotations: ["log-lines": "ERROR out of cheese", "memory": "480Mi", "cpu": "250m"]))
      let pod = try await LocalClusterTests.eventually("a running pod") {
        try await LocalClusterTests.pod(of: "web", cluster)
      } until: {
        $0.status.condition("Ready")?.status == "True"
      }
      let name = pod.metadata.name
      let log = try await client.log(namespace: "default", pod: name, container: "app", tailLines: 1)
      #expect(log == "ERROR out of cheese\n")
      let refused = await #expect(throws: KubernetesError.self) {
        try await client.log(namespace: "default", pod: name, previous: true)
      }
      #expect(refused.map { "\($0)" }?.contains("previous terminated container") == true)

      func get(_ path: String) async throws -> JSONValue? {
        (try? await client.requestRaw(Self.metrics + path)).flatMap { try? JSONValue(parsing: $0) }
      }
      let usage = try await LocalClusterTests.eventually("usage of the pod") {
        try await get("/namespaces/default/pods/\(name)")
      }
      let used = usage["containers"]?[0]
      #expect(used?["name"] == "app")
      #expect(used?["usage"] == ["cpu": "250000000n", "memory": "491520Ki"])
      #expect(try await get("/namespaces/default/pods?labelSelector=app%3Dweb")?["items"]?.array?.count == 1)
      #expect(try await get("/namespaces/default/pods?labelSelector=app%3Dother")?["items"]?.array?.isEmpty == true)
      #expect(try await get("/nodes/node-1")?["usage"]?["memory"] == "491520Ki")
      #expect(try await get("/namespaces/default/pods/none") == nil)
      let kind = try await client.discovery.resolve(group: "metrics.k8s.io", kind: "PodMetrics")
      #expect(kind.plural == "pods")

      try await client.delete(.deployments, namespace: "default", name: "web")
      _ = try await LocalClusterTests.eventually("no usage of a pod that is gone") {
        try await get("/namespaces/default/pods")?["items"]?.array?.isEmpty
      } until: {
        $0
      }
    }
  }

  @Test(
    "Label selectors are read as kubectl writes them",
    arguments: [
      ("", true), ("app=web", true), ("app==web,tier=a", true), ("app=other", false), ("app!=web", false),
      ("none!=web", true), ("app", true), ("!app", false), ("app in (x,web),tier", true), ("app notin (web)", false),
      ("app in (x, y)", false), ("app in", nil), ("a b", nil), ("a=b=c=d", nil),
    ] as [(String, Bool?)])
  func selectors(text: String, expected: Bool?) {
    let labels: StringMap = ["app": "web", "tier": "a"]
    #expect(LabelSelector(queryText: text)?.matches(labels) == expected)
  }
}

@Suite("Health of simulated pods", .serialized, .timeLimit(.minutes(10)))
struct HealthTests {
  @Test("A Service leads to addresses at which pods answer what their template says")
  func service() async throws {
    try await withLocalCluster(nodes: 1) { cluster in
      let client = cluster.client
      try await client.create(
        .deployments, namespace: "default",
        LocalClusterTests.deployment("web", annotations: ["health": #"{"database":"gone"}"#]))
      try await client.create(
        .services, namespace: "default",
        [
          "metadata": ["name": "web"],
          "spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": 8080]]],
        ])
      let endpoints = APIResource(group: "", version: "v1", plural: "endpoints", kind: "Endpoints")
      let subset = try await LocalClusterTests.eventually("an endpoint") {
        try? await client.getValue(endpoints, namespace: "default", name: "web")["subsets"]?[0]
      } until: {
        $0["addresses"]?[0] != nil
      }
      #expect(subset["ports"]?[0]?["port"] == 8080)
      let address = try #require(subset["addresses"]?[0]?["ip"]?.string)
      let port = try #require(Int(cluster.simulatorAddress.split(separator: ":").last ?? ""))
      let byProxy = await LoopbackHTTP.send("GET", port: port, path: "http://\(address):8080/api/health")
      #expect(byProxy.map { String(decoding: $0, as: UTF8.self) } == "{\"database\":\"gone\"}\n")
      let name = try #require(try await LocalClusterTests.pod(of: "web", cluster)).metadata.name
      #expect(await LoopbackHTTP.send("GET", port: port, path: "/health/default/\(name)") == byProxy)
      #expect(await LoopbackHTTP.send("GET", port: port, path: "/health/default/none") == nil)
    }
  }
}
