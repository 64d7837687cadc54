import ControllerRuntime
import KubernetesClient
import Logging
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("A live reading is of one moment", .timeLimit(.minutes(2)))
struct LiveReaderTests {
  /// The Deployment, running a version and changed so often.
  private static func deployment(version: Int, generation: Int) -> ScriptedTransport.Answer {
    answer([
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "name": "web", "namespace": "shop", "uid": "d", "resourceVersion": .string("\(generation)"),
        "generation": .number(JSONNumber(generation)),
      ],
      "spec": ["selector": ["matchLabels": ["app": "web"]], "template": template(version)],
    ])
  }

  private static func template(_ version: Int) -> JSONValue {
    [
      "metadata": ["labels": ["app": "web"]],
      "spec": ["containers": [["name": "web", "image": .string("web:\(version)")]]],
    ]
  }

  /// One ReplicaSet for each version, with the numbers of the revisions.
  private static func replicaSets(_ numbers: [Int], bad: Int? = nil) -> ScriptedTransport.Answer {
    let items = numbers.enumerated().map { index, number -> JSONValue in
      let hash = "r\(index + 1)"
      var annotations: JSONValue = ["deployment.kubernetes.io/revision": .string("\(number)")]
      if bad == index + 1 {
        annotations["rollback-operator.io/verdict"] = "Bad"
        annotations["rollback-operator.io/verdict-hash"] = .string(hash)
      }
      return [
        "metadata": [
          "name": .string("web-\(hash)"), "namespace": "shop", "uid": .string(hash),
          "labels": ["pod-template-hash": .string(hash)],
          "annotations": annotations,
          "ownerReferences": [
            ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": true]
          ],
        ],
        "spec": ["template": template(index + 1)],
      ]
    }
    return answer([
      "apiVersion": "apps/v1", "kind": "ReplicaSetList", "metadata": ["resourceVersion": "9"], "items": .array(items),
    ])
  }

  private static func answer(_ value: JSONValue) -> ScriptedTransport.Answer {
    .json(200, String(decoding: value.serialized(), as: UTF8.self))
  }

  private func read(_ answers: [ScriptedTransport.Answer]) async throws -> (live: LiveWorkload?, requests: Int) {
    let clock = ManualClock(.automatic)
    let transport = ScriptedTransport(clock: clock, answers)
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    let freeze = FreezeReader(client: client, namespace: "ops", clock: clock)
    let reader = LiveReader(client: client, cache: TemplateCache(), freeze: freeze) { _ in true }
    let live = try await reader.read(
      NamespacedName(namespace: "shop", name: "web"), uid: nil, checksReferences: false, mayAct: false)
    return (live, transport.requests.count)
  }

  @Test("Nothing to doubt: two requests")
  func plain() async throws {
    let (live, requests) = try await read([
      Self.deployment(version: 2, generation: 2), Self.replicaSets([1, 2]),
    ])
    #expect(live?.current?.number == 2)
    #expect(requests == 2)
  }

  @Test("A verdict of what the Deployment ran before is not taken for one of what it runs")
  func torn() async throws {
    let (live, requests) = try await read([
      Self.deployment(version: 2, generation: 2),
      // Undone and marked in between.
      Self.replicaSets([3, 2], bad: 2),
      Self.deployment(version: 1, generation: 3),
      Self.deployment(version: 1, generation: 3), Self.replicaSets([3, 2], bad: 2),
    ])
    #expect(live?.current?.number == 3)
    #expect(live?.current?.verdict == nil)
    #expect(requests == 5)
  }

  @Test("What looks strange and is true is read as it is, with one request more")
  func strange() async throws {
    let (live, requests) = try await read([
      Self.deployment(version: 2, generation: 4), Self.replicaSets([3, 4], bad: 2),
      Self.deployment(version: 2, generation: 4),
    ])
    #expect(live?.current?.verdict == .bad)
    #expect(requests == 3)
  }

  @Test("Who changes it all the time is believed in the end")
  func restless() async throws {
    let changes = (1...9).map { Self.deployment(version: 3, generation: $0) }
    let (live, requests) = try await read([
      changes[0], Self.replicaSets([1, 2]), changes[1], changes[2], Self.replicaSets([1, 2]), changes[3], changes[4],
      Self.replicaSets([1, 2]),
    ])
    #expect(live != nil && live?.current == nil)
    #expect(requests == 8)
  }
}
