import RollbackCore

/// How many requests the operator's sampler makes in an interval, beside how many different questions its triggers
/// have, and how they lie in the interval.
struct RequestsBenchmark {
  var policies: Int

  private static let interval = PolicyDuration.seconds(5)
  /// Intervals that are counted, one after the other.
  private static let intervals = 3
  private static let tenths = 10

  func run() async throws -> Findings {
    var figures = try await figures(.shared, count: policies)
    // A request for each trigger: a tenth of the policies says how requests lie in the interval.
    figures += try await self.figures(.own, count: max(1, policies / 10))
    return Findings(
      figures: figures,
      notes: [
        "Requests: the mean of \(Self.intervals) intervals of \(Self.interval), after the first readings; one policy in "
          + "ten is on trial."
      ])
  }

  private func figures(_ queries: PolicyFleet.Queries, count: Int) async throws -> [Figure] {
    let sampled = try SampledFleet(PolicyFleet(queries: queries, interval: Self.interval, count: count), trials: 10)
    let triggers = Number.text(Double(count * PolicyFleet.triggers), decimals: 0)
    Progress.say("requests: \(triggers) triggers, \(sampled.fleet.distinctQueries) different queries")
    sampled.arm()
    let interval = Duration.milliseconds(Self.interval.milliseconds)
    // New measurements are read at once, and in their places from the second or third interval on.
    let start = ContinuousClock.now + interval * 3
    let end = start + interval * Self.intervals
    try await sampled.run("the intervals are over", limit: interval * (6 + Self.intervals)) { .now >= end }
    let requests = sampled.server.requests.filter { start <= $0.at && $0.at < end }
    guard !requests.isEmpty else { throw BenchmarkError("nothing was sampled") }
    let perInterval = Double(requests.count) / Double(Self.intervals)
    var shares = [Double](repeating: 0, count: Self.tenths)
    for request in requests {
      let place = ((request.at - start) / interval).truncatingRemainder(dividingBy: 1) * Double(Self.tenths)
      shares[min(Self.tenths - 1, Int(exactly: place.rounded(.down)) ?? 0)] += 1 / Double(requests.count)
    }
    let largest = shares.max() ?? 0
    let kind = queries == .shared ? "shared" : "own"
    let distinct = Double(sampled.fleet.distinctQueries)
    // Fewer requests than tenths cannot lie more evenly than one in a tenth.
    let even = max(1 / Double(Self.tenths), 1 / distinct)
    return [
      Figure(
        subject: "requests an interval of \(triggers) triggers, \(kind) queries",
        value: Number.text(perInterval, decimals: 1), reference: "different queries",
        referenceValue: Number.text(distinct, decimals: 0), ratio: perInterval / distinct),
      Figure(
        subject: "of them in the fullest tenth of the interval", value: Number.percent(largest),
        reference: "if they lay evenly", referenceValue: Number.percent(even), ratio: largest / even),
    ]
  }
}
