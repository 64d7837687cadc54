import FoundationEssentials
import KubernetesClient
import SimulatedCluster
import Simulation
import Synchronization

/// An API server with the models of the controllers on virtual time, and one Deployment `web` to play with.
struct ModelCluster {
  static let namespace = "shop"
  static let name = "web"

  let timers = VirtualTimers()
  let server: SimulatedAPIServer
  let models: WorkloadModels
  let person: Person
  let random: @Sendable (ClosedRange<Double>) -> Double

  init(seed: UInt64 = 1, pace: Pace = .usual) {
    let timers = timers
    let generator = Seeded(seed)
    random = { generator.pick($0) }
    server = SimulatedAPIServer(now: { timers.date }, number: { generator.next() })
    models = WorkloadModels(server: server, schedule: { timers.schedule($0, $1) }, random: { generator.pick($0) })
    models.pace = pace
    models.start()
    person = Person(server)
    _ = try? server.create(
      .namespaces, nil, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(Self.namespace)]],
      user: "test")
  }

  /// The generator of a cluster; what it gives depends on the order of the calls alone.
  final class Seeded: Sendable {
    private let generator: Mutex<SeededGenerator>
    init(_ seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }
    func next() -> UInt64 { generator.withLock { $0.next() } }
    func pick(_ range: ClosedRange<Double>) -> Double { generator.withLock { $0.pick(range) } }
  }

  // MARK: what is deployed

  /// A manifest as it would be in a repository.
  static func manifest(
    _ version: Int, _ behaviour: String = "Ready", replicas: Int = 3, annotations: [String: String] = [:],
    spec: JSONValue = [:]
  ) -> JSONValue {
    var templateAnnotations = annotations
    templateAnnotations["simulator.rollback-operator.io/behaviour"] = behaviour
    var manifest: JSONValue = [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "labels": ["app": "web"],
        "annotations": ["example.com/owner": "team-a"],
      ],
      "spec": [
        "replicas": JSONValue(replicas), "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "metadata": ["labels": ["app": "web"], "annotations": JSONValue(templateAnnotations)],
          "spec": [
            "terminationGracePeriodSeconds": 0,
            "containers": [
              ["name": "web", "image": .string("web:\(version)")], ["name": "sidecar", "image": "sidecar:1"],
            ],
          ],
        ],
      ],
    ]
    for member in spec.object ?? [:] { manifest["spec"]?[member.key] = member.value }
    return manifest
  }

  /// Applies a release and lets time pass.
  func deploy(
    _ version: Int, _ behaviour: String = "Ready", replicas: Int = 3, annotations: [String: String] = [:],
    spec: JSONValue = [:], then time: Duration = .seconds(60)
  ) throws {
    try person.apply(Self.manifest(version, behaviour, replicas: replicas, annotations: annotations, spec: spec))
    timers.pass(time)
  }

  // MARK: what came of it

  var deployment: JSONValue { server.object(.deployments, Self.namespace, Self.name) ?? .null }

  /// The ReplicaSets by revision.
  var replicaSets: [JSONValue] {
    server.objects(.replicaSets, Self.namespace).sorted { Self.revision($0) < Self.revision($1) }
  }

  var pods: [JSONValue] { server.objects(.pods, Self.namespace) }

  static func revision(_ object: JSONValue) -> Int {
    object["metadata"]?["annotations"]?["deployment.kubernetes.io/revision"]?.string.flatMap { Int($0) } ?? 0
  }

  /// `revision:replicas/ready` of each ReplicaSet.
  var sizes: [String] {
    replicaSets.map { set in
      let ready = set["status"]?["readyReplicas"]?.int ?? 0
      return "\(Self.revision(set)):\(set["spec"]?["replicas"]?.int ?? -1)/\(ready)"
    }
  }

  func condition(_ type: String) -> JSONValue? {
    deployment["status"]?["conditions"]?.array?.first { $0["type"]?.string == type }
  }

  /// `status reason` of a condition of the Deployment.
  func conditionText(_ type: String) -> String {
    "\(condition(type)?["status"]?.string ?? "-") \(condition(type)?["reason"]?.string ?? "-")"
  }

  /// The states of the first containers, restarts left out: `running`, `terminated` or the reason for waiting.
  var states: Set<String> {
    Set(
      pods.map { pod in
        let state = pod["status"]?["containerStatuses"]?[0]?["state"]
        return state?["waiting"]?["reason"]?.string ?? state?.object?.keys.first ?? "none"
      })
  }

  /// The Deployment's counts of pods.
  var counts: String {
    let status = deployment["status"]
    func count(_ key: String) -> Int { status?[key]?.int ?? 0 }
    return
      "\(count("replicas")) \(count("updatedReplicas")) \(count("availableReplicas")) \(count("unavailableReplicas"))"
  }

  /// All writes so far: kind, verb and user.
  var writes: [String] {
    server.changes.map { "\($0.resource.plural) \($0.verb.rawValue) \($0.user) \($0.resourceVersion)" }
  }
}
