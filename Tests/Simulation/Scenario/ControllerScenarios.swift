import KubernetesClient
import SimulatedCluster

/// Other controllers write the same objects.
extension Scenario {
  /// The size is the autoscaler's: only the template is restored.
  static let autoscaled = Scenario("an autoscaler changes the size meanwhile", lasting: .seconds(300)) { world in
    let engine = world.engine
    let autoscaler = Autoscaler(
      server: world.server, schedule: { engine.schedule(after: $0, $1) }, random: { engine.random(.actors, in: $0) },
      namespace: World.namespace, name: "web", replicas: 1...5, every: 2...25)
    world.rollOut(SimulatedWorkload(version: 1, replicas: 3))
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop", replicas: 3)) }
    world.at(.seconds(31)) { _ in autoscaler.start() }
    world.at(.seconds(290)) { _ in autoscaler.stop() }
  } check: { world in
    let sizes = world.server.changes.filter { $0.resource == .deployments && $0.user == Autoscaler.user }
    let wanted = sizes.last?.new.at("/spec/replicas")?.int
    let size = world.server.object(.deployments, World.namespace, "web")?.at("/spec/replicas")?.int
    return (wanted == size ? [] : ["the size is \(size ?? -1), the autoscaler wanted \(wanted ?? -1)"])
      + world.expect(version: 1, outcomes: ["Recovered"])
  }

  /// GitOps puts the bad revision back: one rollback, then it is said and not fought.
  static let gitOps = Scenario("GitOps puts the bad revision back", lasting: .seconds(300)) { world in
    let engine = world.engine
    let isServerSide = engine.chance(.scenario, 0.5)
    let reconciler = GitOpsReconciler(
      server: world.server, schedule: { engine.schedule(after: $0, $1) },
      manifest: SimulatedWorkload(version: 1).object, every: world.moment(0.5...20),
      mode: isServerSide ? .serverSideApply : .clientSideApply)
    reconciler.start()
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(30)) { _ in reconciler.manifest = SimulatedWorkload(version: 2, behaviour: "CrashLoop").object }
  } check: {
    $0.expectKnownBad(version: 2)
  }

  /// Somebody edits the Deployment a hundred times a second, for five seconds: the undo waits for its chance.
  static let edits = Scenario("a hundred edits a second", lasting: .seconds(150)) { world in
    world.deployBadRelease()
    let start = world.moment(35...50)
    for number in 0..<500 {
      world.at(start + .milliseconds(10 * number)) { world in
        world.byHand { person throws(Refusal) in
          try person.annotate(World.namespace, "web", "example.com/edit", "\(number)")
        }
      }
    }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expect(undosAtMost: 1)
  }

  static let controllers: [Scenario] = [autoscaled, gitOps, edits]
}
