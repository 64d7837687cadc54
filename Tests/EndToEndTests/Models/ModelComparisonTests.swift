import KubernetesClient
import LocalCluster
import SimulatedCluster
import Synchronization
import Testing

/// The models of the controllers against `kube-controller-manager` itself: the same scripts, the same outcome after
/// each step, down to conditions, messages and annotations.
@Suite("The models do what the real controllers do")
struct ModelComparisonTests {
  @Test("After each step both have the same objects", arguments: RolloutScript.all)
  func compare(script: RolloutScript) async throws {
    let world = try await World.shared()
    // Newer controllers clean up by revision.
    let isOld = world.cluster.capabilities.version < KubernetesVersion(major: 1, minor: 22)
    let modelled = try ModelledStage(historyOrder: isOld ? .creation : .revision)
    try await Slots.scenes.use {
      let real = RealStage(world: world, namespace: try await world.namespace())
      for (index, step) in script.steps.enumerated() {
        let here = try modelled.play(step, of: script)
        let there = try await real.play(step, of: script, expecting: here)
        let difference = here.difference(from: there)
        #expect(
          difference.here.isEmpty && difference.there.isEmpty,
          """
          \(script.title), step \(index + 1), \(step)
          only the models:
            \(difference.here.joined(separator: "\n  "))
          only the real controllers:
            \(difference.there.joined(separator: "\n  "))
          """)
      }
      _ = try? await world.client.delete(.namespaces, name: real.namespace)
    }
  }
}

/// Numbers that are never the same.
final class Numbers: Sendable {
  private let last = Mutex<UInt64>(0x9E37_79B9_7F4A_7C15)

  func next() -> UInt64 {
    last.withLock { last in
      last = last &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return last
    }
  }
}
