import Testing

@testable import Simulation

@Suite("A shortened run", .timeLimit(.minutes(10)))
struct ShorteningTests {
  /// Many refusals, and one crash.
  private struct ManyFaults: FaultSource {
    func fault(of request: RequestPoint) -> Fault? {
      if request.write == 5 { return .crashAfter }
      return request.number.isMultiple(of: 6) ? .refused : nil
    }

    func watchDelay(of request: RequestPoint) -> Duration { .zero }
    func watchLife(of request: RequestPoint) -> Duration? { .seconds(20) }
  }

  /// What is laid down for the whole cluster, and nothing else.
  private struct OfTheCluster: FaultSource {
    let random: RandomFaults?
    func fault(of request: RequestPoint) -> Fault? { nil }
    func watchDelay(of request: RequestPoint) -> Duration { .zero }
    func watchLife(of request: RequestPoint) -> Duration? { nil }
  }

  @Test("Of many faults the one is left without which the rule holds")
  func oneLeft() throws {
    var scenario = Scenario.badRelease("CrashLoop")
    let check = scenario.check
    // Stands for a rule that a crash breaks.
    scenario.check = { check($0) + ($0.processes.contains { $0.exits.contains(.killed) } ? ["it was killed"] : []) }
    let run = SimulationRun(scenario, seed: 1, definitions: try World.definitions())
    let shortening = Shortening(run, faults: { _ in ManyFaults() }) { run, faults in run.run(faults: faults) }
    let result = try #require(shortening.shortest())
    #expect(result.all > 20)
    #expect(result.faults.count == 1)
    #expect(result.faults.first?.description.contains("crashAfter") == true)
    #expect(result.report.violations.map(\.message) == ["it was killed"])
    #expect(result.report.trace.contains { $0.contains("[crashAfter]") })
    #expect(result.report.trace.contains { $0.contains("GET /livez") } == false)
  }

  @Test("What strikes whole processes and the whole cluster is left out, too, unless it is needed")
  func ofTheCluster() throws {
    var scenario = Scenario.badRelease("CrashLoop")
    // Stands for a rule that SIGTERM breaks.
    scenario.check = { $0.processes.contains { $0.exits.contains(.finished) } ? ["it was asked to end"] : [] }
    let definitions = try World.definitions()
    let results = (1...200).lazy.compactMap { seed in
      Shortening(
        SimulationRun(scenario, seed: UInt64(seed), definitions: definitions),
        faults: { OfTheCluster(random: RandomFaults(engine: $0.engine)) }
      ) { $0.run(faults: $1) }.shortest()
    }
    let result = try #require(results.first { $0.all > 1 })
    #expect(result.faults.count == 1)
    #expect(result.faults.first?.description.contains("terminate") == true)
    #expect(result.report.violations.map(\.message) == ["it was asked to end"])
  }

  @Test("A rule that breaks without any fault needs none, and one that holds gives nothing to shorten")
  func none() throws {
    var scenario = Scenario.observe
    scenario.check = { _ in ["always"] }
    let definitions = try World.definitions()
    func shortest(_ scenario: Scenario) -> Shortening.Result? {
      Shortening(
        SimulationRun(scenario, seed: 1, definitions: definitions), faults: { _ in ManyFaults() }
      ) { $0.run(faults: $1) }.shortest()
    }
    #expect(shortest(scenario)?.faults.isEmpty == true)
    #expect(shortest(.observe) == nil)
  }

  @Test("Elements that are needed together are all kept")
  func minimum() {
    let kept = Shortening.minimum(Array(1...100)) { Set($0).isSuperset(of: [7, 50, 99]) }
    #expect(kept == [7, 50, 99])
  }
}
