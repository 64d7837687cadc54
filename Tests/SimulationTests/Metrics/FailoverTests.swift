import FoundationEssentials
import KubernetesClient
import SimulatedCluster
import Testing

@testable import Simulation

@Suite("A breach that waits for its time while the leader changes", .timeLimit(.minutes(10)))
struct FailoverTests {
  /// When the undo was begun, in seconds after the beginning of the simulation.
  private func actedAt(killing moment: Duration?) throws -> Double {
    let engine = SimulationEngine(seed: 3)
    let world = World(engine: engine, definitions: try World.definitions())
    world.protect([MeasuredTrigger.errorRate(for: "2m")])
    world.deployMeasured()
    for number in 0..<2 {
      world.start(
        SimulatedProcess(
          "operator-\(number)", engine: engine, server: world.server, metrics: world.metrics, leaderElection: true))
    }
    if let moment { world.at(moment) { world in world.leader?.kill(forGood: true) } }
    engine.run(for: .seconds(400))
    for process in world.processes { process.kill(forGood: true) }
    engine.run(for: .seconds(1))
    let started = world.events(of: "web").first?.at("/status/steps/0/startedAt")?.string
    let at = try #require(started.flatMap(Timestamp.date))
    return at.timeIntervalSince(SimulatedClock.epoch)
  }

  @Test("The next leader acts at the moment at which the lost one would have", arguments: [90, 120, 150, 185])
  func sameMoment(second: Int) throws {
    let undisturbed = try actedAt(killing: nil)
    let disturbed = try actedAt(killing: .seconds(second))
    // One more interval of sampling, and the lease where it ran out only then.
    #expect(abs(disturbed - undisturbed) <= 10 + 8)
  }
}
