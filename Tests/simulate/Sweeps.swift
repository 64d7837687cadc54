import ArgumentParser
import Glibc
import Simulation
import Synchronization

/// Every fault at every place of every scenario.
struct Sweeps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Strikes each scenario at every place, one after the other.")

  @Option(help: "The seed of the undisturbed runs.") var seed: UInt64 = 1
  @Option(help: "How many run at once.") var jobs = 2
  @Option(help: "Stop after so many differences.") var failures = 10
  @Option(help: "Only scenarios whose name contains this.") var only = ""

  func run() throws {
    let sweep = Sweep(definitions: try World.definitions())
    let broken = Mutex(0)
    var total = 0
    for scenario in Scenario.all where only.isEmpty || scenario.name.contains(only) {
      let (baseline, cases) = sweep.cases(scenario, seed: seed)
      for violation in baseline.violations { print("\(scenario.name), undisturbed: \(violation)") }
      if !baseline.isRight { broken.withLock { $0 += 1 } }
      Workers(jobs).each(cases) { [failures] disturbed in
        let wrong = sweep.run(disturbed)
        guard !wrong.isEmpty else { return true }
        return broken.withLock { broken in
          broken += 1
          print("\(scenario.name): \(disturbed.what)")
          for line in wrong.prefix(4) { print("  \(line)") }
          return broken < failures
        }
      }
      total += cases.count
      print("\(scenario.name): \(baseline.writePoints) writes, \(baseline.requests) requests, \(cases.count) cases")
      if broken.withLock({ $0 >= failures }) { break }
    }
    let count = broken.withLock { $0 }
    print("\(total) cases, \(count) differences")
    if count > 0 { throw ExitCode.failure }
  }
}
