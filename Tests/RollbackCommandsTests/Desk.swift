import FoundationEssentials
import KubernetesClient
import Logging
import RollbackOperator
import SimulatedCluster
import Synchronization

@testable import RollbackCommands

/// A person's terminal in front of an API server in memory, with a Deployment `web` of two revisions in `shop`.
final class Desk: Sendable {
  static let now = Date(timeIntervalSince1970: 1_800_000_000)

  let server: SimulatedAPIServer
  private let printed = Mutex((out: "", remarks: ""))
  /// Whether the server says who its users are.
  private let reviews: Bool

  init(reviews: Bool = true) throws {
    self.reviews = reviews
    let counter = Mutex<UInt64>(0)
    server = SimulatedAPIServer(
      now: { Desk.now },
      number: {
        counter.withLock { value in
          value += 1
          return value &* 0x9e37_79b9_7f4a_7c15
        }
      })
    for file in EmbeddedDefinitions.files {
      guard let definition = YAMLReader.json(yaml: file.text) else { continue }
      server.install(crd: definition)
    }
    for name in ["shop", Session.usualOperatorNamespace] {
      try create(.namespaces, ["metadata": ["name": .string(name)]])
    }
  }

  // MARK: What is there

  @discardableResult
  func create(_ resource: APIResource, _ object: JSONValue, in namespace: String = "shop") throws -> JSONValue {
    var object = object
    object["apiVersion"] = .string(resource.apiVersion)
    object["kind"] = .string(resource.kind)
    return try server.create(resource, resource.isNamespaced ? namespace : nil, object, user: "test")
  }

  /// Sets the status of an object, as its controller does.
  func status(_ resource: APIResource, _ name: String, _ status: JSONValue) throws {
    try server.patch(resource, "shop", name, .merge(["status": status]), subresource: "status", user: "test")
  }

  func object(_ resource: APIResource, _ name: String, in namespace: String = "shop") -> JSONValue? {
    server.object(resource, namespace, name)
  }

  /// Deployment `web` that runs the last of these revisions; each is a verdict or nothing.
  func deploy(_ verdicts: [String?] = ["Good", nil]) throws {
    let labels: JSONValue = ["app": "web"]
    func template(_ number: Int) -> JSONValue {
      [
        "metadata": ["labels": labels],
        "spec": ["containers": [["name": "web", "image": .string("web:\(number)")]]],
      ]
    }
    let spec: JSONValue = ["selector": ["matchLabels": labels]]
    var deployment: JSONValue = ["metadata": ["name": "web", "annotations": [Mark.revision: "\(verdicts.count)"]]]
    deployment["spec"] = spec
    deployment["spec"]?["template"] = template(verdicts.count)
    let uid = try create(.deployments, deployment).at("/metadata/uid") ?? ""
    for (index, verdict) in verdicts.enumerated() {
      let number = index + 1
      var annotations: JSONValue = [Mark.revision: "\(number)"]
      if let verdict {
        annotations[Mark.verdict] = .string(verdict)
        annotations[Mark.verdictHash] = .string("hash\(number)")
        annotations[Mark.verdictSince] = "2027-01-15T07:59:00Z"
        annotations[Mark.verdictEvent] = .string("web-event-\(number)")
      }
      var replicaSet: JSONValue = [
        "metadata": [
          "name": .string("web-\(number)"), "labels": ["app": "web", "pod-template-hash": .string("hash\(number)")],
          "annotations": annotations,
          "ownerReferences": [
            ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": uid, "controller": true]
          ],
        ]
      ]
      replicaSet["spec"] = ["selector": ["matchLabels": ["app": "web", "pod-template-hash": .string("hash\(number)")]]]
      replicaSet["spec"]?["template"] = template(number)
      replicaSet["spec"]?["template"]?["metadata"]?["labels"]?["pod-template-hash"] = .string("hash\(number)")
      try create(.replicaSets, replicaSet)
    }
  }

  /// Policy `web` with this status.
  func protect(_ spec: JSONValue = ["target": ["name": "web"]], status: JSONValue = [:]) throws {
    try create(.rollbackPolicies, ["metadata": ["name": "web"], "spec": spec])
    try self.status(.rollbackPolicies, "web", status)
  }

  /// An event of trigger `errors` about revision 2.
  func event(_ name: String = "web-1", status: JSONValue) throws {
    let uid = object(.deployments, "web")?.at("/metadata/uid") ?? "none"
    try create(
      .rollbackEvents,
      [
        "metadata": ["name": .string(name)],
        "spec": [
          "origin": "Trigger", "policy": ["name": "web", "uid": "p"],
          "target": ["kind": "Deployment", "name": "web", "uid": uid],
          "trigger": [
            "name": "errors", "severity": "High", "value": "8%", "threshold": "5%", "since": "2027-01-15T07:58:00Z",
          ],
          "suspect": ["hash": "hash2", "revision": 2, "images": ["web:2"]],
        ],
      ])
    try self.status(.rollbackEvents, name, status)
  }

  // MARK: What a person does

  var output: String { printed.withLock(\.out) }
  var remarks: String { printed.withLock(\.remarks) }

  func session(
    as user: String = "ann", format: OutputFormat = .table, isColoured: Bool = false, presumedUser: String? = nil
  ) -> Session {
    let console = Console(
      isColoured: isColoured,
      write: { text in self.printed.withLock { $0.out += text } },
      remark: { text in self.printed.withLock { $0.remarks += text + "\n" } })
    let client = KubernetesClient(
      transport: DeskTransport(server: server, user: user, reviews: reviews), clock: StoppedClock(),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), fieldManager: "kubectl-rollback",
      policy: .single(timeout: .seconds(5)))
    return Session(
      client: client, namespace: "shop", console: console, format: format, presumedUser: presumedUser)
  }
}

/// Time stands still.
struct StoppedClock: RuntimeClock {
  var wallTime: Date { Desk.now }
  var monotonicTime: Duration { .zero }

  func sleep(for duration: Duration) async throws(CancellationError) {
    await Task.yield()
    if Task.isCancelled { throw CancellationError() }
  }

  func random(in range: ClosedRange<Double>) -> Double { range.lowerBound }
}

/// Straight to the server in memory, which is told who the user is and does not say it by itself.
struct DeskTransport: Transport {
  var server: SimulatedAPIServer
  var user: String
  var reviews: Bool

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    if reviews, request.path.hasPrefix("/apis/authentication.k8s.io/v1/selfsubjectreviews") {
      let answer: JSONValue = ["metadata": [:], "status": ["userInfo": ["username": .string(user)]]]
      return TransportResponse(
        status: 201, headers: [("Content-Type", "application/json")], body: answer.serialized())
    }
    return server.respond(to: request, user: user)
  }

  func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    throw TransportError(.connectionFailed, requestMayHaveBeenSent: false, message: "this server has no watches")
  }
}
