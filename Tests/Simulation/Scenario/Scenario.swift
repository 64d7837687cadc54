import KubernetesClient

/// What happens in a simulated cluster, and what it must lead to.
public struct Scenario: Sendable {
  public var name: String
  /// How long things happen; then everything must come to its end.
  public var duration: Duration
  /// Lays down what happens when.
  public var play: @Sendable (World) -> Void
  /// What is wrong in the end; empty when all is well.
  public var check: @Sendable (World) -> [String]

  public init(
    _ name: String, lasting duration: Duration, play: @escaping @Sendable (World) -> Void,
    check: @escaping @Sendable (World) -> [String]
  ) {
    self.name = name
    self.duration = duration
    self.play = play
    self.check = check
  }
}

extension World {
  /// What is wrong when a Deployment does not run this version or its events did not end like this.
  func expect(_ name: String = "web", version: Int, outcomes: [String]) -> [String] {
    var wrong: [String] = []
    if self.version(of: name) != version {
      wrong.append("\(name) runs version \(self.version(of: name).map { "\($0)" } ?? "none") and not \(version)")
    }
    let now = self.outcomes(of: name)
    if now != outcomes.sorted() { wrong.append("the events of \(name) are \(now) and not \(outcomes.sorted())") }
    return wrong
  }
}

extension Scenario {
  /// A good release, then a bad one of a kind: it is undone.
  public static func badRelease(_ behaviour: String, progressDeadline: Int = 600) -> Scenario {
    Scenario("bad release: \(behaviour)", lasting: .seconds(300)) { world in
      world.rollOut(SimulatedWorkload(version: 1, progressDeadlineSeconds: progressDeadline))
      world.at(.seconds(5)) { $0.policy(["target": ["name": "web"]]) }
      world.at(.seconds(30)) {
        $0.rollOut(
          SimulatedWorkload(version: 2, behaviour: behaviour, progressDeadlineSeconds: progressDeadline))
      }
    } check: {
      $0.expect(version: 1, outcomes: ["Recovered"])
    }
  }

  /// Revisions 1 and 2 are good, 3 is bad: back to 2, never to 1.
  public static let lastGood = Scenario("back to the last good one", lasting: .seconds(2_000)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "trial": ["window": "2m"]])
    world.at(.seconds(200)) { $0.rollOut(SimulatedWorkload(version: 2)) }
    world.at(.seconds(600)) { $0.rollOut(SimulatedWorkload(version: 3, behaviour: "CrashLoop")) }
    world.at(.seconds(1_200)) { $0.rollOut(SimulatedWorkload(version: 4, behaviour: "ImagePull")) }
  } check: {
    $0.expect(version: 2, outcomes: ["Recovered", "Recovered"])
  }

  /// The bad template is deployed again by a person: said, not fought.
  public static let knownBad = Scenario("a known bad template again", lasting: .seconds(900)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
    world.at(.seconds(500)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
  } check: {
    $0.expect(version: 2, outcomes: ["Held", "Recovered"])
  }

  /// A person repairs the release at a moment that the seed chooses.
  public static let personRepairs = Scenario("a person repairs meanwhile", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
    let moment = world.engine.random(.scenario, in: Duration.seconds(30) ... .seconds(70))
    world.at(moment) { $0.rollOut(SimulatedWorkload(version: 3)) }
  } check: { world in
    let events = world.outcomes(of: "web")
    guard world.version(of: "web") == 3 else { return world.expect(version: 3, outcomes: events) }
    let isRight = events.isEmpty || events == ["Superseded"] || events == ["Recovered"]
    return isRight ? [] : ["the events are \(events)"]
  }

  /// Nothing but our own kinds changes.
  public static let observe = Scenario("mode: Observe", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "mode": "Observe"])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
  } check: {
    $0.expect(version: 2, outcomes: ["Observed"])
  }

  /// Three workloads under one policy, one of them good.
  public static let selector = Scenario("three workloads under one policy", lasting: .seconds(400)) { world in
    for name in ["api", "web", "worker"] { world.rollOut(SimulatedWorkload(name, version: 1)) }
    world.policy(["target": ["selector": ["matchLabels": ["tier": "all"]]]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload("web", version: 2, behaviour: "CrashLoop")) }
    world.at(.seconds(31)) { $0.rollOut(SimulatedWorkload("api", version: 2)) }
    world.at(.seconds(32)) { $0.rollOut(SimulatedWorkload("worker", version: 2, behaviour: "OOMKilled")) }
  } check: {
    $0.expect("web", version: 1, outcomes: ["Recovered"]) + $0.expect("api", version: 2, outcomes: [])
      + $0.expect("worker", version: 1, outcomes: ["Recovered"])
  }

  /// Every scenario of the sweeps.
  public static let all: [Scenario] =
    [
      badRelease("CrashLoop"), badRelease("ImagePull"), badRelease("OOMKilled"),
      badRelease("Unready", progressDeadline: 60), lastGood, knownBad, personRepairs, observe, selector,
    ] + trials
}
