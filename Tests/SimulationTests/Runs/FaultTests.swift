import KubernetesClient
import SimulatedCluster
import Testing

@testable import Simulation

/// Faults that strike a process at a place of its own code, or a whole process: each must be felt, and survived.
@Suite("Faults of a process", .timeLimit(.minutes(10)))
struct FaultTests {
  /// Piece faults at the pieces of these numbers.
  private final class PieceFaults: FaultSource, @unchecked Sendable {
    let faults: [Int: PieceFault]
    var asked = 0

    init(_ faults: [Int: PieceFault]) {
      self.faults = faults
    }

    func fault(of request: RequestPoint) -> Fault? { nil }
    func watchDelay(of request: RequestPoint) -> Duration { .zero }
    func watchLife(of request: RequestPoint) -> Duration? { nil }

    func pieceFault(of process: String) -> PieceFault? {
      defer { asked += 1 }
      return faults[asked]
    }
  }

  private func run(_ faults: any FaultSource) throws -> SimulationRun.Report {
    SimulationRun(.badRelease("CrashLoop"), seed: 1, definitions: try World.definitions(), traceLength: 20_000)
      .run { _ in faults }
  }

  @Test("A piece of a task that waits changes the run and not its end")
  func delayedPieces() throws {
    let undisturbed = try run(NoFaults())
    let disturbed = try run(
      PieceFaults(Dictionary(uniqueKeysWithValues: (0..<50).map { (20 + 37 * $0, .delay(.seconds(1))) })))
    #expect(disturbed.violations == [])
    #expect(disturbed.fingerprint != undisturbed.fingerprint)
    #expect(disturbed.endState == undisturbed.endState)
  }

  @Test("A process that dies between two pieces is started again", arguments: [10, 300, 900])
  func crashAtPiece(number: Int) throws {
    let report = try run(PieceFaults([number: .crash]))
    #expect(report.violations == [])
    #expect(report.trace.filter { $0.hasSuffix("operator-0 was killed") }.count == 1)
  }

  @Test("Answers that are not what they should be", arguments: Fault.Garbling.allCases)
  func garbled(garbling: Fault.Garbling) throws {
    let faults = ScriptedFaults(
      ofWrites: [1: .garbled(garbling), 4: .garbled(garbling)], ofRequests: [2: .garbled(garbling)])
    #expect(try run(faults).violations == [])
  }

  @Test("A stopped process does nothing until it goes on")
  func stopped() throws {
    let engine = SimulationEngine(seed: 1)
    let world = World(engine: engine, definitions: try World.definitions())
    let process = SimulatedProcess("operator-0", engine: engine, server: world.server)
    world.start(process)
    engine.run(for: .seconds(10))
    process.suspend()
    let before = process.requests
    engine.run(for: .seconds(60))
    #expect(process.isSuspended)
    #expect(process.requests == before)
    process.resume()
    engine.run(for: .seconds(60))
    #expect(process.requests > before)
    process.kill(forGood: true)
    engine.run(for: .seconds(1))
  }

  @Test("A process that is asked to end ends well, and is started again")
  func terminated() throws {
    let engine = SimulationEngine(seed: 1)
    let world = World(engine: engine, definitions: try World.definitions())
    let process = SimulatedProcess("operator-0", engine: engine, server: world.server, leaderElection: true)
    world.start(process)
    engine.run(for: .seconds(10))
    process.terminate()
    engine.run(for: .seconds(20))
    #expect(process.exits == [.finished])
    #expect(process.isRunning)
    process.kill(forGood: true)
    engine.run(for: .seconds(1))
  }

  @Test("A release that breaks after three minutes is undone, however wrong the clock", arguments: [-7_200, 0, 7_200])
  func wrongClock(skew: Int) throws {
    let engine = SimulationEngine(seed: 1)
    let world = World(engine: engine, definitions: try World.definitions())
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"]])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop", failAfter: "180s")) }
    let process = SimulatedProcess("operator-0", engine: engine, server: world.server, skew: .seconds(skew))
    world.start(process)
    engine.run(for: .seconds(500))
    #expect(world.violations == [])
    #expect(world.expect(version: 1, outcomes: ["Recovered"]) == [])
    process.kill(forGood: true)
    engine.run(for: .seconds(1))
  }
}
