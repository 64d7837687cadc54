import KubernetesClient
import SimulatedCluster

/// Rollbacks that a person asks for.
extension Scenario {
  /// Back to a revision that is named, with a policy or without one.
  static func manual(hasPolicy: Bool) -> Scenario {
    Scenario("asked for by hand, \(hasPolicy ? "with" : "without") a policy", lasting: .seconds(200)) { world in
      world.rollOut(SimulatedWorkload(version: 1))
      if hasPolicy { world.policy(["target": ["name": "web"]]) }
      world.at(.seconds(15)) { $0.rollOut(SimulatedWorkload(version: 2)) }
      world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 3)) }
      world.at(world.moment(45...90)) { $0.askForRollback(to: 1, policy: hasPolicy ? "web" : nil) }
    } check: {
      $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expect(undosAtMost: 1)
    }
  }

  /// A person asks for what the operator is about to do, or has done.
  static let manualBesideAutomatic = Scenario("asked for by hand meanwhile", lasting: .seconds(300)) { world in
    world.deployBadRelease()
    world.at(world.moment(30...70)) { $0.askForRollback(to: 1, policy: nil) }
  } check: { world in
    let outcomes = world.outcomes(of: "web")
    guard world.version(of: "web") == 1 else { return world.expect(version: 1, outcomes: outcomes) }
    let isRight =
      outcomes.contains("Recovered")
      && outcomes.allSatisfy { ["Recovered", "Superseded", "Failed"].contains($0) }
    return (isRight ? [] : ["the events are \(outcomes)"]) + world.expect(undosAtMost: 1)
  }

  static let manual: [Scenario] = [manual(hasPolicy: true), manual(hasPolicy: false), manualBesideAutomatic]
}

extension World {
  /// A RollbackEvent as a person makes it.
  func askForRollback(to revision: Int, policy: String?) {
    var spec: JSONValue = [
      "origin": "Manual", "target": ["kind": "Deployment", "name": "web"], "reason": "customers complain",
      "requestedBy": "alice", "to": ["revision": JSONValue(revision)],
    ]
    if let policy { spec["policy"] = ["name": .string(policy)] }
    let event: JSONValue = [
      "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackEvent",
      "metadata": ["name": "by-hand", "namespace": .string(Self.namespace)], "spec": spec,
    ]
    byHand { person throws(Refusal) in try person.apply(event, to: Undo.events) }
  }
}
