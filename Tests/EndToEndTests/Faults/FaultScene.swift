import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Synchronization
import Testing

extension Scene {
  /// Sets a scene with a proxy before the API server; no operator runs yet.
  static func playBehindProxy(
    in world: World? = nil, slots: Slots = .scenes, _ body: (Scene, FaultProxy) async throws -> Void
  ) async throws {
    try await play(in: world, startsOperator: false, slots: slots) { scene in
      try await FaultProxy.run(before: scene.world.cluster) { proxy in try await body(scene, proxy) }
    }
  }

  /// Starts an operator that knows the API server only through the proxy.
  @discardableResult
  func startOperator(through proxy: FaultProxy, arguments: [String] = []) async throws -> OperatorInstance {
    let path = "\(folder)/proxy-\(proxy.port).kubeconfig"
    let text = try String(contentsOfFile: world.cluster.operatorKubeconfig, encoding: .utf8)
    try text.replacing(world.cluster.address, with: proxy.address).write(
      toFile: path, atomically: true, encoding: .utf8)
    return try await startOperator(arguments: arguments, kubeconfig: path)
  }

  /// Protects `web`, which runs version 1 well.
  func protect(_ workload: Workload = Workload(replicas: 1), policy: String = "target: {name: web}") async throws {
    try await deploy(workload)
    try await self.policy(policy)
  }

  /// The end of every interrupted rollback: that of one that nothing disturbed.
  func isAsUndisturbed(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let event = try await event(.recovered, within: .seconds(150), sourceLocation: sourceLocation)
    let events = try await self.events()
    #expect(events.count == 1, "one story", sourceLocation: sourceLocation)
    #expect(event.status.from?.revision == 2 && event.status.to?.revision == 1, sourceLocation: sourceLocation)
    #expect(event.status.steps?.map(\.state) == [.done], sourceLocation: sourceLocation)
    #expect(event.status.conditions?["Succeeded"]?.status == .true, sourceLocation: sourceLocation)
    #expect(try await version() == 1, sourceLocation: sourceLocation)
    #expect(try await verdict(2) == "Bad", sourceLocation: sourceLocation)
    #expect(try await verdict(1) != "Bad", sourceLocation: sourceLocation)
    try await undone(times: 1)
  }
}

/// A count that several tasks share.
final class FaultCounter: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  /// Counts one more.
  ///
  /// - Returns: the new count.
  @discardableResult
  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}
