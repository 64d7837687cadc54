import FoundationEssentials
import KubernetesClient
import SimulatedCluster

/// Releases whose pods run well, and of which only a metrics server knows what they do.
extension Scenario {
  /// The share of failed requests is the only sign: undone once, and what the bad pods did is no second story.
  public static let seenByMetrics = Scenario("a bad release that only metrics see", lasting: .seconds(400)) { world in
    world.protect([MeasuredTrigger.errorRate()])
    world.deployMeasured()
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expect(undosAtMost: 1)
  }

  /// Few failed requests are no breach, and a whole trial without one proves the release good.
  static let belowTheLimit = Scenario("an error rate below its limit", lasting: .seconds(400)) { world in
    world.protect([MeasuredTrigger.errorRate()], window: "2m")
    world.deployMeasured(["error-rate": "0.02"])
  } check: {
    $0.expect(version: 2, outcomes: []) + $0.expect(verdict: "Good", ofVersion: 2)
  }

  /// Something else fails before the rollout, and goes on: the release is not to blame.
  static let olderBreach = Scenario("an error rate from before the rollout", lasting: .seconds(500)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.protect([MeasuredTrigger.errorRate()], window: "2m")
    world.at(.seconds(250)) { $0.annotatePods("error-rate", "0.3") }
    var next = SimulatedWorkload(version: 2)
    next.signals = ["error-rate": "0.3"]
    world.at(.seconds(330)) { [next] in $0.rollOut(next) }
  } check: {
    // Whoever has not seen the first revision through its trial by then finds the breach in it, and whoever is told
    // that nothing is known of the time before the rollout does not find it there.
    $0.verdict(ofVersion: 1) == "Good" && !$0.metrics.hasLied(from: 240, to: 400)
      ? $0.expect(oneOf: [(2, ["NotCausedByRollout"])]) + $0.expect(undosAtMost: 0)
      : $0.expect(undosAtMost: $0.metrics.hasLied(from: 240, to: 400) ? 1 : 0)
  }

  /// Four bad samples, some good ones, four bad ones, with `for` longer than either: nothing has held for so long.
  static let brokenRun = Scenario("a breach with a break", lasting: .seconds(500)) { world in
    let promQL = #"workload:http_errors:ratio_rate10s{namespace="{{namespace}}",deployment="{{target}}"}"#
    world.protect([MeasuredTrigger.errorRate(promQL, for: "70s")], window: "10m")
    world.deployMeasured([:])
    for start in [120, 200] {
      world.at(.seconds(start)) { $0.annotatePods("error-rate", "0.3") }
      world.at(.seconds(start + 40)) { $0.annotatePods("error-rate", nil) }
    }
  } check: { world in
    // Who was told nothing of the good time in between has seen one long breach, with a hole in it.
    let sawBreak = world.processes.allSatisfy { process in
      world.wasToldGood(process.name, "workload:http_errors:ratio_rate10s", from: 165, to: 200)
    }
    return world.expect(oneOf: sawBreak ? [(2, [])] : [(2, []), (2, ["Superseded"]), (1, ["Recovered"])])
  }

  /// The window of the query is longer than the undo takes: what the bad pods did is in it for minutes, and the
  /// revision that came back is not undone for it.
  static let lingering = Scenario("samples of old pods after an undo", lasting: .seconds(900)) { world in
    world.rollOut(SimulatedWorkload(version: 0))
    let promQL = #"workload:http_errors:ratio_rate5m{namespace="{{namespace}}",deployment="{{target}}"}"#
    world.protect([MeasuredTrigger.errorRate(promQL)], window: "20m", verification: "20m")
    world.at(.seconds(60)) { $0.rollOut(SimulatedWorkload(version: 1)) }
    var bad = SimulatedWorkload(version: 2)
    bad.signals = ["error-rate": "0.6"]
    world.at(.seconds(120)) { [bad] in $0.rollOut(bad) }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expect(undosAtMost: 1)
  }

