import ArgumentParser
import Foundation  // Thread
import Simulation
import Synchronization

/// Many seeds, each a run of one of the scenarios with faults of its own.
struct Seeds: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Runs many seeds and counts.")

  @Option(help: "The first seed.") var from: UInt64 = 1
  @Option(help: "How many.") var count: UInt64 = 1_000
  @Option(help: "How many run at once.") var jobs = 2
  @Option(help: "Stop after so many broken runs.") var failures = 5
  @Flag(help: "Run each seed twice and compare the traces.") var twice = false

  private struct Tally {
    var next: UInt64
    var runs = 0
    var broken: [SimulationRun.Report] = []
    var virtualTime: Duration = .zero
    var differing: [UInt64] = []
  }

  func run() throws {
    let definitions = try World.definitions()
    let tally = Mutex(Tally(next: from))
    let start = ContinuousClock.now
    let cpu = clock()
    let threads = (0..<max(jobs, 1)).map { _ in
      let done = DispatchSemaphore(value: 0)
      let thread = Thread {
        while let seed = take(tally) {
          let run = SimulationRun(seed: seed, definitions: definitions)
          let report = run.runBySeed()
          let isSame = !twice || run.runBySeed().fingerprint == report.fingerprint
          tally.withLock { tally in
            tally.runs += 1
            tally.virtualTime += report.virtualTime
            if !report.isRight { tally.broken.append(report) }
            if !isSame { tally.differing.append(seed) }
          }
        }
        done.signal()
      }
      thread.stackSize = 16 << 20
      thread.start()
      return done
    }
    for done in threads { done.wait() }
    let cpuMinutes = Double(clock() - cpu) / Double(CLOCKS_PER_SEC) / 60
    let result = tally.withLock { $0 }
    for report in result.broken.sorted(by: { $0.seed < $1.seed }) {
      print("seed \(report.seed) · \(report.scenario)")
      for violation in report.violations.prefix(5) { print("  \(violation)") }
      print("  simulate run --seed \(report.seed)")
    }
    for seed in result.differing.sorted() { print("seed \(seed) gave two different traces") }
    let hours = result.virtualTime / .seconds(3_600)
    print(
      "\(result.runs) seeds · \(result.broken.count) broken · \(Int(hours)) simulated hours · "
        + "\(Int(hours / cpuMinutes)) per CPU minute · \((ContinuousClock.now - start).components.seconds) s")
    if !result.broken.isEmpty || !result.differing.isEmpty { throw ExitCode.failure }
  }

  private func take(_ tally: borrowing Mutex<Tally>) -> UInt64? {
    tally.withLock { tally in
      guard tally.next < from + count, tally.broken.count < failures else { return nil }
      defer { tally.next += 1 }
      return tally.next
    }
  }
}

/// One seed, with its trace.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Runs one seed and prints its trace.")

  @Option(help: "The seed.") var seed: UInt64
  @Option(help: "How many of the last lines of the trace are printed.") var lines = 200

  func run() throws {
    let run = SimulationRun(seed: seed, definitions: try World.definitions(), traceLength: lines)
    let report = run.runBySeed()
    for line in report.trace { print(line) }
    print(
      "\n\(report.scenario), seed \(seed): \(report.virtualTime) in \(report.steps) steps, trace \(report.fingerprint)")
    for violation in report.violations { print("VIOLATION \(violation)") }
    if !report.isRight { throw ExitCode.failure }
  }
}
