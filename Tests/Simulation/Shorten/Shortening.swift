/// Finds the few faults of a run without which the same rule would not break.
///
/// Delta debugging (Zeller and Hildebrandt, 2002): parts of the faults are left out, larger ones first, as long as the
/// same rule still breaks, until no single fault can be left out.
public struct Shortening {
  public struct Result: Sendable {
    /// What must strike; empty when the rule breaks without any fault.
    public var faults: [StruckFault]
    /// How many struck at first.
    public var all: Int
    /// The run with only those, its trace being the lines that matter.
    public var report: SimulationRun.Report
    /// How many runs it took.
    public var runs: Int
  }

  /// Makes a run with these faults on top of what is drawn.
  public typealias Attempt = (SimulationRun, @escaping (World) -> any FaultSource) -> SimulationRun.Report

  private let run: SimulationRun
  private let makeFaults: (World) -> any FaultSource
  private let attempt: Attempt

  /// - Parameters:
  ///   - faults: made for the world of each run.
  ///   - attempt: carries a run out, with as many operators as it has.
  public init(
    _ run: SimulationRun, faults: @escaping (World) -> any FaultSource = { RandomFaults(engine: $0.engine) },
    attempt: @escaping Attempt = { $0.runBySeed(faults: $1) }
  ) {
    self.run = run
    makeFaults = faults
    self.attempt = attempt
  }

  /// - Returns: `nil` when no rule breaks.
  public func shortest() -> Result? {
    var record: RecordedFaults?
    let first = attempt(run) { world in
      let faults = RecordedFaults(makeFaults(world))
      record = faults
      return faults
    }
    guard let rule = first.violations.first?.invariant, let all = record?.struck else { return nil }
    var runs = 1
    func breaks(_ faults: [StruckFault]) -> Bool {
      runs += 1
      return report(of: run, faults).violations.contains { $0.invariant == rule }
    }
    let faults = breaks([]) ? [] : Self.minimum(all, breaks)
    var last = run
    last.tracesOnlyWhatMatters = true
    return Result(faults: faults, all: all.count, report: report(of: last, faults), runs: runs + 1)
  }

  private func report(of run: SimulationRun, _ faults: [StruckFault]) -> SimulationRun.Report {
    attempt(run) { RecordedFaults(makeFaults($0), keeping: faults) }
  }

  /// Leaves elements out as long as the rest still breaks the rule.
  static func minimum<Element>(_ all: [Element], _ breaks: ([Element]) -> Bool) -> [Element] {
    var kept = all
    var size = max(kept.count / 2, 1)
    while true {
      var start = 0
      var isShorter = false
      while start < kept.count {
        let rest = Array(kept[..<start] + kept[min(start + size, kept.count)...])
        if breaks(rest) {
          kept = rest
          isShorter = true
        } else {
          start += size
        }
      }
      if size == 1, !isShorter { return kept }
      size = max(size / 2, 1)
    }
  }
}
