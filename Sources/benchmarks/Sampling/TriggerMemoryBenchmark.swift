import RollbackCore

/// How much of the heap an armed trigger takes once it has been sampled, beside the size of its policy's JSON.
///
/// Counted is all that arming and the first reading leave behind: who wants which measurement, the samples, and the
/// sampler's timers. The policies themselves were there before.
struct TriggerMemoryBenchmark {
  var policies: Int

  func run() async throws -> Findings {
    // What is allocated once is not to be counted.
    for queries in PolicyFleet.Queries.allCases { _ = try await figures(queries, count: min(policies, 100)) }
    var figures: [Figure] = []
    for queries in PolicyFleet.Queries.allCases { figures += try await self.figures(queries, count: policies) }
    return Findings(
      figures: figures,
      notes: [
        "Triggers: growth of the heap in use after \(Number.text(Double(policies), decimals: 0)) policies of "
          + "\(PolicyFleet.triggers) triggers were armed and each was sampled once; arming, in processor time."
      ])
  }

  private func figures(_ queries: PolicyFleet.Queries, count: Int) async throws -> [Figure] {
    Progress.say("triggers: \(count) policies, \(queries == .shared ? "shared queries" : "queries of their own")")
    // So long that nothing is read twice.
    let sampled = try SampledFleet(
      PolicyFleet(queries: queries, interval: .minutes(60), count: count), trials: 10)
    let triggers = count * PolicyFleet.triggers
    let before = HeapUse.bytes
    let start = ProcessorTime.used
    sampled.arm()
    let arming = ProcessorTime.used - start
    try await sampled.run("every trigger has a sample") { sampled.sampledTriggers == triggers }
    let growth = Double(HeapUse.bytes - before) / Double(triggers)
    let size = (0..<count).reduce(0.0) { $0 + Double(sampled.fleet.json($1).count) } / Double(count)
    let again = ProcessorTime.best(of: 3) { sampled.arm() }
    guard sampled.sampledTriggers == triggers else { throw BenchmarkError("some triggers were not sampled") }
    let kind = queries == .shared ? "shared" : "own"
    let perVisit = { (time: Duration) in Number.microseconds(time / count) }
    return [
      Figure(
        subject: "heap of an armed trigger, \(kind) queries", value: Number.bytes(growth),
        reference: "JSON of its policy", referenceValue: Number.bytes(size), ratio: growth / size),
      Figure(
        subject: "arming a policy's triggers the first time, \(kind) queries", value: perVisit(arming),
        reference: "arming them again", referenceValue: perVisit(again), ratio: arming / again),
    ]
  }
}
