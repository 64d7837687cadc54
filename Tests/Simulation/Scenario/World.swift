import FoundationEssentials
public import KubernetesClient
import LocalCluster
public import SimulatedCluster
import Synchronization

/// A simulated cluster with operators on it, watched by the invariants.
public final class World: Sendable {
  public static let namespace = "shop"

  public let engine: SimulationEngine
  public let server: SimulatedAPIServer
  public let models: WorkloadModels
  /// What operators may ask beside the API server.
  public let metrics: MetricWorld
  private let jobs: JobModel
  public let person: Person
  private let state: Mutex<State>

  private struct State {
    var setsRights = false
    var processes: [SimulatedProcess] = []
    var invariants: [any Invariant]
    var violations: [Violation] = []
    /// The time of the last write of an operator that was neither a Lease nor a policy's status.
    var lastWrite: Duration = .zero
    var operatorWrites: [String: Int] = [:]
    /// When operators wrote the status of a policy.
    var policyWrites: [Duration] = []
  }

  /// - Parameter definitions: the CustomResourceDefinitions, see ``definitions``.
  public init(engine: SimulationEngine, definitions: [JSONValue], invariants: [any Invariant] = .all) {
    self.engine = engine
    server = SimulatedAPIServer(
      now: { SimulatedClock(engine).wallTime }, number: { engine.bits(.objects) })
    for definition in definitions { server.install(crd: definition) }
    models = WorkloadModels(
      server: server, schedule: { engine.schedule(after: $0, $1) },
      random: { engine.random(.workloads, in: $0) })
    person = Person(server)
    metrics = MetricWorld(server)
    jobs = JobModel(
      server: server, history: metrics.history, schedule: { engine.schedule(after: $0, $1) },
      random: { engine.random(.metrics, in: $0) })
    state = Mutex(State(invariants: invariants))
    for name in [Self.namespace, "rollback-operator-system"] {
      apply(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]], to: .namespaces)
    }
    server.observe { [weak self] in self?.see($0) }
    models.start()
  }

  /// The project's own CustomResourceDefinitions, as they are in `manifests/crds`.
  public static func definitions() throws -> [JSONValue] {
    let checkout = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return try ["rollbackpolicies", "rollbackevents"].flatMap {
      try Manifest.objects(at: "\(checkout)/manifests/crds/rollback-operator.io_\($0).yaml")
    }
  }

  public var processes: [SimulatedProcess] { state.withLock { $0.processes } }
  public var violations: [Violation] { state.withLock { $0.violations } }
  public var lastWrite: Duration { state.withLock { $0.lastWrite } }
  /// Accepted writes of operators per object, without Leases and Kubernetes Events.
  public var operatorWrites: [String: Int] { state.withLock { $0.operatorWrites } }

  /// How often operators have written the status of a policy since a time.
  func policyWrites(since start: Duration) -> Int {
    state.withLock { $0.policyWrites.reversed().prefix { $0 >= start }.count }
  }

  /// Whether the scenario itself says who may do what.
  var setsRights: Bool {
    get { state.withLock { $0.setsRights } }
    set { state.withLock { $0.setsRights = newValue } }
  }

  public func start(_ process: SimulatedProcess) {
    state.withLock { $0.processes.append(process) }
    process.start()
  }

  /// Notes a broken rule.
  public func violate(_ invariant: String, _ message: String) {
    let violation = Violation(invariant: invariant, message: message, time: engine.now)
    engine.trace.note("VIOLATION \(violation)")
    state.withLock { $0.violations.append(violation) }
  }

  private func see(_ change: Change) {
    engine.trace.note(
      "\(engine.now) \(change.user) \(change.verb.rawValue) \(change.resource.plural) \(change.name)\(journal(change))",
      matters: matters(change))
    let view = ClusterView(server, metrics)
    var invariants = state.withLock { state in
      defer { state.invariants = [] }
      return state.invariants
    }
    for index in invariants.indices {
      if let message = invariants[index].see(change, in: view) { violate(invariants[index].name, message) }
    }
    state.withLock { $0.invariants = invariants }
    guard ClusterView.isOperator(change.user), change.resource != .leases, change.resource.plural != "events" else {
      return
    }
    let now = engine.now
    state.withLock { state in
      // A policy's status shows what pods do, also of a release that is left as it is.
      if change.resource == Self.policies { state.policyWrites.append(now) } else { state.lastWrite = now }
      state.operatorWrites["\(change.resource.plural)/\(change.name)", default: 0] += 1
    }
  }

  /// Whether a change belongs into a shortened trace: all that operators and people change, and what is rolled out.
  private func matters(_ change: Change) -> Bool {
    if change.resource == .leases || change.resource == .pods || change.resource.plural == "events" { return false }
    if ClusterView.isOperator(change.user) || !change.user.hasPrefix("system:") { return true }
    return change.verb != .modified && change.resource != .namespaces
  }

  /// Lets go what was noted for the end of a run, and what invariants know of objects that will not come back.
  func forgetHistory() {
    state.withLock { state in
      state.operatorWrites = [:]
      state.policyWrites = []
      state.invariants = .all
    }
    metrics.evidence.forget()
    metrics.questions.forget()
  }

  /// How a journal stands after a change, for the trace.
  private func journal(_ change: Change) -> String {
    guard change.resource == Undo.events else { return "" }
    let steps = (change.new.at("/status/steps")?.array ?? []).map { $0["state"]?.string ?? "" }
    let last = change.new.at("/status/timeline")?.array?.last?["what"]?.string ?? ""
    return " \(steps) \(change.new.at("/status/outcome")?.string ?? "running"): \(last)"
  }

  // MARK: What people do

  /// Makes or changes a Deployment as `kubectl apply` does.
  public func rollOut(_ workload: SimulatedWorkload) { apply(workload.object, to: .deployments) }

  /// What most scenarios begin with: a good release, protected by a policy, and after half a minute one that crashes.
  func deployBadRelease() {
    rollOut(SimulatedWorkload(version: 1))
    policy(["target": ["name": "web"]])
    at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
  }

  private func apply(_ object: JSONValue, to resource: APIResource) {
    do throws(Refusal) {
      try person.apply(object, to: resource)
    } catch {
      violate("the scenario itself", "\(error.status)")
    }
  }

  /// Makes or changes a policy.
  public func policy(_ spec: JSONValue, name: String = "web") {
    apply(
      [
        "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackPolicy",
        "metadata": ["name": .string(name), "namespace": .string(Self.namespace)], "spec": spec,
      ], to: Self.policies)
  }

  public static let policies = APIResource(
    group: "rollback-operator.io", version: "v1alpha1", plural: "rollbackpolicies", kind: "RollbackPolicy")

  /// Does something at a time since the beginning.
  public func at(_ time: Duration, _ action: @escaping @Sendable (World) -> Void) {
    engine.schedule(after: time - engine.now) { [weak self] in
      guard let self else { return }
      action(self)
    }
  }

  // MARK: What there is in the end

  /// The version that a Deployment runs by its template.
  public func version(of name: String) -> Int? {
    let image = server.object(.deployments, Self.namespace, name)?.at("/spec/template/spec/containers/0/image")?.string
    return image?.split(separator: ":").last.flatMap { Int($0) }
  }

  /// The RollbackEvents of a Deployment, by name.
  public func events(of name: String) -> [JSONValue] {
    server.objects(Undo.events, Self.namespace).filter { $0.at("/spec/target/name")?.string == name }
  }

  /// How the events of a Deployment stand.
  public func outcomes(of name: String) -> [String] {
    events(of: name).map { $0.at("/status/outcome")?.string ?? "running" }.sorted()
  }
}

