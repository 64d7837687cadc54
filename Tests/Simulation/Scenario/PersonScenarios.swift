import KubernetesClient
import SimulatedCluster

/// A person does something of their own while a release fails.
extension Scenario {
  /// A person repairs the release at a moment that the seed chooses.
  public static let personRepairs = Scenario("a person repairs meanwhile", lasting: .seconds(300)) { world in
    world.deployBadRelease()
    let moment = world.engine.random(.scenario, in: Duration.seconds(30) ... .seconds(70))
    world.at(moment) { $0.rollOut(SimulatedWorkload(version: 3)) }
  } check: { world in
    let events = world.outcomes(of: "web")
    guard world.version(of: "web") == 3 else { return world.expect(version: 3, outcomes: events) }
    let isRight = events.isEmpty || events == ["Superseded"] || events == ["Recovered"]
    return isRight ? [] : ["the events are \(events)"]
  }

  /// The Deployment is paused at some moment and resumed later: nothing is undone in between.
  static let pausesForAWhile = Scenario("paused for a while", lasting: .seconds(300)) { world in
    world.deployBadRelease()
    world.at(world.moment(30...65)) { world in
      world.byHand { person throws(Refusal) in try person.pause(World.namespace, "web") }
    }
    world.at(world.moment(90...220)) { world in
      world.byHand { person throws(Refusal) in try person.resume(World.namespace, "web") }
    }
  } check: {
    // A pause that came between plan and write has superseded the plan (R6).
    $0.expect(oneOf: [(1, ["Recovered"]), (2, ["Superseded"])])
  }

  /// The Deployment is paused and stays so.
  static let pauses = Scenario("paused for good", lasting: .seconds(200)) { world in
    world.deployBadRelease()
    world.at(world.moment(32...60)) { world in
      world.byHand { person throws(Refusal) in try person.pause(World.namespace, "web") }
    }
  } check: { world in
    let paused = world.firstChange(.deployments) { $0.new.at("/spec/paused")?.bool == true }
    guard let paused else { return ["nothing was paused"] }
    if world.isUndone(before: paused) {
      return world.expect(oneOf: [(1, ["Recovered"]), (1, ["NotRecovered"])])
    }
    return world.expect(oneOf: [(2, ["Held"]), (2, ["Superseded"])]) + world.expect(undosAtMost: 0)
  }

  static let people: [Scenario] = [personRepairs, pausesForAWhile, pauses]
}
