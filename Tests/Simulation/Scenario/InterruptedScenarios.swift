import KubernetesClient
import SimulatedCluster
import Synchronization

/// Something happens between two writes of an operator: it is stopped as by SIGSTOP and goes on later, when others have
/// done the work, or a person steps in.
extension Scenario {
  /// The leader is stopped between two writes and goes on when another may lead.
  static let stoppedLeader = stopped("the leader is stopped for a while", electALeader: true) { world, user in
    world.processes.first { $0.user == user }
  }

  /// One of two operators without a lease is stopped while the other acts.
  static let stoppedFollower = stopped("another operator is stopped meanwhile", electALeader: false) { world, user in
    world.processes.first { $0.user != user }
  }

  /// A person rolls out something else within milliseconds of a write of the journal: what they rolled out stays.
  static let personIsFast = Scenario("a person is as fast as the operator", lasting: .seconds(300)) { world in
    world.deployBadRelease()
    let engine = world.engine
    let delay = engine.random(.scenario, in: Duration.zero ... .milliseconds(40))
    world.onWrite(Int(engine.bits(.scenario) % 3)) { world, _ in
      engine.schedule(after: delay) { world.rollOut(SimulatedWorkload(version: 3)) }
    }
  } check: { world in
    let outcomes = world.outcomes(of: "web")
    let isRight = outcomes == ["Superseded"] || outcomes == ["Recovered"]
    return world.expect(version: 3, outcomes: outcomes) + (isRight ? [] : ["the events are \(outcomes)"])
  }

  /// A person pauses the Deployment within milliseconds of a write of the journal: nothing is undone from then on.
  static let pausedInBetween = Scenario("paused between two writes", lasting: .seconds(300)) { world in
    world.failAndInterrupt { $0.byHand { person throws(Refusal) in try person.pause(World.namespace, "web") } }
  } check: { world in
    let outcomes = world.outcomes(of: "web")
    let ends = world.version(of: "web") == 1 ? ["Recovered", "NotRecovered"] : ["Held", "Superseded"]
    return outcomes.count == 1 && ends.contains(outcomes[0]) ? [] : ["the events are \(outcomes)"]
  }

  /// The policy is deleted within milliseconds of a write of the journal: what was not planned before is not done.
  static let deletedInBetween = Scenario(
    "the policy is deleted between two writes", lasting: .seconds(300)
  ) { world in
    world.failAndInterrupt {
      $0.byHand { person throws(Refusal) in try person.delete(World.policies, World.namespace, "web") }
    }
  } check: { world in
    let changes = world.server.changes
    let gone = changes.first { $0.resource == World.policies && $0.verb == .deleted }
    let plan = changes.first { $0.resource == Undo.events && $0.new.at("/status/steps/0/state")?.string == "Running" }
    guard let gone else { return ["no policy was deleted"] }
    guard let plan, plan.resourceVersion < gone.resourceVersion else {
      return world.expect(version: 2, outcomes: ["Superseded"])
    }
    let outcomes = world.outcomes(of: "web")
    let end = world.version(of: "web") == 1 ? ["Recovered"] : ["Superseded"]
    return outcomes == end ? [] : ["the events are \(outcomes)"]
  }

  /// The revision to go back to is deleted within milliseconds of a write of the journal: the one before serves, unless
  /// the undo was on its way.
  static let targetGoneInBetween = Scenario("the target is deleted between two writes", lasting: .seconds(400)) {
    world in
    world.rollOut(SimulatedWorkload(version: 0))
    world.at(.seconds(10)) { $0.failAndInterrupt { world in world.deleteReplicaSet(ofVersion: 1) } }
  } check: {
    $0.expect(oneOf: [(0, ["Recovered"]), (1, ["Recovered"])])
  }

  static let interruptions: [Scenario] = [
    stoppedLeader, stoppedFollower, personIsFast, pausedInBetween, deletedInBetween, targetGoneInBetween,
  ]

  /// - Parameter victim: who is stopped when this user has written an event.
  private static func stopped(
    _ name: String, electALeader: Bool, victim: @escaping @Sendable (World, String) -> SimulatedProcess?
  ) -> Scenario {
    var scenario = Scenario(name, lasting: .seconds(300)) { world in
      world.deployBadRelease()
      let engine = world.engine
      let pause = engine.random(.scenario, in: Duration.seconds(1) ... .seconds(60))
      world.onWrite(Int(engine.bits(.scenario) % 4)) { world, user in
        guard let process = victim(world, user) else { return }
        process.suspend()
        engine.schedule(after: pause) { process.resume() }
      }
    } check: {
      // Who was stopped between its last reading and the first entry of its journal finds out afterwards.
      $0.expect(oneOf: [(1, ["Recovered"]), (1, ["Recovered", "Superseded"])])
    }
    scenario.operators = (2, electALeader)
    return scenario
  }
}

extension World {
  /// A bad release, and what a person does within milliseconds of one of the first writes of its journal.
  fileprivate func failAndInterrupt(_ action: @escaping @Sendable (World) -> Void) {
    deployBadRelease()
    let delay = engine.random(.scenario, in: Duration.zero ... .milliseconds(40))
    onWrite(Int(engine.bits(.scenario) % 2)) { world, _ in
      world.engine.schedule(after: delay) { action(world) }
    }
  }

  /// Does something at the moment of the operators' write of this number, from 0, to the events.
  ///
  /// - Parameter action: gets who wrote.
  func onWrite(_ number: Int, _ action: @escaping @Sendable (World, String) -> Void) {
    let writes = Mutex(0)
    server.observe { [weak self] change in
      guard let self, change.resource == Undo.events, ClusterView.isOperator(change.user) else { return }
      let write = writes.withLock { writes in
        writes += 1
        return writes - 1
      }
      if write == number { action(self, change.user) }
    }
  }
}