  /// Three times as many errors as before is too much, whatever the number.
  static let worseThanBefore = Scenario("an error rate above its baseline", lasting: .seconds(600)) { world in
    var first = SimulatedWorkload(version: 1)
    first.signals = ["error-rate": "0.01"]
    world.rollOut(first)
    world.protect(
      [
        MeasuredTrigger.errorRate(["baseline": ["window": "2m", "above": "3x"]])
      ], window: "3m")
    var next = SimulatedWorkload(version: 2)
    next.signals = ["error-rate": "0.1"]
    world.at(.seconds(250)) { [next] in $0.rollOut(next) }
  } check: {
    // Without a revision that was proven good there is nothing to compare with, and so no breach; nor with lies.
    $0.verdict(ofVersion: 1) == "Good" && !$0.metrics.hasLied(from: 250)
      ? $0.expect(version: 1, outcomes: ["Recovered"])
      : $0.expect(undosAtMost: 1)
  }

  /// A handful of requests prove nothing, neither good nor bad.
  static let tooFewRequests = Scenario("an error rate of too few requests", lasting: .seconds(400)) { world in
    let traffic = #"workload:http_requests:increase1m{namespace="{{namespace}}",deployment="{{target}}"}"#
    let enough: JSONValue = ["promql": .string(traffic), "atLeast": "50"]
    var quiet = SimulatedWorkload(version: 1)
    quiet.signals = ["requests-per-second": "0.1"]
    world.rollOut(quiet)
    world.protect([MeasuredTrigger.errorRate(["minSamples": enough])], window: "2m")
    var next = quiet
    next.version = 2
    next.signals["error-rate"] = "0.5"
    world.at(.seconds(60)) { [next] in $0.rollOut(next) }
  } check: {
    $0.expect(version: 2, outcomes: []) + $0.expect(verdict: nil, ofVersion: 2)
  }

  /// One number is needed and the query has one for each revision: refused, not the first or the last of them taken.
  static let severalSeries = Scenario("a query that returns several series", lasting: .seconds(400)) { world in
    let promQL = #"revision:http_errors:ratio_rate5m{namespace="{{namespace}}",deployment="{{target}}"}"#
    world.protect([MeasuredTrigger.errorRate(promQL)], window: "2m")
    world.deployMeasured()
    // Before the window has passed there are the series of both.
    world.at(.seconds(330)) { world in
      for violation in world.expect(undosAtMost: 0) { world.violate("R5 several series are no number", violation) }
      if let verdict = world.verdict(ofVersion: 2) {
        world.violate("R5 several series are no number", "version 2 was found \(verdict)")
      }
    }
  } check: {
    // When only one series is left it is a number again.
    $0.expect(oneOf: [(1, ["Recovered"]), (2, [])]) + $0.expect(undosAtMost: 1)
  }

  /// The leader is lost while a breach waits for its time: the next one goes on with what the source remembers.
  static let failover: Scenario = {
    var scenario = Scenario("the leader is lost within the time of a breach", lasting: .seconds(500)) { world in
      world.protect([MeasuredTrigger.errorRate(for: "2m")])
      world.deployMeasured()
      let moment = world.moment(80...190)
      let isKilled = world.engine.chance(.scenario, 0.5)
      world.at(moment) { world in
        if isKilled { world.leader?.kill() } else { world.leader?.terminate() }
      }
    } check: {
      $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expect(undosAtMost: 1)
    }
    scenario.operators = (2, true)
    return scenario
  }()

  static let metrics: [Scenario] = [
    seenByMetrics, belowTheLimit, olderBreach, brokenRun, lingering, worseThanBefore, tooFewRequests, severalSeries,
    failover,
  ]
}

extension MeasuredTrigger {
  /// The share of failed requests of a workload, with further members of the query.
  fileprivate static func errorRate(_ others: JSONObject) -> JSONValue { errorRate(workload, for: "30s", others) }
}

extension World {
  /// The process that holds the lease.
  var leader: SimulatedProcess? {
    let lease = server.object(.leases, "rollback-operator-system", "rollback-operator")
    let holder = lease?.at("/spec/holderIdentity")?.string ?? ""
    return processes.first { holder.hasPrefix("\($0.name)_") }
  }

  /// Whether a process was told a value below every limit within seconds of the simulation.
  fileprivate func wasToldGood(_ process: String, _ signal: String, from start: Double, to end: Double) -> Bool {
    metrics.evidence.readings(about: Evidence.Key(signal: signal, deployment: "web")).contains { reading in
      let seconds = reading.at.timeIntervalSince(SimulatedClock.epoch)
      guard reading.process == process, (start...end).contains(seconds), case .values(let all) = reading.said else {
        return false
      }
      return all.allSatisfy { $0 < 0.05 }
    }
  }
}
