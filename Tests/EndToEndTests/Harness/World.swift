import FoundationEssentials
import Glibc
import KubernetesClient
import Synchronization
import Testing

@testable import LocalCluster

/// The one control plane that the tests of this process share: simulated nodes, the project's kinds and roles.
///
/// It is started by the first test that asks for it. Tests keep apart by namespaces; see ``Scene``. A test that stops
/// servers or rotates certificates starts a cluster of its own with ``start(_:)``.
final class World: Sendable {
  let cluster: LocalCluster
  /// A cluster administrator.
  let client: KubernetesClient

  private init(_ cluster: LocalCluster) {
    self.cluster = cluster
    client = cluster.client
  }

  private static let first = Task {
    let world = try await start()
    WorldEnd.stopAtExit(world)
    return world
  }

  /// The shared control plane.
  static func shared() async throws -> World { try await first.value }

  /// A control plane of the caller's own, which the caller stops.
  static func start(_ options: LocalCluster.Options = LocalCluster.Options()) async throws -> World {
    let world = World(try await LocalCluster.start(options))
    do {
      try await world.cluster.startNodes()
      try await world.cluster.installCRDs(from: ["\(Tool.checkout)/manifests/crds"])
      try await world.installRoles()
    } catch {
      await world.stop()
      throw error
    }
    return world
  }

  /// A control plane of the caller's own for as long as `body` runs. Some wait, so that a small machine is not full of
  /// them.
  static func withOwn<Result>(
    _ options: LocalCluster.Options = LocalCluster.Options(), _ body: (World) async throws -> Result
  ) async throws -> Result {
    try await Slots.ownClusters.use {
      let world = try await start(options)
      do {
        let result = try await body(world)
        await world.stop()
        return result
      } catch {
        await world.stop()
        throw error
      }
    }
  }

  func stop() async { await cluster.stop() }

  /// Cancels the test, visibly, where the binaries do not serve CEL rules.
  func requireCEL() throws {
    if !cluster.capabilities.validatesCustomResourcesWithCEL {
      try Test.cancel("these binaries do not serve CEL rules of custom resources")
    }
  }

  /// kubectl as a cluster administrator; it is killed when it has not ended after a minute.
  func kubectl(_ arguments: [String], input: String = "") async throws -> Tool {
    try await Tool.run(
      "timeout",
      ["60", cluster.binaries.path("kubectl"), "--kubeconfig", cluster.kubeconfig, "--request-timeout=30s"] + arguments,
      input: input)
  }

  /// The same, and its output; an error when it fails.
  func kubectl(_ arguments: String..., input: String = "") async throws -> String {
    let tool = try await kubectl(arguments, input: input)
    guard tool.succeeded else {
      throw HarnessError("kubectl \(arguments.joined(separator: " ")) failed: \(tool.error)\(tool.output)")
    }
    return tool.output
  }
}

/// Something that is not what the tests need, in a sentence.
struct HarnessError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Stops the shared cluster when the test process ends by itself. When it is killed, the kernel ends the servers.
enum WorldEnd {
  private static let world = Mutex<World?>(nil)

  static func stopAtExit(_ world: World) {
    self.world.withLock { $0 = world }
    atexit {
      guard let world = WorldEnd.world.withLock({ $0 }) else { return }
      let finished = FinishedFlag()
      Task.detached {
        await world.stop()
        finished.set()
      }
      finished.wait(atMost: 5)
    }
  }
}

/// A flag that a thread without tasks may wait for.
final class FinishedFlag: Sendable {
  private let isSet = Atomic(false)

  func set() { isSet.store(true, ordering: .releasing) }

  func wait(atMost seconds: Int) {
    for _ in 0..<seconds * 100 where !isSet.load(ordering: .acquiring) { usleep(10_000) }
  }
}
