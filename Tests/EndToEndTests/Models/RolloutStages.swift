import FoundationEssentials
import KubernetesClient
import SimulatedCluster

/// The models of the controllers, on which a script is played in virtual time.
struct ModelledStage {
  private let timers = VirtualTimers()
  private let server: SimulatedAPIServer
  private let models: WorkloadModels
  private let person: Person
  private let namespace = "shop"

  init(historyOrder: HistoryOrder) throws {
    let timers = timers
    server = SimulatedAPIServer(now: { timers.date }, number: Self.counter())
    models = WorkloadModels(server: server, schedule: { timers.schedule($0, $1) }, random: { $0.lowerBound })
    models.historyOrder = historyOrder
    models.start()
    person = Person(server)
    let object: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]]
    try server.create(.namespaces, nil, object, user: "test")
  }

  private static func counter() -> @Sendable () -> UInt64 {
    let numbers = Numbers()
    return { numbers.next() }
  }

  func play(_ step: RolloutScript.Step, of script: RolloutScript) throws -> RolloutPicture {
    try perform(step, of: script)
    timers.pass(.seconds(60))
    return picture
  }

  private func perform(_ step: RolloutScript.Step, of script: RolloutScript) throws {
    switch step {
    case .apply(let release, let replicas):
      try person.apply(script.manifest(release, replicas: replicas, namespace: namespace))
    case .undo(let revision): try person.undo(namespace, "web", to: revision.map { Int64($0) })
    case .pause: try person.pause(namespace, "web")
    case .resume: try person.resume(namespace, "web")
    case .restart: try person.restart(namespace, "web", at: "2026-01-01T00:00:00Z")
    case .image(let image): try person.setImage(namespace, "web", to: image)
    case .scale(let replicas): try person.scale(namespace, "web", to: replicas)
    case .annotate(let key, let value): try person.annotate(namespace, "web", key, value)
    case .deleteNewest: try person.delete(.replicaSets, namespace, newest)
    case .deletePod: try person.delete(.pods, namespace, name(server.objects(.pods, namespace).first))
    case .deleteAll: try person.delete(.deployments, namespace, "web")
    case .orphan: try server.delete(.deployments, namespace, "web", propagation: .orphan, user: person.user)
    }
  }

  private var picture: RolloutPicture {
    RolloutPicture(
      deployment: server.object(.deployments, namespace, "web"), replicaSets: server.objects(.replicaSets, namespace))
  }

  private var newest: String { name(NewestReplicaSet.find(server.objects(.replicaSets, namespace))) }

  private func name(_ object: JSONValue?) -> String { object?["metadata"]?["name"]?.string ?? "" }
}

/// A real control plane, on which a script is played by kubectl.
struct RealStage {
  let world: World
  let namespace: String

  func play(
    _ step: RolloutScript.Step, of script: RolloutScript, expecting expected: RolloutPicture
  ) async throws -> RolloutPicture {
    try await perform(step, of: script)
    return try await picture(like: expected, calmFor: script.calm)
  }

  private func perform(_ step: RolloutScript.Step, of script: RolloutScript) async throws {
    let target = "deployment/web"
    switch step {
    case .apply(let release, let replicas):
      let manifest = script.manifest(release, replicas: replicas, namespace: namespace)
      try await kubectl(["apply", "-f", "-"], input: String(decoding: manifest.serialized(), as: UTF8.self))
    case .undo(let revision):
      // It fails where there is nothing to go back to.
      let arguments = ["rollout", "undo", target] + (revision.map { ["--to-revision=\($0)"] } ?? [])
      _ = try await world.kubectl(["-n", namespace] + arguments)
    case .pause: try await kubectl(["rollout", "pause", target])
    case .resume: try await kubectl(["rollout", "resume", target])
    case .restart: try await kubectl(["rollout", "restart", target])
    case .image(let image): try await kubectl(["set", "image", target, "web=\(image)"])
    case .scale(let replicas): try await kubectl(["scale", target, "--replicas=\(replicas)"])
    case .annotate(let key, let value):
      try await kubectl(["annotate", "--overwrite", target, value.map { "\(key)=\($0)" } ?? "\(key)-"])
    case .deleteNewest:
      let newest = NewestReplicaSet.find(try await replicaSets())
      try await kubectl(["delete", "replicaset", newest?["metadata"]?["name"]?.string ?? ""])
    case .deletePod:
      let pod = try await world.client.listValues(.pods, namespace: namespace).first
      try await kubectl(["delete", "pod", pod?["metadata"]?["name"]?.string ?? ""])
    case .deleteAll: try await kubectl(["delete", target])
    case .orphan: try await kubectl(["delete", target, "--cascade=orphan"])
    }
  }

  private func kubectl(_ arguments: [String], input: String = "") async throws {
    let tool = try await world.kubectl(["-n", namespace] + arguments, input: input)
    guard tool.succeeded else { throw HarnessError("kubectl \(arguments.joined(separator: " ")): \(tool.error)") }
  }

  private func replicaSets() async throws -> [JSONValue] {
    try await world.client.listValues(.replicaSets, namespace: namespace)
  }

  /// What there is once it has stayed as expected for so long; when it does not become so, what there is at last.
  private func picture(like expected: RolloutPicture, calmFor time: Duration) async throws -> RolloutPicture {
    var last = try await look()
    var since = ContinuousClock.now
    let start = since
    while ContinuousClock.now - start < .seconds(120) {
      try await Task.sleep(for: .milliseconds(250))
      let next = try await look()
      if next != last {
        last = next
        since = .now
      }
      if last == expected && ContinuousClock.now - since > time { break }
    }
    return last
  }

  private func look() async throws -> RolloutPicture {
    let deployments = try await world.client.listValues(.deployments, namespace: namespace)
    return RolloutPicture(deployment: deployments.first, replicaSets: try await replicaSets())
  }
}

enum NewestReplicaSet {
  static func find(_ sets: [JSONValue]) -> JSONValue? {
    sets.max { revision($0) < revision($1) }
  }

  private static func revision(_ object: JSONValue) -> Int {
    object["metadata"]?["annotations"]?["deployment.kubernetes.io/revision"]?.string.flatMap { Int($0) } ?? 0
  }
}
