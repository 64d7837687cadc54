import KubernetesClient
import SimulatedCluster

/// Policies that change, go, or are not alone, while a release fails.
extension Scenario {
  /// Without its policy nothing is begun; what was written before is led to its end.
  static let policyDeleted = Scenario("the policy is deleted", lasting: .seconds(300)) {
    world in
    world.deployBadRelease()
    world.at(world.moment(32...70)) { world in
      world.byHand { person throws(Refusal) in try person.delete(World.policies, World.namespace, "web") }
    }
  } check: { world in
    let gone = world.firstChange(World.policies) { $0.verb == .deleted }
    guard let gone else { return ["nothing was deleted"] }
    guard let undo = world.undos(of: "web").first else {
      return world.expect(oneOf: [(2, []), (2, ["Superseded"])])
    }
    // A write that was on its way may arrive afterwards; then its plan is older.
    let isLate = undo.resourceVersion > gone.resourceVersion && !world.isPlanned(before: gone)
    return (isLate ? ["the undo was planned after the policy was deleted"] : [])
      + world.expect(version: 1, outcomes: ["Recovered"])
  }

  /// Suspended while the release fails, and resumed: then it is undone.
  static let policyResumed = Scenario("a suspended policy is resumed", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "suspend": true])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
    world.at(world.moment(35...150)) { $0.policy(["target": ["name": "web"]]) }
  } check: { world in
    let resumed = world.server.changes.last { $0.resource == World.policies && $0.user == world.person.user }
    let isEarly = resumed.map { world.isPlanned(before: $0) } ?? true
    return (isEarly ? ["something was planned while the policy was suspended"] : [])
      + world.expect(version: 1, outcomes: ["Recovered"])
  }

  /// `mode: Observe` for a while.
  static let modeFlips = Scenario("mode: Observe for a while", lasting: .seconds(300)) {
    world in
    world.deployBadRelease()
    world.at(world.moment(32...65)) { $0.policy(["target": ["name": "web"], "mode": "Observe"]) }
    world.at(world.moment(80...200)) { $0.policy(["target": ["name": "web"], "mode": "Auto"]) }
  } check: {
    // What was planned and not yet written when the mode changed has been superseded (R6).
    $0.expect(oneOf: [
      (1, ["Recovered"]), (1, ["Observed", "Recovered"]), (2, ["Superseded"]), (2, ["Observed", "Superseded"]),
    ])
      + $0.expect(undosAtMost: 1)
  }

  /// Two policies protect one workload: it is undone once.
  static let twoPolicies = Scenario("two policies for one workload", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"]])
    world.policy(["target": ["selector": ["matchLabels": ["tier": "all"]]]], name: "all")
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
  } check: {
    $0.expect(oneOf: [
      (1, ["Recovered"]), (1, ["Recovered", "Recovered"]), (1, ["Recovered", "Superseded"]),
    ]) + $0.expect(undosAtMost: 1)
  }

  static let policies: [Scenario] = [policyDeleted, policyResumed, modeFlips, twoPolicies]
}
