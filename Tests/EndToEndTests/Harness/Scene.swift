import FoundationEssentials
import KubernetesClient
import RollbackOperator
import Synchronization
import Testing

@testable import LocalCluster

/// What one test has for itself: a namespace of the shared control plane, and operators that serve it and end with it.
///
/// The operators' user may do in this namespace what `manifests/10-rbac.yaml` allows, and nothing anywhere else.
final class Scene: Sendable {
  let world: World
  let namespace: String
  /// A folder for the test's files, removed at its end.
  let folder: String
  private let operators = Mutex<[OperatorInstance]>([])
  private let hasFailed = Mutex(false)

  @TaskLocal static var current: Scene?

  private init(world: World, namespace: String) throws {
    self.world = world
    self.namespace = namespace
    folder = "\(world.cluster.folder)/scenes/\(namespace)"
    try FileSystem.makeFolder(folder)
  }

  /// Sets a scene, runs the test in it, ends its operators, and shows their logs when the test failed.
  ///
  /// - Parameters:
  ///   - world: `nil` for the shared one.
  ///   - startsOperator: whether one operator is started that serves the namespace; the test may start others.
  ///   - slots: what limits the number of scenes that are played at once.
  static func play<Result>(
    in world: World? = nil, startsOperator: Bool = true, slots: Slots = .scenes,
    _ body: (Scene) async throws -> Result
  ) async throws -> Result {
    try await slots.use {
      let stage: World
      if let world { stage = world } else { stage = try await World.shared() }
      let scene = try Scene(world: stage, namespace: try await stage.namespace())
      do {
        let result = try await $current.withValue(scene) {
          if startsOperator { try await scene.startOperator() }
          return try await body(scene)
        }
        await scene.end()
        return result
      } catch {
        scene.fail()
        await scene.end()
        throw error
      }
    }
  }

  /// Notes that the test has failed, so that the operators' logs are shown.
  func fail() { hasFailed.withLock { $0 = true } }

  /// Starts a further operator for the namespace and waits until it is ready.
  ///
  /// - Parameters:
  ///   - kubeconfig: `nil` for that of the user with the least rights.
  @discardableResult
  func startOperator(
    arguments: [String] = [], kubeconfig: String? = nil, environment: [String: String] = [:],
    waitsUntilReady: Bool = true
  ) async throws -> OperatorInstance {
    let number = operators.withLock { $0.count + 1 }
    let instance = try await OperatorInstance.start(
      namespaces: [namespace], kubeconfig: kubeconfig ?? world.cluster.operatorKubeconfig, arguments: arguments,
      environment: environment, log: "\(folder)/operator-\(number).log", waitsUntilReady: waitsUntilReady)
    operators.withLock { $0.append(instance) }
    return instance
  }

  /// The operator that was started last.
  var lastOperator: OperatorInstance {
    get throws { try #require(operators.withLock { $0.last }) }
  }

  private func end() async {
    for instance in operators.withLock({ $0 }) { await instance.kill() }
    let isWanted = ProcessInfo.processInfo.environment["SHOW_SCENES"] == "1"
    if isWanted || hasFailed.withLock({ $0 }) { await tell() }
    _ = try? await world.client.delete(.namespaces, name: namespace)
    FileSystem.remove(folder)
  }

  /// Prints what a person needs to understand a failure. `SHOW_SCENES=1` has it printed of every test.
  private func tell() async {
    var text = "\n==== \(Test.current?.name ?? "?") in namespace \(namespace)\n"
    for (number, instance) in operators.withLock({ $0 }).enumerated() {
      text += "---- log of operator \(number + 1)\n\(FileSystem.tail(of: instance.logPath, lines: 120))\n"
    }
    for kind in ["rollbackevents", "rollbackpolicies"] {
      let yaml = try? await world.kubectl(["get", kind, "-n", namespace, "-o", "yaml"]).output
      text += "---- \(kind)\n\(yaml ?? "")\n"
    }
    for kinds in ["rollbackevents", "rollbackpolicies", "deployments,replicasets,pods", "events"] {
      let table = try? await world.kubectl(["get", kinds, "-n", namespace]).output
      text += "---- kubectl get \(kinds)\n\(table ?? "")\n"
    }
    text += "====\n"
    print(text)
  }
}

/// Shows the operators' logs of a test also when an expectation failed without ending it.
struct ShowsLogs {
  static func note(_ issue: Issue) -> Issue? {
    Scene.current?.fail()
    return issue
  }
}

extension Trait where Self == IssueHandlingTrait {
  /// Shows the logs of a failing test's operators.
  static var showsLogs: Self { .compactMapIssues { ShowsLogs.note($0) } }
}
