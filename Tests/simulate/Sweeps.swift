import ArgumentParser
import Glibc
import Simulation
import Synchronization

/// Every fault at every place of every scenario.
struct Sweeps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Strikes each scenario at every place, one after the other.")

  @Option(help: "The seed of the undisturbed runs.") var seed: UInt64 = 1
  @Option(help: "How many run at once.") var jobs = Simulate.processors
  @Option(help: "Stop after so many differences.") var failures = 10
  @Option(help: "Only scenarios whose name contains this.") var only = ""
  @Option(help: "Only places whose words contain this.") var place = ""
  @Option(help: "How many of the last lines of the trace are printed of each difference.") var lines = 0

  func run() throws {
    let sweep = Sweep(definitions: try World.definitions())
    let broken = Mutex(0)
    var total = 0
    let cpu = clock()
    for scenario in Scenario.swept where only.isEmpty || scenario.name.contains(only) {
      let places = sweep.places(scenario, seed: seed)
      let cases = places.cases.filter { place.isEmpty || $0.what.contains(place) }
      for violation in places.baseline.violations { print("\(scenario.name), undisturbed: \(violation)") }
      if !places.baseline.isRight { broken.withLock { $0 += 1 } }
      Workers(jobs).each(cases) { [failures, lines] disturbed in
        let wrong = sweep.run(disturbed)
        guard !wrong.isEmpty else { return true }
        let trace = lines > 0 ? sweep.trace(of: disturbed, lines: lines) : []
        return broken.withLock { broken in
          broken += 1
          for line in trace { print(line) }
          Simulate.report("\(scenario.name): \(disturbed.what)")
          for line in wrong.prefix(4) { print("  \(line)") }
          return broken < failures
        }
      }
      total += cases.count
      Simulate.report("\(scenario.name): \(places.baseline.writePoints) writes, \(cases.count) cases")
      if broken.withLock({ $0 >= failures }) { break }
    }
    let count = broken.withLock { $0 }
    print("\(total) cases, \(count) differences, \((clock() - cpu) / CLOCKS_PER_SEC) s of CPU time")
    if count > 0 { throw ExitCode.failure }
  }
}
