import SimulatedCluster
import Testing

@testable import Simulation

@Suite("The operator on a simulated cluster", .timeLimit(.minutes(10)))
struct RunTests {
  @Test("Every scenario leads to its end when nothing fails", arguments: Scenario.all.map(\.name))
  func undisturbed(name: String) throws {
    let scenario = try #require(Scenario.all.first { $0.name == name })
    let report = SimulationRun(scenario, seed: 1, definitions: try World.definitions()).run { _ in NoFaults() }
    #expect(report.violations == [])
  }

  @Test("A broken expectation is said")
  func wrongEnd() throws {
    var scenario = Scenario.observe
    scenario.check = { $0.expect(version: 1, outcomes: []) }
    let report = SimulationRun(scenario, seed: 1, definitions: try World.definitions()).run { _ in NoFaults() }
    #expect(
      report.violations.map(\.message) == [
        "web runs version 2 and not 1", #"the events of web are ["Observed"] and not []"#,
      ])
  }

  @Test("A process that is killed at its third write is started again and goes on")
  func crash() throws {
    let report = SimulationRun(.badRelease("CrashLoop"), seed: 1, definitions: try World.definitions())
      .run { _ in ScriptedFaults(ofWrites: [2: .crashAfter]) }
    #expect(report.violations == [])
    #expect(report.trace.isEmpty == false)
  }

  @Test("A run leaves nothing in memory", arguments: Scenario.all.map(\.name))
  func memory(name: String) throws {
    let scenario = try #require(Scenario.all.first { $0.name == name })
    weak var world: World?
    weak var server: SimulatedAPIServer?
    weak var engine: SimulationEngine?
    _ = SimulationRun(scenario, seed: 2, definitions: try World.definitions()).run(operators: 2) {
      (world, server, engine) = ($0, $0.server, $0.engine)
      return ScriptedFaults(ofWrites: [2: .crashAfter, 4: .late(milliseconds: 60_000)])
    }
    #expect(world == nil && server == nil && engine == nil)
  }
}
