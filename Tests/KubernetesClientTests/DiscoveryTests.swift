import Logging
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Discovery finds what the API server serves", .timeLimit(.minutes(2)))
struct DiscoveryTests {
  private let clock = ManualClock(.automatic)

  private static let groups = #"""
    {"kind":"APIGroupList","groups":[
      {"name":"autoscaling","versions":[{"groupVersion":"autoscaling/v1","version":"v1"},{"groupVersion":"autoscaling/v2","version":"v2"}],
       "preferredVersion":{"groupVersion":"autoscaling/v2","version":"v2"}},
      {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}]},
      {"name":"rollback-operator.io","versions":[{"groupVersion":"rollback-operator.io/v1alpha1","version":"v1alpha1"}]}]}
    """#

  private func transport(
    _ more: @escaping @Sendable (String, Int) -> ScriptedTransport.Answer? = { _, _ in nil }
  ) -> ScriptedTransport {
    ScriptedTransport(clock: clock) { request, number in
      if let answer = more(request.path, number) { return answer }
      switch request.path {
      case "/apis": return .json(200, Self.groups)
      case "/api/v1":
        return .json(
          200,
          #"{"resources":[{"name":"pods","kind":"Pod","namespaced":true},{"name":"pods/log","kind":"Pod","namespaced":true},{"name":"nodes","kind":"Node","namespaced":false}]}"#
        )
      case "/apis/autoscaling/v2", "/apis/autoscaling/v1":
        return .json(
          200,
          #"{"resources":[{"name":"horizontalpodautoscalers/status","kind":"HorizontalPodAutoscaler","namespaced":true},{"name":"horizontalpodautoscalers","kind":"HorizontalPodAutoscaler","namespaced":true}]}"#
        )
      case "/apis/metrics.k8s.io/v1beta1": return .status(503, "ServiceUnavailable", "the server is currently unable")
      case "/version": return .json(200, #"{"major":"1","minor":"20+","gitVersion":"v1.20.2-x"}"#)
      default: return .status(404, "NotFound")
      }
    }
  }

  private func discovery(_ transport: ScriptedTransport) -> Discovery {
    KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test")).discovery
  }

  @Test("A kind is found in the preferred version, not in its subresources")
  func preferred() async throws {
    let discovery = discovery(transport())
    let resource = try await discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler")
    #expect(
      resource
        == APIResource(
          group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler"))
    #expect(try await discovery.resolve(group: "", kind: "Node") == .nodes)
    #expect(try await discovery.resolve(group: "", kind: "Pod") == .pods)
  }

  @Test("Another version is used when the preferred one does not have the kind")
  func otherVersion() async throws {
    let discovery = discovery(
      transport { path, _ in path == "/apis/autoscaling/v2" ? .json(200, #"{"resources":[]}"#) : nil })
    #expect(try await discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler").version == "v1")
  }

  @Test("An aggregated API that is down fails alone")
  func partialFailure() async throws {
    let discovery = discovery(transport())
    let error = await #expect(throws: KubernetesError.self) {
      try await discovery.resolve(group: "metrics.k8s.io", kind: "PodMetrics")
    }
    #expect(error?.code == .unavailable)
    #expect(try await discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler").version == "v2")
  }

  @Test("Answers are kept for ten minutes")
  func cached() async throws {
    let transport = transport()
    let discovery = discovery(transport)
    for _ in 0..<5 { _ = try await discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler") }
    #expect(transport.paths == ["/apis", "/apis/autoscaling/v2"])
    clock.advance(by: .seconds(601))
    _ = try await discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler")
    #expect(transport.requests.count == 4)
  }

  @Test("A kind that is missing is asked for again, but not more often than every ten seconds")
  func miss() async throws {
    let transport = transport()
    let discovery = discovery(transport)
    for _ in 0..<3 {
      let error = await #expect(throws: KubernetesError.self) {
        try await discovery.resolve(group: "rollback-operator.io", kind: "RollbackPolicy")
      }
      #expect(error?.isNotFound == true)
      #expect(error?.description.contains("serves no such kind") == true)
    }
    let before = transport.requests.count
    clock.advance(by: .seconds(11))
    _ = try? await discovery.resolve(group: "nonsense.example", kind: "Nothing")
    _ = try? await discovery.resolve(group: "nonsense.example", kind: "Nothing")
    #expect(transport.requests.count == before + 1)
  }

  @Test("A kind that appears is found after the miss")
  func appears() async throws {
    let discovery = discovery(
      transport { path, number in
        path == "/apis/rollback-operator.io/v1alpha1" && number > 1
          ? .json(200, #"{"resources":[{"name":"rollbackpolicies","kind":"RollbackPolicy","namespaced":true}]}"#) : nil
      })
    _ = try? await discovery.resolve(group: "rollback-operator.io", kind: "RollbackPolicy")
    clock.advance(by: .seconds(11))
    let found = try await discovery.resolve(group: "rollback-operator.io", kind: "RollbackPolicy")
    #expect(found.plural == "rollbackpolicies")
  }

  @Test("Old answers are used while the server cannot be reached")
  func stale() async throws {
    let discovery = discovery(transport { _, number in number >= 3 ? .failure(.refused) : nil })
    _ = try await discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler")
    _ = try await discovery.serverVersion()
    clock.advance(by: .seconds(3_600))
    #expect(try await discovery.resolve(group: "autoscaling", kind: "HorizontalPodAutoscaler").version == "v2")
    #expect(try await discovery.serverVersion().minor == 20)
  }

  @Test("Versions are compared by their numbers")
  func versions() async throws {
    let version = try await discovery(transport()).serverVersion()
    #expect(version < ServerVersion(major: 1, minor: 34))
    #expect(version.description == "v1.20.2-x")
    #expect(ServerVersion(major: 2, minor: 0) > ServerVersion(major: 1, minor: 99))
    #expect(ServerVersion(["major": "one", "minor": "2"]) == nil)
  }
}
