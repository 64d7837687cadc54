import FoundationEssentials
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite("Logs of simulated pods")
struct PodLogTests {
  static let start = Date(timeIntervalSince1970: 1_700_000_000)
  static let cheese = PodSignals(logLines: ["ERROR out of cheese"])

  static func pod(_ behaviour: PodBehaviour, at now: Date) -> PodTelemetry {
    let timeline = ContainerTimeline(behaviour: behaviour, start: start)
    let pod = Pod(
      metadata: ObjectMeta(name: "a", namespace: "b"),
      spec: Pod.Spec(nodeName: "node-1", containers: [Pod.Container(name: "app"), Pod.Container(name: "side")]))
    return PodTelemetry(
      pod: pod, address: "", timeline: timeline, moment: timeline.moment(at: now), signals: timeline.signals(at: now),
      traffic: PodTraffic(since: start), signalsFor: 0)
  }

  /// The log as text; `nil` if there is none.
  static func log(
    _ behaviour: PodBehaviour, after seconds: Double, container: String = "app", previous: Bool = false,
    _ query: [String: String] = [:]
  ) -> String? {
    let now = start + seconds
    return PodLog(of: pod(behaviour, at: now), container: container, previous: previous, at: now)?.text(query, at: now)
  }

  @Test(
    "A good pod says that it started, and each of its own lines comes every second from when it turns bad",
    arguments: [
      (PodBehaviour(), 5, "started\n"),
      (PodBehaviour(signals: cheese), 0.5, "started\nERROR out of cheese\n"),
      (PodBehaviour(signals: cheese), 1.5, "started\nERROR out of cheese\nERROR out of cheese\n"),
      (PodBehaviour(failAfter: .seconds(9), signals: cheese), 9, "started\n"),
      (PodBehaviour(failAfter: .seconds(9), signals: cheese), 9.5, "started\nERROR out of cheese\n"),
      (PodBehaviour(signals: PodSignals(logLines: ["a", "b"])), 1.1, "started\na\nb\na\nb\n"),
      (PodBehaviour(kind: .crashLoop, signals: cheese), 5, "started\nERROR out of cheese\n"),
      (PodBehaviour(kind: .imagePull), 5, nil),
    ] as [(PodBehaviour, Double, String?)])
  func lines(behaviour: PodBehaviour, seconds: Double, expected: String?) {
    #expect(Self.log(behaviour, after: seconds) == expected)
  }

  @Test(
    "A part of it is had as from a kubelet",
    arguments: [
      (["tailLines": "1"], "3\n"), (["tailLines": "0"], ""), (["sinceSeconds": "1"], "1\n2\n3\n"),
      (["limitBytes": "10"], "started\n1\n"), (["sinceTime": "2023-11-14T22:13:21Z"], "1\n2\n3\n"),
      (["timestamps": "true", "tailLines": "1"], "2023-11-14T22:13:21.000000Z 3\n"),
    ] as [([String: String], String)])
  func parts(query: [String: String], expected: String) {
    let numbers = PodBehaviour(signals: PodSignals(logLines: ["1", "2", "3"]))
    #expect(Self.log(numbers, after: 1.5, query) == expected)
  }

  @Test("Other containers and earlier runs have their own logs")
  func others() {
    let crashing = PodBehaviour(kind: .crashLoop, signals: Self.cheese)
    #expect(Self.log(crashing, after: 5, container: "side") == "started\n")
    #expect(Self.log(crashing, after: 5, previous: true) == "started\nERROR out of cheese\n")
    #expect(Self.log(crashing, after: 0.1, previous: true) == nil)
    #expect(Self.log(PodBehaviour(), after: 5, container: "side", previous: true) == nil)
  }

  @Test("What is older than ten minutes is gone, however long the pod has run")
  func rotation() throws {
    let log = try #require(Self.log(PodBehaviour(signals: Self.cheese), after: 10_000_000.5))
    #expect(log.split(separator: "\n").count == 600)
    #expect(!log.contains("started"))
  }
}
