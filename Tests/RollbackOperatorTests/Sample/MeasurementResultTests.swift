import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("A source's clock that is wrong")
struct MeasurementResultTests {
  private static let query = QueryMeasurement(source: .administrator(name: "default"), promql: "up")
  private static let measurement = Measurement(kind: .query(query), interval: .seconds(10))

  private static func breach(at seconds: TimeInterval) -> Sample {
    Sample(at: testStart.addingTimeInterval(seconds), .value(9))
  }

  @Test("What is about now, and what came before it, is taken as it is", arguments: [-20.0, 0, 20])
  func right(offset: TimeInterval) {
    let samples = [Self.breach(at: offset - 600), Self.breach(at: offset)]
    let result = MeasurementResult(samples: samples, bySubject: ["web": samples], knownSince: testStart)
    let current = result.current(Self.measurement, now: testStart)
    #expect(current.samples == samples && current.bySubject == ["web": samples] && current.knownSince == testStart)
  }

  @Test("What is of another time is a failed reading of now", arguments: [-3_600.0, -21, 21, 3_600])
  func wrong(offset: TimeInterval) {
    let result = MeasurementResult(
      samples: [Self.breach(at: 0)], bySubject: ["web": [Self.breach(at: offset)]], knownSince: testStart)
    let current = result.current(Self.measurement, now: testStart)
    #expect(current.samples == [Self.breach(at: 0)] && current.knownSince == nil)
    #expect(current.bySubject["web"]?.map(\.at) == [testStart])
    guard case .failed(let cause) = current.bySubject["web"]?.first?.outcome else {
      Issue.record("\(current.bySubject)")
      return
    }
    #expect(cause.contains("clock is"))
  }

  @Test("A time before the rollout is over, and none the worse for it")
  func past() {
    let past = PastMeasurement(Self.query, until: testStart, window: .minutes(5), interval: .seconds(10))
    let result = MeasurementResult(samples: [Self.breach(at: -3_600)])
    let measurement = Measurement(kind: .past(past), interval: .seconds(10))
    #expect(result.current(measurement, now: testStart).samples == result.samples)
  }

  @Test("A clock that goes back an hour does not make a breach last an hour")
  func breachKeepsItsBeginning() {
    let trigger = Trigger(
      name: "errors", interval: .seconds(10), for: .minutes(30),
      .query(QueryTrigger(promql: "up", criteria: Criteria(above: Measure(5)))))
    var series = SampleSeries(hasHistory: true)
    series.knownSince = testStart.addingTimeInterval(-600)
    series.add([Self.breach(at: 60)])
    for (seconds, at) in [(70.0, -3_530.0), (80, 80)] {
      let result = MeasurementResult(samples: [Self.breach(at: at)])
      series.add(result.current(Self.measurement, now: testStart.addingTimeInterval(seconds)).samples)
    }
    let facts = Facts.healthy.at(80).policy { $0.triggers = [trigger] }.with { $0.samples = ["errors": series] }
    let verdict = Evaluation.verdicts(facts, trialStart: testStart, wasBreached: false).first
    #expect(verdict?.status.state == .breaching && verdict?.precedesRollout == false)
    #expect(verdict?.status.since == testStart.addingTimeInterval(60))
  }
}
