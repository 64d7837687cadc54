public import KubernetesClient
import SimulatedCluster

/// One run of one scenario: first anything may fail, then nothing does any more and everything must come to its end.
public struct SimulationRun: Sendable {
  /// What came out.
  public struct Report: Sendable {
    public var scenario: String
    public var seed: UInt64
    public var violations: [Violation]
    /// Accepted writes of operators per object.
    public var writes: [String: Int]
    /// Requests that the first process sent as writes.
    public var writePoints: Int
    /// What there is in the end, a line for each object, without what differs from run to run.
    public var endState: [String]
    /// What each event says of itself in the end.
    public var stories: [String]
    /// Requests that the first process sent, with their numbers.
    public var requests: Int
    public var virtualTime: Duration
    public var steps: UInt64
    public var fingerprint: UInt64
    public var trace: [String]

    public var isRight: Bool { violations.isEmpty }
  }

  /// After the faults have stopped, everything has come to its end within this time.
  public static let patience: Duration = .seconds(3_600)

  public var scenario: Scenario
  public var seed: UInt64
  public var definitions: [JSONValue]
  public var traceLength: Int
  /// In the end nothing is written for so long.
  public var quiet: Duration = .seconds(300)
  /// Whether readings are left out of the trace, and what the controllers do by themselves.
  public var tracesOnlyWhatMatters = false
  /// Whether what the operators log is part of the trace.
  public var tracesLogs = false

  public init(_ scenario: Scenario, seed: UInt64, definitions: [JSONValue], traceLength: Int = 400) {
    self.scenario = scenario
    self.seed = seed
    self.definitions = definitions
    self.traceLength = traceLength
  }

  /// One of the scenarios, chosen by the seed.
  public init(seed: UInt64, of kind: Scenario.Kind = .all, definitions: [JSONValue], traceLength: Int = 400) {
    let scenarios = kind.scenarios
    let scenario = scenarios[Int(seed % UInt64(scenarios.count))]
    self.init(scenario, seed: seed, definitions: definitions, traceLength: traceLength)
  }

  /// With as many operators as the seed says.
  ///
  /// - Parameter faults: made for the world of the run; `nil` for random ones.
  public func runBySeed(faults: ((World) -> any FaultSource)? = nil) -> Report {
    var generator = SeededGenerator(seed: seed ^ 0x5EED)
    if let operators = scenario.operators {
      return run(operators: operators.count, leaderElection: operators.electALeader, faults: faults)
    }
    let operators = [1, 1, 1, 2, 3][generator.index(below: 5)]
    return run(operators: operators, leaderElection: operators > 1 && generator.chance(0.5), faults: faults)
  }

  /// - Parameters:
  ///   - operators: how many run beside each other, without leader election.
  ///   - faults: made for the world of the run; `nil` for random ones.
  public func run(
    operators: Int = 1, leaderElection: Bool = false, faults makeFaults: ((World) -> any FaultSource)? = nil
  ) -> Report {
    let engine = SimulationEngine(
      seed: seed, trace: Trace(keeping: traceLength, onlyWhatMatters: tracesOnlyWhatMatters, logs: tracesLogs))
    let world = World(engine: engine, definitions: definitions)
    let faults: any FaultSource = makeFaults?(world) ?? RandomFaults(engine: engine)
    let random = faults.random
    scenario.play(world)
    for number in 0..<operators {
      world.start(
        SimulatedProcess(
          "operator-\(number)", engine: engine, server: world.server, faults: faults, metrics: world.metrics,
          leaderElection: leaderElection, skew: random?.skew() ?? .zero))
    }
    let clusterFaults = random.map { ClusterFaults(world, requests: $0) { faults.happens($0) } }
    clusterFaults?.lay(until: scenario.duration)
    let pause = engine.run(for: scenario.duration)
    if pause == .livelock { world.violate("R8 no state without an end", "a livelock") }
    faults.stop()
    clusterFaults?.stop()
    for process in world.processes where !process.isRunning { process.start() }
    settle(world)
    for message in scenario.check(world) { world.violate("the scenario's own end", message) }
    checkEnd(world)
    let report = Report(
      scenario: scenario.name, seed: seed, violations: world.violations, writes: world.operatorWrites,
      writePoints: world.processes.first?.writes ?? 0, endState: world.endState, stories: world.stories,
      requests: world.processes.first?.requests ?? 0, virtualTime: engine.now, steps: engine.steps,
      fingerprint: engine.trace.fingerprint, trace: engine.trace.lines)
    end(world)
    return report
  }

  /// Waits until everything has come to rest, but not for ever.
  private func settle(_ world: World) {
    let engine = world.engine
    let start = engine.now
    while engine.now - start < Self.patience {
      if engine.run(for: .seconds(30)) == .livelock {
        world.violate("R8 no state without an end", "a livelock")
        return
      }
      if engine.now - start >= quiet, ComesToRest(quiet: quiet).check(world).isEmpty { return }
    }
  }

  private func checkEnd(_ world: World) {
    for invariant in [ComesToRest(quiet: quiet), PoliciesAreKeptUp(), NothingEndsTheProcess()] as [any EndInvariant] {
      for message in invariant.check(world) { world.violate(invariant.name, message) }
    }
    for trespass in world.processes.flatMap(\.trespasses) {
      world.violate("R1 nothing is written without the lease", trespass)
    }
    for setback in world.processes.flatMap(\.setbacks) {
      world.violate("R6 nothing from the past is asked for", setback)
    }
    if world.engine.escapes > 0 {
      world.violate("determinism", "\(world.engine.escapes) pieces of tasks came from other threads")
    }
  }

  /// Lets all tasks of the run end, so that it leaves nothing in memory. Pieces of them may have been held back for
  /// seconds.
  private func end(_ world: World) {
    for process in world.processes {
      // What a cancellation wakes belongs to the engine only while it runs.
      world.engine.schedule(after: .zero) { process.kill(forGood: true) }
    }
    world.engine.run(for: .seconds(10))
    world.engine.forgetTimers()
  }
}

extension World {
  /// Events that are neither ended nor held.
  var open: [String] {
    server.objects(Undo.events, World.namespace).filter { $0.at("/status/outcome") == nil }
      .compactMap { $0.at("/metadata/name")?.string }
  }
}
