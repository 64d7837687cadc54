import KubernetesClient
import SimulatedCluster
import Simulation
import Testing

@Suite("Whatever people do, the models come to rest as the Deployment says")
struct ModelSweepTests {
  private let namespace = ModelCluster.namespace
  private let name = ModelCluster.name

  @Test("After any story a good release is rolled out in the end", arguments: 1...20 as ClosedRange<UInt64>)
  func story(seed: UInt64) throws {
    var chance = SeededGenerator(seed: seed &* 7_919)
    let paces = [Pace.usual, .immediate, .sluggish]
    let cluster = ModelCluster(seed: seed, pace: paces[chance.index(below: paces.count)])
    try cluster.deploy(1, then: .seconds(5))
    for _ in 0..<25 {
      act(on: cluster, &chance)
      cluster.timers.pass(.milliseconds(chance.index(below: 40_000)))
    }
    try? cluster.person.resume(namespace, name)
    try cluster.deploy(99, replicas: 4, then: .seconds(7_200))
    let newest = try #require(cluster.replicaSets.last)
    #expect(ModelCluster.revision(newest) == ModelCluster.revision(cluster.deployment))
    #expect(cluster.sizes.last?.hasSuffix(":4/4") == true)
    #expect(cluster.sizes.dropLast().allSatisfy { $0.hasSuffix(":0/0") })
    #expect(cluster.counts == "4 4 4 0")
    #expect(cluster.pods.count == 4)
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
    let revisions = cluster.replicaSets.map(ModelCluster.revision)
    #expect(Set(revisions).count == revisions.count)
    #expect(cluster.replicaSets.count <= 11)
    let writes = cluster.writes.count
    cluster.timers.pass(.seconds(86_400))
    #expect(cluster.writes.count == writes)
  }

  /// One thing somebody may do. What is refused is part of the story.
  private func act(on cluster: ModelCluster, _ chance: inout SeededGenerator) {
    let person = cluster.person
    let behaviours = ["Ready", "Ready", "CrashLoop", "ImagePull", "OOMKilled", "Unready", "Pending"]
    func pick(_ objects: [JSONValue]) -> String {
      objects.isEmpty ? "" : objects[chance.index(below: objects.count)]["metadata"]?["name"]?.string ?? ""
    }
    switch chance.index(below: 11) {
    case 0, 1, 2:
      let version = 1 + chance.index(below: 8)
      let behaviour = behaviours[(version &* 5) % behaviours.count]
      _ = try? person.apply(ModelCluster.manifest(version, behaviour, replicas: 1 + chance.index(below: 6)))
    case 3: _ = try? person.undo(namespace, name)
    case 4: try? person.pause(namespace, name)
    case 5: try? person.resume(namespace, name)
    case 6: try? person.scale(namespace, name, to: chance.index(below: 8))
    case 7: try? person.delete(.pods, namespace, pick(cluster.pods))
    case 8: try? person.delete(.replicaSets, namespace, pick(cluster.replicaSets))
    case 9: try? person.annotate(namespace, name, "example.com/note", "\(chance.index(below: 3))")
    default: try? person.restart(namespace, name, at: "\(cluster.timers.elapsed.components.seconds)")
    }
  }
}
