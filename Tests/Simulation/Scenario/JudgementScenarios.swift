import KubernetesClient
import SimulatedCluster

/// When a release is judged, on what, and what it is returned to.
extension Scenario {
  /// A release that runs well at first fails within its trial: it is undone.
  static let lateInTrial = Scenario("a release fails late in its trial", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "trial": ["window": "30m"]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop", failAfter: "1m")) }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"])
  }

  /// What fails long after its trial is not the release's fault.
  static let longAfterTrial = Scenario("a release fails long after its trial", lasting: .seconds(700)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "trial": ["window": "1m"]])
    world.at(.seconds(100)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop", failAfter: "400s")) }
  } check: {
    $0.expect(version: 2, outcomes: [])
  }

  /// While nobody can say how the pods are, nothing is undone and nothing is proven good (R5).
  static let podsUnknown = Scenario("the pods cannot be read", lasting: .seconds(400)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.setsRights = true
    world.policy(["target": ["name": "web"], "trial": ["window": "1m"]])
    world.at(.seconds(20)) { world in
      world.server.setAuthorizer { user, _, resource, _, _, _ in
        resource != .pods || !ClusterView.isOperator(user)
      }
    }
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2)) }
    world.at(.seconds(390)) { world in
      if let verdict = world.verdict(ofVersion: 2) {
        world.violate("R5 unknown never clears", "version 2 was found \(verdict) by who could not read its pods")
      }
      world.server.setAuthorizer(nil)
    }
  } check: { world in
    let verdict = world.verdict(ofVersion: 2)
    return (verdict == "Good" ? [] : ["the verdict on version 2 is \(verdict ?? "none")"])
      + world.expect(version: 2, outcomes: [])
  }

  /// Pods that start are not ready at first: a breach counts when it has held as long as the policy says.
  static let shortBreach = Scenario("a breach that does not last", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    let unready: JSONValue = ["name": "unready", "for": "10m", "pods": ["unready": ["above": 0]]]
    world.policy(["target": ["name": "web"], "trial": ["window": "30m"], "triggers": [unready]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2)) }
  } check: {
    $0.expect(version: 2, outcomes: [])
  }

  /// Two bad releases in a row: the target is what was proven good, not what came just before.
  static let twoInARow = Scenario("two bad releases in a row", lasting: .seconds(500)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "trial": ["window": "1m"]])
    world.at(.seconds(300)) { world in
      let isProven = world.verdict(ofVersion: 1) == "Good"
      world.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop"))
      guard isProven else { return }
      world.server.observe { [weak world] change in
        guard let world, change.resource == .deployments, ClusterView.isOperator(change.user) else { return }
        guard world.version(of: "web") == 2 else { return }
        world.violate("R3 the newest good revision is the target", "version 1 was proven good, 2 was returned to")
      }
    }
    world.at(.seconds(300) + world.engine.random(.scenario, in: .milliseconds(200) ... .seconds(20))) {
      $0.rollOut(SimulatedWorkload(version: 3, behaviour: "ImagePull"))
    }
  } check: { world in
    world.expectEnds(version: 1, ["Recovered", "Superseded"])
  }

  /// Neither the release nor the one before it is any good: each is left once at most, and that is said.
  static let bothBroken = Scenario("the one before is broken, too", lasting: .seconds(600)) { world in
    world.rollOut(SimulatedWorkload(version: 1, behaviour: "CrashLoop"))
    world.policy(["target": ["name": "web"], "verification": ["timeout": "1m"]])
    world.at(.seconds(100)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
  } check: { world in
    let events = world.outcomes(of: "web").count
    return world.expectEnds(version: 1, ["NotRecovered", "Superseded"])
      + (events <= 3 ? [] : ["there are \(events) events"])
  }

  /// A known bad template is held; the next bad release is undone nevertheless (R8).
  static let afterHeld = Scenario("another bad release after a held one", lasting: .seconds(700)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"]])
    let bad = SimulatedWorkload(version: 2, behaviour: "CrashLoop")
    world.at(.seconds(30)) { $0.rollOut(bad) }
    world.at(.seconds(300)) { $0.rollOut(bad) }
    world.at(.seconds(400)) { $0.rollOut(SimulatedWorkload(version: 3, behaviour: "ImagePull")) }
  } check: {
    $0.expectEnds(version: 1, ["Recovered", "Superseded"])
  }

  /// `kubectl rollout undo` copies a verdict to the Deployment, and Kubernetes on to the next ReplicaSet: there it
  /// means nothing.
  static let copiedVerdict = Scenario("a verdict copied by kubectl", lasting: .seconds(400)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "trial": ["window": "1m"]])
    world.at(.seconds(180)) { $0.rollOut(SimulatedWorkload(version: 2)) }
    world.at(.seconds(190)) { world in
      do throws(Refusal) {
        try world.person.undo(World.namespace, "web")
      } catch {
        world.violate("the scenario itself", "\(error.status)")
      }
    }
    world.at(.seconds(195)) { $0.rollOut(SimulatedWorkload(version: 3, behaviour: "CrashLoop")) }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"])
  }

  /// The bad release brings labels, annotations and variables of its own: none of them stays.
  static let addedFields = Scenario("a bad release that adds fields", lasting: .seconds(300)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(30)) { world in
      var object = SimulatedWorkload(version: 2, behaviour: "CrashLoop").object
      object.set("/spec/template/metadata/labels/canary", to: "yes")
      object.set(
        "/spec/template/spec/containers",
        to: [["name": "web", "image": "web:2", "env": [["name": "CANARY", "value": "yes"]]]])
      do throws(Refusal) {
        try world.person.apply(object, to: .deployments)
      } catch {
        world.violate("the scenario itself", "\(error.status)")
      }
    }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"])
  }

  /// A person asks for the revision that runs already: refused, and nothing is held against it.
  static let alreadyThere = Scenario("what runs already is asked for", lasting: .seconds(100)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.at(.seconds(15)) { $0.rollOut(SimulatedWorkload(version: 2)) }
    world.at(.seconds(30)) { world in
      let event: JSONValue = [
        "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackEvent",
        "metadata": ["name": "by-hand", "namespace": .string(World.namespace)],
        "spec": [
          "origin": "Manual", "target": ["kind": "Deployment", "name": "web"], "reason": "customers complain",
          "requestedBy": "alice", "to": ["revision": 2],
        ],
      ]
      do throws(Refusal) {
        try world.person.apply(event, to: Undo.events)
      } catch {
        world.violate("the scenario itself", "\(error.status)")
      }
    }
  } check: { world in
    let verdict = world.verdict(ofVersion: 2)
    return (verdict == nil ? [] : ["the verdict on version 2 is \(verdict ?? "")"])
      + world.expect(version: 2, outcomes: ["Failed"])
  }

  static let judgements: [Scenario] = [
    lateInTrial, longAfterTrial, podsUnknown, shortBreach, twoInARow, bothBroken, afterHeld, copiedVerdict, addedFields,
    alreadyThere,
  ]
}

extension World {
  /// What is wrong when `web` does not run this version, or an event ended in another way than these.
  fileprivate func expectEnds(version: Int, _ outcomes: Set<String>) -> [String] {
    let now = self.outcomes(of: "web")
    return expect(version: version, outcomes: now) + now.filter { !outcomes.contains($0) }.map { "an event is \($0)" }
  }
}
