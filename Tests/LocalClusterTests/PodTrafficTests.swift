import FoundationEssentials
import Testing

@testable import LocalCluster

@Suite("What a simulated pod has served")
struct PodTrafficTests {
  static let start = Date(timeIntervalSince1970: 1_700_000_000)

  static func traffic(_ behaviour: PodBehaviour, after steps: [Double]) -> PodTraffic {
    var traffic = PodTraffic(since: start)
    let timeline = ContainerTimeline(behaviour: behaviour, start: start)
    for seconds in steps { traffic.advance(to: start + seconds, timeline) }
    return traffic
  }

  /// Requests and failed ones, rounded to thousandths.
  static func counts(_ traffic: PodTraffic) -> [Double] {
    [traffic.requests, traffic.failed].map { ($0 * 1_000).rounded() / 1_000 }
  }

  @Test(
    "Requests are counted while the pod is ready, and errors once its signals show",
    arguments: [
      (PodBehaviour(), 10, [100, 0]),
      (PodBehaviour(readyAfter: .seconds(4)), 10, [60, 0]),
      (PodBehaviour(requestsPerSecond: 50, signals: PodSignals(errorRate: 0.08)), 10, [500, 40]),
      (PodBehaviour(requestsPerSecond: 0.01, signals: PodSignals(errorRate: 0.5)), 10, [0.1, 0.05]),
      (PodBehaviour(failAfter: .seconds(6), signals: PodSignals(errorRate: 0.5)), 10, [100, 20]),
      (PodBehaviour(kind: .crashLoop, failAfter: .seconds(6)), 10, [60, 0]),
      (PodBehaviour(kind: .unready), 10, [0, 0]),
      (PodBehaviour(kind: .unready, readyAfter: .seconds(1), failAfter: .seconds(3)), 10, [20, 0]),
      (PodBehaviour(), -5, [0, 0]),
    ] as [(PodBehaviour, Double, [Double])])
  func counted(behaviour: PodBehaviour, seconds: Double, expected: [Double]) {
    #expect(Self.counts(Self.traffic(behaviour, after: [seconds])) == expected)
    let steps = [0.3, 1.7, 5.9, 2, 6, 6, 9].filter { $0 < seconds } + [seconds]
    #expect(Self.counts(Self.traffic(behaviour, after: steps)) == expected)
  }

  @Test("Every request is in the bucket of its latency")
  func latency() {
    let slow = PodBehaviour(failAfter: .seconds(6), signals: PodSignals(latency: .seconds(3)))
    let traffic = Self.traffic(slow, after: [10])
    #expect(traffic.buckets.map { $0.rounded() } == [0, 0, 60, 0, 0, 0, 0, 0, 0, 40, 0, 0])
    #expect((traffic.seconds * 10).rounded() == 1_212)
    let endless = Self.traffic(PodBehaviour(signals: PodSignals(latency: .seconds(60))), after: [10])
    #expect(endless.buckets.last == 100)
  }
}