/// A Deployment for the simulated nodes.
public struct SimulatedWorkload: Sendable {
  public var name: String
  public var version: Int
  public var behaviour: String
  public var replicas: Int
  public var failAfter: String?
  public var progressDeadlineSeconds: Int
  public var revisionHistoryLimit: Int
  /// What is measured of its pods: annotations of the simulator, without their prefix.
  public var signals: [String: String] = [:]
  /// `resources.limits` of its container.
  public var limits: [String: String] = [:]

  public init(
    _ name: String = "web", version: Int, behaviour: String = "Ready", replicas: Int = 2, failAfter: String? = nil,
    progressDeadlineSeconds: Int = 600, revisionHistoryLimit: Int = 10
  ) {
    self.name = name
    self.version = version
    self.behaviour = behaviour
    self.replicas = replicas
    self.failAfter = failAfter
    self.progressDeadlineSeconds = progressDeadlineSeconds
    self.revisionHistoryLimit = revisionHistoryLimit
  }

  public var object: JSONValue {
    var annotations = ["simulator.rollback-operator.io/behaviour": behaviour]
    annotations["simulator.rollback-operator.io/fail-after"] = failAfter
    for (name, value) in signals { annotations["simulator.rollback-operator.io/\(name)"] = value }
    var container: JSONValue = ["name": "web", "image": .string("web:\(version)")]
    if !limits.isEmpty { container["resources"] = ["limits": JSONValue(limits)] }
    let labels: JSONValue = ["app": .string(name)]
    return [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "name": .string(name), "namespace": .string(World.namespace), "labels": ["app": .string(name), "tier": "all"],
      ],
      "spec": [
        "replicas": JSONValue(replicas), "selector": ["matchLabels": labels],
        "progressDeadlineSeconds": JSONValue(progressDeadlineSeconds),
        "revisionHistoryLimit": JSONValue(revisionHistoryLimit),
        "template": [
          "metadata": ["labels": labels, "annotations": JSONValue(annotations)],
          "spec": ["containers": [container]],
        ],
      ],
    ]
  }
}
