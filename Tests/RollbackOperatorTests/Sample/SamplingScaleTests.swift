import FoundationEssentials
import Logging
import RollbackCore
import Synchronization
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Ten thousand policies ask little of one Prometheus", .timeLimit(.minutes(10)))
struct SamplingScaleTests {
  /// Runs a fleet's sampler while `body` runs.
  private func sampling(_ fleet: SharedFleet, _ body: () async throws -> Void) async throws {
    let running = Task { await fleet.sampler.run() }
    defer { running.cancel() }
    try await body()
  }

  @Test("Three triggers each that share queries are under 30 requests an interval, each query one, spread over it")
  func sharing() async throws {
    // Of every namespace some are on trial.
    let fleet = try await SharedFleet(trials: 9)
    try await sampling(fleet) {
      // New measurements are read at once, and in their places from then on.
      await fleet.pass(.seconds(45))
      let start = fleet.clock.monotonicTime
      await fleet.pass(.seconds(60))
      let all = fleet.requests
      for interval in 0..<7 {
        let begin = Duration.seconds(15 * interval)
        let count = all.count { $0.at >= begin && $0.at < begin + .seconds(15) }
        #expect(count > 0 && count < 30, "interval \(interval): \(count)")
      }
      // Of the time before the trials each fleet was asked once.
      let past = all.filter(\.isRange)
      #expect(past.count == SharedFleet.distinctQueries && Set(past.map(\.query)).count == past.count)
      let steady = all.filter { $0.at >= start && !$0.isRange }
      let byQuery = Dictionary(grouping: steady, by: \.query)
      #expect(byQuery.count == SharedFleet.distinctQueries)
      for (query, requests) in byQuery { #expect((3...5).contains(requests.count), "\(query): \(requests.count)") }
      let tenths = Dictionary(grouping: steady) { Int64($0.at / .milliseconds(1)) % 15_000 / 1_500 }
      #expect(tenths.count > 3)
      #expect(tenths.values.allSatisfy { $0.count * 2 < steady.count })
      // A request serves every target: two thousand and a half of a namespace, and everybody the query of all.
      let silent = (0..<SharedFleet.count).filter { number in
        let series = fleet.series(number)
        return series.count < 3 || series.values.contains { $0.samples.isEmpty }
      }
      #expect(silent.isEmpty, "\(silent.count) have no samples")
    }
  }

  @Test("An idle operator looks at no workload because of a sample, only at one of whom the source says something else")
  func idle() async throws {
    let fleet = try await SharedFleet(trials: 0)
    try await sampling(fleet) {
      await fleet.pass(.seconds(1))
      // Of each trigger the first sample is news.
      #expect(Set(fleet.takeVisits()).count == SharedFleet.count)
      let before = fleet.requests.count
      await fleet.pass(.seconds(45))
      #expect(fleet.requests.count >= before + 2 * SharedFleet.distinctQueries)
      #expect(fleet.takeVisits().isEmpty)
      fleet.lose(["web-7", "web-8"])
      await fleet.pass(.seconds(30))
      #expect(Set(fleet.takeVisits()) == ["web-7", "web-8"])
      fleet.lose([])
      await fleet.pass(.seconds(30))
      #expect(Set(fleet.takeVisits()) == ["web-7", "web-8"])
    }
  }

  @Test("Queries that differ in nothing are asked once, others each in a place of their own")
  func places() {
    func measurement(_ promql: String, _ seconds: Int64 = 15) -> Measurement {
      Measurement(
        kind: .query(QueryMeasurement(source: .administrator(name: "default"), promql: promql)),
        interval: .seconds(seconds))
    }
    #expect(measurement("x") == measurement("x") && measurement("x").phase == measurement("x").phase)
    #expect(measurement("x") != measurement("y") && measurement("x") != measurement("x", 30))
    var tenths = [Int](repeating: 0, count: 10)
    for number in 0..<1_000 {
      let place = measurement("max(queue_length{deployment=\"web-\(number)\"})").phase / .milliseconds(1_500)
      tenths[Int(place)] += 1
    }
    #expect(tenths.allSatisfy { (70...130).contains($0) }, "\(tenths)")
  }
}
