import KubernetesClient
import SimulatedCluster

/// Revisions that come and go while something is undone.
extension Scenario {
  /// Another bad revision is pushed before or after the first one was undone: in the end the good one runs.
  static let thirdRevision = Scenario("a third revision, bad as well", lasting: .seconds(300)) { world in
    world.deployBadRelease()
    world.at(world.moment(30...70)) { $0.rollOut(SimulatedWorkload(version: 3, behaviour: "ImagePull")) }
  } check: { world in
    let outcomes = world.outcomes(of: "web")
    guard world.version(of: "web") == 1 else { return world.expect(version: 1, outcomes: outcomes) }
    // Before version 2 was proven bad, it is the one to go back to from version 3.
    let isRight = outcomes.contains("Recovered") && outcomes.allSatisfy { ["Recovered", "Superseded"].contains($0) }
    return (isRight ? [] : ["the events are \(outcomes)"]) + world.expect(undosAtMost: 2)
  }

  /// From the bad template back by hand, and to it again: once undone it is not fought, else it is undone.
  static let flips = Scenario("from bad to good by hand, and back", lasting: .seconds(300)) { world in
    world.deployBadRelease()
    let back = world.moment(31...65)
    world.at(back) { $0.rollOut(SimulatedWorkload(version: 1)) }
    world.at(back + world.moment(0.05...30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
  } check: { world in
    let again = world.server.changes.last { $0.resource == .deployments && $0.user == world.person.user }
    guard let again, world.isUndone(before: again) else {
      var ends = [(1, ["Recovered"]), (1, ["Recovered", "Superseded"])]
      // Put back by hand while the undo was on its way: that was the undo, and the template is known from then on.
      if let again, world.isPlanned(before: again) {
        ends += [(2, ["Held", "Recovered"]), (2, ["Held", "Superseded"])]
      }
      return world.expect(oneOf: ends)
    }
    return world.expectKnownBad(version: 2)
  }

  /// The ReplicaSet to go back to is deleted by a person: the one before it serves.
  static let targetGone = Scenario("the revision to go back to is deleted", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.at(.seconds(15)) { $0.rollOut(SimulatedWorkload(version: 2)) }
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 3, behaviour: "CrashLoop")) }
    world.at(world.moment(31...60)) { $0.deleteReplicaSet(ofVersion: 2) }
  } check: { world in
    let gone = world.firstChange(.replicaSets) { $0.verb == .deleted && $0.user == world.person.user }
    guard let gone else { return ["nothing was deleted"] }
    if world.isUndone(before: gone) { return world.expect(version: 2, outcomes: ["Recovered"]) }
    // Between plan and write: the one before serves, unless the write was on its way.
    return world.expect(oneOf: [(1, ["Recovered"]), (2, ["Recovered"])])
  }

  /// Nothing is kept of earlier revisions: said, and nothing is done.
  static let noHistory = Scenario("revisionHistoryLimit: 0", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1, revisionHistoryLimit: 0))
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(20)) {
      $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop", failAfter: "30s", revisionHistoryLimit: 0))
    }
  } check: {
    $0.expect(version: 2, outcomes: ["NotRecovered"]) + $0.expect(undosAtMost: 0)
  }

  /// Nothing was ever proven good, and the policy wants nothing else.
  static let nothingGood = Scenario("lastGood.fallback: None", lasting: .seconds(200)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "lastGood": ["fallback": "None"]])
    world.at(.seconds(20)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "ImagePull")) }
  } check: {
    $0.expect(version: 2, outcomes: ["NotRecovered"]) + $0.expect(undosAtMost: 0)
  }

  /// The Deployment is deleted and made again under its name: the new one is another one.
  static let madeAgain = Scenario("deleted and made again", lasting: .seconds(300)) { world in
    world.deployBadRelease()
    let gone = world.moment(32...70)
    world.at(gone) { world in
      world.byHand { person throws(Refusal) in try person.delete(.deployments, World.namespace, "web") }
    }
    world.at(gone + world.moment(0.001...5)) { $0.rollOut(SimulatedWorkload(version: 3)) }
  } check: { world in
    let uid = world.server.object(.deployments, World.namespace, "web")?.at("/metadata/uid")?.string
    let touched = world.undos(of: "web").contains { $0.new.at("/metadata/uid")?.string == uid }
    return (touched ? ["the new Deployment was changed"] : [])
      + world.expect(oneOf: [(3, []), (3, ["Superseded"]), (3, ["Recovered"])])
  }

  static let revisions: [Scenario] = [thirdRevision, flips, targetGone, noHistory, nothingGood, madeAgain]
}

extension World {
  /// `kubectl delete replicaset` of the one with this version.
  func deleteReplicaSet(ofVersion version: Int) {
    let set = server.objects(.replicaSets, Self.namespace).first {
      $0.at("/spec/template/spec/containers/0/image")?.string == "web:\(version)"
    }
    guard let name = set?.at("/metadata/name")?.string else { return }
    byHand { person throws(Refusal) in try person.delete(.replicaSets, Self.namespace, name) }
  }
}
