import Testing

@testable import Simulation

@Suite("A sweep", .timeLimit(.minutes(10)))
struct SweepTests {
  private static let scenario = Scenario.badRelease("CrashLoop")

  @Test("Wherever a process dies after a write, or a write comes late, it ends as if nothing had happened")
  func writes() throws {
    let sweep = Sweep(definitions: try World.definitions())
    let places = sweep.places(Self.scenario, seed: 1)
    #expect(places.baseline.violations == [])
    let cases = places.cases.filter { $0.what.hasPrefix("crashAfter") || $0.what.hasPrefix("late") }
    #expect(cases.count == places.baseline.writePoints * 2)
    for disturbed in cases { #expect(sweep.run(disturbed) == [], "\(disturbed.what)") }
  }

  @Test("Every kind of place is found: writes, older lists, hidden changes, time travel, three leaders")
  func places() throws {
    let cases = Sweep(definitions: try World.definitions()).places(Self.scenario, seed: 1).cases
    for word in ["crashBefore at write 0", "list ", "hidden", "restart at", "re-list at", "the second at write"] {
      #expect(cases.contains { $0.what.contains(word) }, "\(word)")
    }
  }

  @Test("Another end, and another number of changes, are differences")
  func differences() throws {
    let report = SimulationRun(Self.scenario, seed: 1, definitions: try World.definitions()).run { _ in NoFaults() }
    #expect(Sweep.differences(report, from: report) == [])
    var other = report
    other.endState.removeLast()
    other.writes["deployments/web"] = 2
    other.violations = [Violation(invariant: "R1", message: "twice", time: .zero)]
    let differences = Sweep.differences(other, from: report)
    #expect(differences.count == 3)
    #expect(differences.last == "deployments/web was written 2 times and not 1")
  }
}
