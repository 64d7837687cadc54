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
}
