import ArgumentParser
import Glibc
import Simulation

/// Many days of many deploys, and what the operator holds after each.
struct Months: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "month", abstract: "Lets a month of deploys pass and says what has grown.")

  @Option(help: "The seed.") var seed: UInt64 = 1
  @Option(help: "How many days pass.") var days = 30
  @Option(help: "How many deploys there are a day.") var deploys = 1_000
  @Option(help: "How many workloads they are spread over.") var workloads = 20

  func run() throws {
    var month = Month(seed: seed, definitions: try World.definitions(), gauges: .bootstrap())
    month.days = days
    month.deploysPerDay = deploys
    month.workloads = workloads
    let cpu = clock()
    let passed = month.run { Simulate.report(Self.line($0)) }
    let seconds = (clock() - cpu) / CLOCKS_PER_SEC
    let growth = Month.growth(of: passed)
    let violations = passed.last?.violations ?? []
    for line in growth { print("has grown: \(line)") }
    for violation in violations.prefix(10) { print("VIOLATION \(violation)") }
    print(
      "\(days) days, \(passed.map(\.deploys).reduce(0, +)) deploys, \(passed.map(\.bad).reduce(0, +)) of them bad, "
        + "\(growth.count) figures have grown, \(violations.count) violations, \(seconds) s of CPU time")
    if !growth.isEmpty || !violations.isEmpty { throw ExitCode.failure }
  }

  private static func line(_ day: Month.Day) -> String {
    let outcomes = day.outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: " ")
    let gauges = day.gauges.sorted { $0.key < $1.key }.map { "\($0.key) \(Int($0.value))" }.joined(separator: " ")
    return "day \(day.number): \(day.deploys) deploys, \(day.bad) bad, \(outcomes); "
      + "heap \(day.memory.heap / 1_024) KiB, resident \(day.memory.resident / 1_024) KiB, \(day.timers) timers, "
      + "\(day.watches) watches, \(day.objects) objects; \(gauges)"
  }
}
