public import KubernetesClient

/// One place after the other, every fault that can strike there: not a sample, all of them.
///
/// Each disturbed run is compared with the undisturbed one of the same seed: it must lead to the same end, with as many
/// changes of users' objects. What is swept:
///
/// * every write of the first process: the process dies before or after it, it is refused, lost, executed late or
///   executed without an answer;
/// * every list that a watch begins with, as it was at each older version at which it was another;
/// * every change that a watch tells and that a newer one of the same object follows, hidden (Sieve's unobserved
///   states);
/// * every write, after which the process starts again, or loses its watches, and meets an API server that is as far
///   behind as it was before each earlier write (Sieve's time travel);
/// * every question to a monitor: refused, answered late, with no number, with an old one or by a wrong clock;
/// * three processes without leader election, of which the first is stopped at each of its writes; in one scenario also
///   together with the second at each of its own.
public struct Sweep: Sendable {
  /// One disturbed run.
  public struct Case: Sendable {
    public var scenario: Scenario
    public var seed: UInt64
    /// The place and the fault, in words.
    public var what: String
    var plan: SweepFaults.Plan
    var operators: Int
    var baseline: SimulationRun.Report
  }

  /// An undisturbed run with all its places.
  public struct Places: Sendable {
    public var baseline: SimulationRun.Report
    public var cases: [Case] = []
  }

  /// Faults that can strike a write.
  static let faultsOfWrites: [Fault] = [
    .crashBefore, .crashAfter, .answerLost, .requestLost, .refused, .late(milliseconds: 60_000),
  ]
  /// Faults that can strike a question to a monitor, one of each kind.
  static let faultsOfQuestions: [MetricFault] = [
    .refused, .late(.seconds(8)), .answer(.notANumber), .stale(.seconds(60)), .clockAhead(.seconds(3_600)),
    .clockAhead(.seconds(-3_600)),
  ]
  /// In the end nothing is written for so long.
  static let quiet: Duration = .seconds(60)
  /// A stopped process goes on after this time: longer than the others need to take over.
  static let stop: Duration = .seconds(30)

  /// The processes of a run; the first is the one that is disturbed.
  static let names = ["operator-0", "operator-1", "operator-2"]

  public let definitions: [JSONValue]

  public init(definitions: [JSONValue]) {
    self.definitions = definitions
  }

  /// Every place of a scenario. The undisturbed run must itself be right.
  public func places(_ scenario: Scenario, seed: UInt64) -> Places {
    let (baseline, record) = recorded(scenario, seed, operators: 1)
    var places = Places(baseline: baseline)
    func add(_ what: String, _ plan: SweepFaults.Plan, operators: Int = 1) {
      places.cases.append(
        Case(scenario: scenario, seed: seed, what: what, plan: plan, operators: operators, baseline: baseline))
    }
    let first = record.process(Self.names[0])
    for write in first.versionsBeforeWrites.indices {
      for fault in Self.faultsOfWrites { add("\(fault) at write \(write)", .writes([Self.names[0]: (write, fault)])) }
    }
    for question in 0..<first.questions {
      for fault in Self.faultsOfQuestions {
        add("\(fault) at question \(question)", .question(number: question, fault: fault))
      }
    }
    for list in first.lists {
      for version in list.olderVersions {
        add("list \(list.request) as of \(version)", .oldList(request: list.request, version: version))
      }
    }
    for version in first.transientChanges { add("change \(version) hidden", .hidden(version: version)) }
    for write in first.versionsBeforeWrites.indices {
      for version in Set(first.versionsBeforeWrites[...write]).sorted() {
        add("restart at write \(write) as of \(version)", .past(write: write, isRestart: true, version: version))
        add("re-list at write \(write) as of \(version)", .past(write: write, isRestart: false, version: version))
      }
    }
    let together = recorded(scenario, seed, operators: Self.names.count).record
    let (leader, rival) = (together.process(Self.names[0]), together.process(Self.names[1]))
    let stop = Fault.stopped(Self.stop)
    add("three leaders", .writes([:]), operators: Self.names.count)
    for write in leader.versionsBeforeWrites.indices {
      let what = "three leaders, the first stopped at write \(write)"
      add(what, .writes([Self.names[0]: (write, stop)]), operators: Self.names.count)
      guard scenario.isSweptInPairs else { continue }
      for other in rival.versionsBeforeWrites.indices {
        add(
          "\(what), the second at write \(other)",
          .writes([Self.names[0]: (write, stop), Self.names[1]: (other, stop)]), operators: Self.names.count)
      }
    }
    return places
  }

  private func recorded(
    _ scenario: Scenario, _ seed: UInt64, operators: Int
  ) -> (report: SimulationRun.Report, record: SweepRecord) {
    let record = SweepRecord()
    return (run(of: scenario, seed).run(operators: operators) { record.follow($0) }, record)
  }

  private func run(of scenario: Scenario, _ seed: UInt64, lines: Int = 0) -> SimulationRun {
    var run = SimulationRun(scenario, seed: seed, definitions: definitions, traceLength: lines)
    run.quiet = Self.quiet
    return run
  }

  /// Runs a case.
  ///
  /// - Returns: what is wrong; empty when it is as if nothing had happened.
  public func run(_ disturbed: Case) -> [String] {
    Self.differences(report(on: disturbed), from: disturbed.baseline)
  }

  /// The last lines of the trace of a case.
  public func trace(of disturbed: Case, lines: Int) -> [String] { report(on: disturbed, lines: lines).trace }

  private func report(on disturbed: Case, lines: Int = 0) -> SimulationRun.Report {
    run(of: disturbed.scenario, disturbed.seed, lines: lines).run(operators: disturbed.operators) { world in
      SweepFaults(disturbed.plan, of: Self.names[0], engine: world.engine)
    }
  }

  /// Everything in which a disturbed run differs from the undisturbed one, with the rules that it broke.
  static func differences(_ report: SimulationRun.Report, from baseline: SimulationRun.Report) -> [String] {
    var wrong = report.violations.map(\.description)
    if report.endState != baseline.endState {
      let missing = baseline.endState.filter { !report.endState.contains($0) }
      let added = report.endState.filter { !baseline.endState.contains($0) }
      wrong.append("another end: \(missing) has become \(added)")
    }
    let objects = Set(baseline.writes.keys).union(report.writes.keys).sorted()
    for object in objects where object.hasPrefix("deployments/") || object.hasPrefix("replicasets/") {
      let (now, before) = (report.writes[object] ?? 0, baseline.writes[object] ?? 0)
      if now != before { wrong.append("\(object) was written \(now) times and not \(before)") }
    }
    return wrong
  }
}
