import KubernetesClient

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
    // Who was stopped between its last reading and the first entry of its journal finds out afterwards.
    $0.expect(oneOf: [(2, ["Recovered", "Recovered"]), (2, ["Recovered", "Recovered", "Superseded"])])
  }

  /// The bad template is deployed again by a person: said, not fought.
  public static let knownBad = Scenario("a known bad template again", lasting: .seconds(900)) { world in
    world.deployBadRelease()
    world.at(.seconds(500)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
  } check: {
    // Where nothing could be done for so long, there is nothing that was rolled back yet.
    $0.undos(of: "web").isEmpty
      ? ["nothing was undone"]
      : $0.version(of: "web") == 1 ? $0.expect(version: 1, outcomes: ["Recovered"]) : $0.expectKnownBad(version: 2)
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

  /// Releases that nobody interferes with.
  static let releases: [Scenario] = [
    badRelease("CrashLoop"), badRelease("ImagePull"), badRelease("OOMKilled"),
    badRelease("Unready", progressDeadline: 60), lastGood, knownBad, observe, selector,
  ]
}
