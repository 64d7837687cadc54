import KubernetesClient
import SimulatedCluster

/// Sources that are broken themselves: nothing that they do not say is acted on (R5).
extension Scenario {
  /// The source is down for a whole trial, in one of all the ways in which it can be: nothing is undone, and nothing is
  /// proven good.
  static let sourceIsDown = Scenario("a source is down for the whole trial", lasting: .seconds(500)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.protect([MeasuredTrigger.errorRate(MeasuredTrigger.revision)], window: "1m")
    world.failMonitors(from: 50, to: 450)
    let isBad = world.engine.chance(.scenario, 0.5)
    var next = SimulatedWorkload(version: 2)
    // What fails only in the second half of the trial is over when the source comes back.
    next.signals = isBad ? ["error-rate": "0.3"] : [:]
    world.at(.seconds(60)) { [next] in $0.rollOut(next) }
    world.at(.seconds(449)) { world in
      for violation in world.expect(undosAtMost: 0) { world.violate("R5 unknown never acts", violation) }
      if let verdict = world.verdict(ofVersion: 2) {
        world.violate("R5 unknown never clears", "version 2 was found \(verdict) while nobody could measure it")
      }
    }
  } check: { world in
    // What the source had written down meanwhile counts when it can be read again. A source whose clock was so wrong
    // that it said nothing of the release is believed that there was nothing; what then is seen began after the trial.
    let isBad = world.showsErrors("web")
    let isProven = world.verdict(ofVersion: 2) == "Good" || isBad && world.verdict(ofVersion: 2) == nil
    return world.expect(oneOf: [(1, ["Recovered"]), (2, [])])
      + (world.version(of: "web") != 2 || isProven ? [] : world.expect(verdict: "Good", ofVersion: 2))
  }

  /// A bad release begins while the source is down: it is undone when it can be measured.
  static let sourceComesBack = Scenario("a source comes back", lasting: .seconds(500)) { world in
    world.protect([MeasuredTrigger.errorRate()])
    world.deployMeasured()
    world.failMonitors(from: 30, to: 230)
    world.at(.seconds(229)) { world in
      for violation in world.expect(undosAtMost: 0) { world.violate("R5 unknown never acts", violation) }
    }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"])
  }

  /// The source stops while a breach waits for its time. That nothing is known is no break, and no proof either.
  static let sourceStopsWithin = Scenario("a source stops within a breach", lasting: .seconds(600)) { world in
    world.protect([MeasuredTrigger.errorRate(for: "90s")])
    world.deployMeasured()
    let start = world.engine.random(.scenario, in: 80.0...130)
    world.failMonitors(from: start, to: start + world.engine.random(.scenario, in: 20.0...200))
  } check: {
    // Who is told lies after the undo cannot know that it helped.
    $0.metrics.hasLied(from: 190, to: 600)
      ? $0.expect(oneOf: [(1, ["Recovered"]), (1, ["NotRecovered"])]) : $0.expect(version: 1, outcomes: ["Recovered"])
  }

  /// A source that says the same for ever, with the time at which it stopped: what it says is not about now.
  static let stuckSource = Scenario("a source is stuck in a bad moment", lasting: .seconds(600)) { world in
    let promQL = #"workload:http_errors:ratio_rate10s{namespace="{{namespace}}",deployment="{{target}}"}"#
    world.protect([MeasuredTrigger.errorRate(promQL, for: "60s")])
    world.deployMeasured([:])
    world.at(.seconds(120)) { $0.annotatePods("error-rate", "0.3") }
    // Every answer is about the moment 140, when little had been wrong for long enough.
    for second in stride(from: 140, to: 320, by: 1) {
      world.at(.seconds(second)) { $0.metrics.outageOfMonitors = .stale(.seconds(second - 140)) }
    }
    world.at(.seconds(150)) { $0.annotatePods("error-rate", nil) }
    world.at(.seconds(320)) { $0.metrics.outageOfMonitors = nil }
  } check: {
    $0.expect(version: 2, outcomes: []) + $0.expect(undosAtMost: 0)
  }

  /// A policy may say that silence is a breach: then it is one.
  static let silenceIsABreach = Scenario("no data is a breach if the policy says so", lasting: .seconds(400)) { world in
    var trigger = MeasuredTrigger.errorRate(MeasuredTrigger.revision, for: "30s")
    trigger["noData"] = "Breach"
    world.rollOut(SimulatedWorkload(version: 1))
    world.at(.seconds(40)) { [trigger] in $0.protect([trigger]) }
    // A pod that is never read serves nothing to who asks for its series.
    var silent = SimulatedWorkload(version: 2)
    silent.signals = ["requests-per-second": "0"]
    world.at(.seconds(60)) { [silent] in $0.rollOut(silent) }
  } check: {
    // What is lost on the way from the source is such a breach as well, of whichever revision runs.
    let others = ["NotCausedByRollout", "NotRecovered"].flatMap { [(1, [$0, "Recovered"]), (2, [$0])] }
    return $0.expect(oneOf: [(1, ["Recovered"])] + ($0.metrics.hasLied() ? others : []))
  }

  /// Of two triggers one can never be read: what the other has proven does not wait for it.
  static let besideABrokenSource = Scenario("a breach beside a source that nobody has", lasting: .seconds(400)) {
    world in
    let lost = MeasuredTrigger.named(
      "lost", "query", ["source": "nowhere", "promql": .string(MeasuredTrigger.workload), "above": "5%"])
    world.protect([lost, MeasuredTrigger.errorRate()])
    world.deployMeasured()
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expect(verdict: nil, ofVersion: 1)
  }

  static let sources: [Scenario] = [
    sourceIsDown, sourceComesBack, sourceStopsWithin, stuckSource, silenceIsABreach, besideABrokenSource,
  ]
}

extension World {
  /// All monitors fail in one way, which the seed chooses, for a while.
  func failMonitors(from start: Double, to end: Double) {
    let point = OutboundPoint(process: "", number: 0, kind: .prometheus, address: "")
    // What is late by less than the request waits for is no failure, and what is old is told by its time.
    let faults = point.faults.filter { fault in
      if case .late(let time) = fault { return time > .seconds(10) }
      return true
    }
    let fault = faults[engine.index(.scenario, below: faults.count)]
    at(.seconds(start)) { $0.metrics.outageOfMonitors = fault }
    at(.seconds(end)) { $0.metrics.outageOfMonitors = nil }
  }
}
