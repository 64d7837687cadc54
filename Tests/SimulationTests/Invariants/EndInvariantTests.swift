import KubernetesClient
import SimulatedCluster
import Testing

@testable import Simulation

@Suite("Each rule about the end of a run can fail")
struct EndInvariantTests {
  /// A simulated cluster in which five quiet minutes have passed, and in which nobody answers.
  private func world() throws -> World {
    let world = World(engine: SimulationEngine(seed: 1), definitions: try World.definitions())
    world.engine.schedule(after: ComesToRest.quiet) {}
    world.engine.run(for: ComesToRest.quiet)
    return world
  }

  @Test("At rest and with nothing to do, none is broken", arguments: [any EndInvariant].all.map(\.name))
  func right(name: String) throws {
    let invariant = try #require([any EndInvariant].all.first { $0.name == name })
    #expect(invariant.check(try world()) == [])
  }

  @Test("R8: an event that nobody ends")
  func open() throws {
    let world = try world()
    world.askForRollback(to: 1, policy: nil)
    #expect(ComesToRest().check(world) == ["these events are still open: by-hand"])
  }

  @Test("R8: an operator that goes on writing")
  func restless() throws {
    let world = try world()
    world.rollOut(SimulatedWorkload(version: 1))
    try world.server.patch(
      .deployments, World.namespace, "web", .merge(["metadata": ["annotations": ["kubernetes.io/change-cause": "a"]]]),
      user: InvariantStage.operatorUser)
    #expect(ComesToRest().check(world) == ["the last write was 0.0 seconds ago"])
  }

  @Test("R8: two operators that correct each other's status for ever")
  func statusesForEver() throws {
    let world = try world()
    world.policy(["target": ["name": "web"]])
    for number in 0...ComesToRest.mostPolicyWrites {
      try world.server.patch(
        World.policies, World.namespace, "web", .merge(["status": ["observedGeneration": JSONValue(number)]]),
        subresource: "status", user: InvariantStage.operatorUser)
    }
    #expect(ComesToRest().check(world) == ["statuses of policies were written 101 times within 300.0 seconds"])
  }

  @Test("R8: a policy that nobody looks at")
  func forgotten() throws {
    let world = try world()
    world.policy(["target": ["name": "web"]])
    #expect(PoliciesAreKeptUp().check(world) == ["the status of policy web is not about its newest spec"])
  }

  @Test("R10: a process that an error ended; the other ends are right")
  func failed() {
    let exits: [SimulatedProcess.Exit] = [.killed, .finished, .lostLease, .failed("it cannot be decoded")]
    #expect(NothingEndsTheProcess().check(exits) == ["ended: it cannot be decoded"])
  }
}
