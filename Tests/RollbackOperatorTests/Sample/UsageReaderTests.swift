import FoundationEssentials
import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Usage from metrics.k8s.io", .timeLimit(.minutes(2)))
struct UsageReaderTests {
  private static func metrics(_ pod: String, _ usage: [(String, memory: String, cpu: String)]) -> JSONValue {
    [
      "metadata": ["name": .string(pod)], "timestamp": "2026-01-01T00:00:07Z",
      "containers": .array(
        usage.map { name, memory, cpu in
          ["name": .string(name), "usage": ["memory": .string(memory), "cpu": .string(cpu)]]
        }),
    ]
  }

  private static func container(_ name: String, memory: String?) -> JSONValue {
    var container: JSONValue = ["name": .string(name)]
    if let memory { container["resources"] = ["limits": ["memory": .string(memory), "cpu": "2"]] }
    return container
  }

  private static func read(
    _ resource: UsageTrigger.Resource = .memory, container: String? = nil, isShare: Bool = true,
    metrics: ScriptedTransport.Answer, limit: String? = "1Gi"
  ) async -> MeasurementResult {
    let scene = SampleScene { request, _ in
      request.path.hasPrefix("/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=pod-template-hash%3Dr2")
        ? metrics
        : SampleScene.list(
          ["a", "b"].map { name in
            SampleScene.pod(
              name, [Self.container("web", memory: limit), Self.container("sidecar", memory: nil)])
          })
    }
    let reader = UsageReader(client: scene.client, clock: scene.clock)
    return await reader.read(
      UsageMeasurement(pods: SampleScene.pods, resource: resource, container: container, isShare: isShare))
  }

  private static let two = SampleScene.list([
    metrics("a", [("web", "256Mi", "100m"), ("sidecar", "3Gi", "1900000000n")]),
    metrics("b", [("web", "921Mi", "1"), ("sidecar", "1Mi", "1m")]),
  ])

  @Test("The greatest share of a limit counts, at the time that the metrics are of")
  func share() async throws {
    let result = await Self.read(metrics: Self.two)
    #expect(result.outcome == .value(921.0 / 1_024))
    #expect(result.samples.first?.at == testStart.addingTimeInterval(7))
    #expect(await Self.read(.cpu, container: "web", metrics: Self.two).outcome == .value(0.5))
  }

  @Test("An amount needs no limit")
  func amount() async throws {
    #expect(await Self.read(isShare: false, metrics: Self.two, limit: nil).outcome == .value(3 * 1_073_741_824))
    #expect(await Self.read(.cpu, isShare: false, metrics: Self.two).outcome == .value(1.9))
    #expect(
      await Self.read(container: "web", isShare: false, metrics: Self.two).outcome == .value(921 * 1_048_576))
  }

  @Test("Without a limit there is no share, and the sentence says what to set")
  func noLimit() async throws {
    let result = await Self.read(container: "sidecar", metrics: Self.two)
    #expect(
      result.silence == "container sidecar has no memory limit, so a share of it cannot be told; set "
        + "resources.limits.memory, or write the threshold in bytes")
    #expect(
      await Self.read(metrics: Self.two, limit: "0").silence?.hasPrefix("no container has a memory limit") == true)
  }

  @Test("Pods that are not measured yet say nothing")
  func nothing() async throws {
    #expect(await Self.read(metrics: SampleScene.list([])).silence?.contains("takes a while for new pods") == true)
    #expect(await Self.read(container: "db", metrics: Self.two).silence?.contains("container db") == true)
  }

  @Test("What keeps usage from being read is said with what to do")
  func failures() async throws {
    #expect(
      await Self.read(metrics: .page(404, "404 page not found")).failure?.contains("install metrics-server") == true)
    #expect(
      await Self.read(metrics: .status(403, "Forbidden")).failure?.contains("grant it") == true)
    #expect(
      await Self.read(metrics: .status(503, "ServiceUnavailable")).failure?.contains("whether metrics-server runs")
        == true)
  }
}
