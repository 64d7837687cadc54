public import KubernetesClient

/// One place after the other, every fault that can strike there: not a sample, all of them.
///
/// Each disturbed run is compared with the undisturbed one of the same seed: it must lead to the same end, with as many
/// changes of users' objects.
public struct Sweep: Sendable {
  /// One disturbed run.
  public struct Case: Sendable {
    public var scenario: Scenario
    public var seed: UInt64
    /// The place and the fault, in words.
    public var what: String
    var faults: ScriptedFaults
    var baseline: SimulationRun.Report
  }

  public let definitions: [JSONValue]

  public init(definitions: [JSONValue]) {
    self.definitions = definitions
  }

  /// Every place of a scenario. The undisturbed run must itself be right.
  public func cases(_ scenario: Scenario, seed: UInt64) -> (baseline: SimulationRun.Report, cases: [Case]) {
    let baseline = SimulationRun(scenario, seed: seed, definitions: definitions).run { _ in NoFaults() }
    var cases: [Case] = []
    func add(_ what: String, _ faults: ScriptedFaults) {
      cases.append(Case(scenario: scenario, seed: seed, what: what, faults: faults, baseline: baseline))
    }
    for write in 0..<baseline.writePoints {
      for fault in [Fault.crashBefore, .crashAfter, .answerLost, .requestLost, .refused] {
        add("\(fault) at write \(write)", ScriptedFaults(ofWrites: [write: fault]))
      }
    }
    for request in 0..<baseline.requests {
      for changes in [1, 2, 4, 8, 16, 32] {
        add(
          "request \(request) served \(changes) changes late",
          ScriptedFaults(ofRequests: [request: .stale(changes: changes)]))
      }
    }
    return (baseline, cases)
  }

  /// Runs a case.
  ///
  /// - Returns: what is wrong; empty when it is as if nothing had happened.
  public func run(_ disturbed: Case) -> [String] {
    let report = SimulationRun(disturbed.scenario, seed: disturbed.seed, definitions: definitions)
      .run { _ in disturbed.faults }
    var wrong = report.violations.map(\.description)
    if report.endState != disturbed.baseline.endState {
      let missing = disturbed.baseline.endState.filter { !report.endState.contains($0) }
      let added = report.endState.filter { !disturbed.baseline.endState.contains($0) }
      wrong.append("another end: \(missing) has become \(added)")
    }
    for (object, count) in disturbed.baseline.writes.sorted(by: { $0.key < $1.key })
    where object.hasPrefix("deployments/") || object.hasPrefix("replicasets/") {
      let now = report.writes[object] ?? 0
      if now != count { wrong.append("\(object) was written \(now) times and not \(count)") }
    }
    return wrong
  }
}
