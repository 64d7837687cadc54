import SimulatedCluster
import Synchronization
import Testing

@testable import Simulation

@Suite("Faults of metric sources", .timeLimit(.minutes(10)))
struct MetricFaultTests {
  /// Questions of these numbers fail.
  private struct SomeFail: FaultSource {
    var faults: [Int: MetricFault] = [:]

    func fault(of request: RequestPoint) -> Fault? { nil }
    func watchDelay(of request: RequestPoint) -> Duration { .zero }
    func watchLife(of request: RequestPoint) -> Duration? { nil }
    func metricFault(of request: OutboundPoint) -> MetricFault? { faults[request.number] }
  }

  private static let faults = OutboundPoint(process: "", number: 0, kind: .prometheus, address: "").faults
  /// What is late by less than the request waits for is an answer.
  private static let silencing = faults.filter { $0 != .late(.seconds(3)) && $0 != .late(.seconds(8)) }

  @Test("Whatever is wrong with a source, nothing is undone and nothing proven good", arguments: silencing)
  func unknown(fault: MetricFault) throws {
    let scenario = Scenario("", lasting: .seconds(250)) { world in
      world.rollOut(SimulatedWorkload(version: 1))
      world.protect([MeasuredTrigger.errorRate()], window: "1m")
      world.metrics.outageOfMonitors = fault
      var bad = SimulatedWorkload(version: 2)
      bad.signals = ["error-rate": "0.3"]
      world.at(.seconds(30)) { [bad] in $0.rollOut(bad) }
      world.at(.seconds(240)) { world in
        let wrong =
          world.expect(version: 2, outcomes: []) + world.expect(verdict: nil, ofVersion: 1)
          + world.expect(verdict: nil, ofVersion: 2)
        for violation in wrong { world.violate("R5", violation) }
        world.metrics.outageOfMonitors = nil
      }
    } check: { _ in
      []
    }
    let report = SimulationRun(scenario, seed: 1, definitions: try World.definitions()).run { _ in NoFaults() }
    #expect(report.violations == [])
  }

  @Test("Questions that fail change the run and not its end", arguments: faults)
  func someFail(fault: MetricFault) throws {
    let run = SimulationRun(.seenByMetrics, seed: 1, definitions: try World.definitions())
    let undisturbed = run.run { _ in NoFaults() }
    let disturbed = run.run { _ in SomeFail(faults: [2: fault, 7: fault, 8: fault]) }
    #expect(undisturbed.violations == [])
    #expect(disturbed.violations == [])
    #expect(disturbed.fingerprint != undisturbed.fingerprint)
    #expect(disturbed.endState == undisturbed.endState)
  }

  @Test("Of many failed questions the one is left without which a rule holds")
  func shortened() throws {
    var scenario = Scenario.seenByMetrics
    // Stands for a rule that a page for people breaks.
    scenario.check = { world in
      world.engine.trace.lines.contains { $0.contains("[answer(Simulation.MetricFault.Answer.page)]") }
        ? ["a page was read"] : []
    }
    let faults: [Int: MetricFault] = [1: .tls, 2: .answer(.page), 5: .refused, 6: .status(503)]
    let run = SimulationRun(scenario, seed: 1, definitions: try World.definitions(), traceLength: 20_000)
    let result = try #require(
      Shortening(run, faults: { _ in SomeFail(faults: faults) }) { $0.run(faults: $1) }.shortest())
    #expect(result.all == 4)
    #expect(result.faults.count == 1)
    #expect(result.faults.first?.description.contains("ASK http://prometheus.monitoring.svc:9090") == true)
    #expect(result.faults.first?.description.contains("page") == true)
  }

  @Test("Seeds draw all of them")
  func drawn() throws {
    let drawn = Mutex<Set<MetricFault>>([])
    for seed in 1...60 {
      let faults = RandomFaults(engine: SimulationEngine(seed: UInt64(seed)))
      for number in 0..<200 {
        let point = OutboundPoint(process: "a", number: number, kind: .prometheus, address: "")
        if let fault = faults.metricFault(of: point) { drawn.withLock { _ = $0.insert(fault) } }
      }
    }
    #expect(drawn.withLock { $0 } == Set(Self.faults))
  }
}
