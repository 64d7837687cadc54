import KubernetesClient
import RollbackOperator
import Simulation

/// Makes sequences of operations from a seed.
struct DifferentialGenerator {
  static let resources: [APIResource] = [
    .configMaps, .secrets, .leases, .deployments, .replicaSets, .pods, .events, .rollbackPolicies, .rollbackEvents,
  ]

  private var random: SeededGenerator
  private let bodies: DifferentialBodies

  init(seed: UInt64, namespace: String) {
    random = SeededGenerator(seed: seed)
    bodies = DifferentialBodies(namespace: namespace)
  }

  mutating func sequence(count: Int) -> [DifferentialOperation] {
    // A few objects that much happens to.
    var subjects: [(APIResource, String)] = []
    for _ in 0..<4 { subjects.append((pick(Self.resources), pick(["a", "b"]))) }
    return (0..<count).map { index in
      let subject = index < subjects.count ? subjects[index] : pick(subjects)
      let action = index < subjects.count ? Self.creation(bodies.valid(subject.0, subject.1, &random)) : action(subject)
      return DifferentialOperation(resource: subject.0, name: subject.1, action: action)
    }
  }

  private static func creation(_ body: JSONValue) -> DifferentialOperation.Action { .create(body, dryRun: false) }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[random.index(below: elements.count)]
  }

  private mutating func version() -> DifferentialOperation.Version {
    pick([.none, .none, .current, .current, .stale])
  }

  private mutating func identity() -> DifferentialOperation.Identity {
    pick([.none, .none, .none, .current, .current, .wrong])
  }

  private mutating func action(_ subject: (APIResource, String)) -> DifferentialOperation.Action {
    let (resource, name) = subject
    switch random.index(below: 20) {
    case 0...2: return .create(bodies.valid(resource, name, &random), dryRun: random.chance(0.15))
    case 3: return .create(bodies.invalid(resource, name, &random), dryRun: false)
    case 4: return .get
    case 5...6: return .replace(bodies.change(resource, &random), version(), identity(), subresource: nil)
    case 7...9:
      return .merge(
        bodies.change(resource, &random), version(), identity(), subresource: nil, dryRun: random.chance(0.1))
    case 10...11: return .merge(bodies.metadata(&random), version(), .none, subresource: nil, dryRun: false)
    case 12: return .json(bodies.operations(resource, &random), tests: version(), subresource: nil)
    case 13...14: return statusAction(resource)
    case 15: return scaleAction(resource)
    case 16...17:
      return deletion()
    case 18: return strategicAction(resource)
    default:
      return .list(
        labels: pick([nil, "app=web", "app", "!app", "app in (web,api),tier!=front", "app notin (web)"]),
        fields: pick([nil, nil, nil, "metadata.name=\(name)", "metadata.name!=\(name)"]), limit: pick([nil, 1, 2, 500]))
    }
  }

  /// A policy of propagation comes alone: with a version, or as a dry run, Kubernetes 1.20 stumbles over the change of
  /// finalizers that it makes itself before it deletes.
  private mutating func deletion() -> DifferentialOperation.Action {
    let propagation: PropagationPolicy? = pick([nil, nil, .background, .foreground, .orphan])
    if propagation != nil { return .delete(.none, identity(), propagation, dryRun: false) }
    return .delete(pick([.none, .none, .current, .stale]), identity(), nil, dryRun: random.chance(0.2))
  }

  private mutating func statusAction(_ resource: APIResource) -> DifferentialOperation.Action {
    var body = bodies.status(resource, &random)
    if random.chance(0.3) { body["spec"] = bodies.change(resource, &random)["spec"] }
    if random.chance(0.3) { body["metadata"] = ["labels": ["status": "yes"], "annotations": ["status": "yes"]] }
    return .merge(body, version(), .none, subresource: "status", dryRun: false)
  }

  private mutating func scaleAction(_ resource: APIResource) -> DifferentialOperation.Action {
    guard resource == .deployments || resource == .replicaSets else { return .get }
    return .scale(pick([0, 1, 3, -1]), pick([.none, .current, .stale]))
  }

  private mutating func strategicAction(_ resource: APIResource) -> DifferentialOperation.Action {
    guard resource == .deployments || resource == .replicaSets else {
      // Without `null`: where there is nothing to remove, Kubernetes 1.20 makes an empty text of it.
      return .strategic(["metadata": ["labels": ["tier": .string(pick(["front", "back", "bad value!"]))]]])
    }
    return .strategic([
      "spec": [
        "template": [
          "spec": ["containers": [["name": "web", "image": .string(pick(["web:8", "web:9"]))]]]
        ]
      ]
    ])
  }
}
