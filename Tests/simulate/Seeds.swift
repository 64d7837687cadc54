public import ArgumentParser
import Glibc
public import Simulation
import Synchronization

/// Many seeds, each a run of one of the scenarios with faults of its own.
struct Seeds: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Runs many seeds and counts.")

  @Option(help: "Which scenarios: all, watched (by what pods and rollouts do) or measured.")
  var scenarios = Scenario.Kind.all
  @Option(help: "The first seed.") var from: UInt64 = 1
  @Option(help: "How many.") var count: UInt64 = 1_000
  @Option(help: "How many run at once.") var jobs = Simulate.processors
  @Option(help: "Stop after so many broken runs.") var failures = 5
  @Flag(help: "Run each seed twice and compare the traces.") var twice = false

  private struct Tally {
    var runs = 0
    var broken: [SimulationRun.Report] = []
    var virtualTime: Duration = .zero
    var differing: [UInt64] = []
  }

  func run() throws {
    let definitions = try World.definitions()
    let tally = Mutex(Tally())
    let cpu = clock()
    Workers(jobs).each(Array(from..<from + count)) { [twice, failures, count, scenarios] seed in
      let run = SimulationRun(seed: seed, of: scenarios, definitions: definitions)
      let report = run.runBySeed()
      let isSame = !twice || run.runBySeed().fingerprint == report.fingerprint
      return tally.withLock { tally in
        tally.runs += 1
        tally.virtualTime += report.virtualTime
        if !report.isRight { tally.broken.append(report) }
        if !isSame { tally.differing.append(seed) }
        if tally.runs.isMultiple(of: 1_000), count > 1_000 { Simulate.report("\(tally.runs) of \(count) seeds") }
        return tally.broken.count < failures
      }
    }
    let result = tally.withLock { $0 }
    for report in result.broken.sorted(by: { $0.seed < $1.seed }) {
      print("seed \(report.seed) · \(report.scenario)")
      for violation in report.violations.prefix(5) { print("  \(violation)") }
      print("  again: .build/release/simulate run --scenarios \(scenarios.rawValue) --seed \(report.seed) --shorten")
    }
    for seed in result.differing.sorted() { print("seed \(seed) gave two different traces") }
    let hours = result.virtualTime / .seconds(3_600)
    let minutes = Double(clock() - cpu) / Double(CLOCKS_PER_SEC) / 60
    print(
      "\(result.runs) seeds, \(result.broken.count) broken, \(Int(hours)) simulated hours, "
        + "\(Int(hours / max(minutes, 1e-6))) of them per CPU minute")
    if !result.broken.isEmpty || !result.differing.isEmpty { throw ExitCode.failure }
  }
}

extension Scenario.Kind: ExpressibleByArgument {}

/// One seed, with its trace.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Runs one seed and prints its trace.")

  @Option(help: "The scenarios that the seed chooses from: all, watched or measured.") var scenarios = Scenario.Kind.all
  @Option(help: "The seed.") var seed: UInt64
  @Option(help: "How many of the last lines of the trace are printed.") var lines = 200
  @Flag(help: "Leave out all faults that the violation does not need, and all lines that do not matter.")
  var shorten = false
  @Flag(help: "Print what the operators log, too.") var log = false

  func run() throws {
    var run = SimulationRun(seed: seed, of: scenarios, definitions: try World.definitions(), traceLength: lines)
    run.tracesLogs = log
    let shortened = shorten ? Shortening(run).shortest() : nil
    let report = shortened?.report ?? run.runBySeed()
    for line in report.trace { print(line) }
    print(
      "\n\(report.scenario), seed \(seed): \(report.virtualTime) in \(report.steps) steps, trace \(report.fingerprint)")
    if let shortened {
      print("\(shortened.faults.count) of \(shortened.all) faults are needed (\(shortened.runs) runs):")
      for fault in shortened.faults { print("  \(fault)") }
    }
    for line in report.endState { print(line) }
    for story in report.stories { print(story) }
    for violation in report.violations { print("VIOLATION \(violation)") }
    if !report.isRight { throw ExitCode.failure }
  }
}
