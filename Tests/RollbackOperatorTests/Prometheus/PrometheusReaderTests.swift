import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("A metrics server is asked for now and for the past")
struct PrometheusReaderTests {
  typealias Answer = ScriptedPrometheus.Answer
  private static let now = ManualClock().wallTime.timeIntervalSince1970

  private static func query(
    reduce: QueryTrigger.Reduction? = nil, fleet: String? = nil, minSamples: Bool = false
  ) -> QueryMeasurement {
    QueryMeasurement(
      source: .administrator(name: "default"), promql: "up{a=\"b&c\"}",
      minSamples: minSamples ? .init(promql: "traffic", atLeast: Measure(50)) : nil, reduce: reduce, fleetLabel: fleet)
  }

  private func read(
    _ query: QueryMeasurement, since: Date? = nil, _ respond: @escaping @Sendable ([String: String]) -> Answer
  ) async throws -> MeasurementResult {
    try await ScriptedPrometheus(respond: respond).reader.read(query, interval: .seconds(10), since: since)
  }

  private func outcome(_ answer: Answer, _ query: QueryMeasurement = query()) async throws -> Sample.Outcome? {
    try await read(query) { _ in answer }.samples.last?.outcome
  }

  @Test("One number is one sample, of the moment that the server says, also when its clock is an hour off")
  func instant() async throws {
    for at in [Self.now, Self.now - 3_600, Self.now + 3_600] {
      let answer = ScriptedPrometheus.vector(("", "0.25"), at: at)
      let result = try await read(Self.query()) { fields in
        fields == ["query": "up{a=\"b&c\"}"] ? answer : .body("", status: 400)
      }
      #expect(result.samples == [Sample(at: Date(timeIntervalSince1970: at), .value(0.25))])
      let trigger = Trigger(name: "a", .query(QueryTrigger(promql: "up", criteria: Criteria(above: Measure(0)))))
      let reading = Evaluation.read(
        trigger, workload: Facts.healthy.workload, pods: nil, series: SampleSeries(samples: result.samples),
        now: Date(timeIntervalSince1970: Self.now))
      #expect(reading.isUnknown == (at != Self.now))
    }
  }

  @Test("NaN and infinity are values of which nothing follows, nothing at all is no data")
  func numbers() async throws {
    guard case .value(let nan) = try await outcome(ScriptedPrometheus.vector(("", "NaN"), at: Self.now)) else {
      Issue.record("NaN is no value")
      return
    }
    #expect(nan.isNaN)
    #expect(try await outcome(ScriptedPrometheus.vector(("", "+Inf"), at: Self.now)) == .value(.infinity))
    guard case .noData = try await outcome(ScriptedPrometheus.vector(at: Self.now)) else {
      Issue.record("an empty answer was judged")
      return
    }
  }

  static let wrong: [(answer: Answer, says: String)] = [
    (ScriptedPrometheus.vector((#""a":"1""#, "1"), (#""a":"2""#, "2"), at: now), "set reduce to Max"),
    (
      ScriptedPrometheus.success(#"{"resultType":"vector","result":[]}"#, more: #","warnings":["partial"]"#),
      "source default"
    ),
    (.body("<html>Sign in</html>"), "source default"), (.body("", status: 429), "source default"),
    (.body("{", status: 200), "source default"), (.body("no", status: 503), "source default"),
    (.body(#"{"status":"error","errorType":"bad_data","error":"secret"}"#, status: 400), "source default"),
    (ScriptedPrometheus.matrix(("", [(now, "1")])), "source default"),
  ]

  @Test("Everything but a whole answer is a failure that says so, and shows nothing of what came", arguments: wrong)
  func failures(answer: Answer, says: String) async throws {
    guard case .failed(let cause) = try await outcome(answer) else {
      Issue.record("it was judged")
      return
    }
    #expect(cause.contains(says) && !cause.contains("secret") && !cause.contains("Sign in"))
  }

  @Test("Several series become one number as the policy says", arguments: QueryTrigger.Reduction.allCases)
  func reduces(reduce: QueryTrigger.Reduction) async throws {
    let answer = ScriptedPrometheus.vector((#""a":"1""#, "1"), (#""a":"2""#, "3"), at: Self.now)
    let expected: Double =
      switch reduce {
      case .max: 3
      case .min: 1
      case .sum: 4
      case .average: 2
      }
    #expect(try await outcome(answer, Self.query(reduce: reduce)) == .value(expected))
  }

  @Test("The past is read at the steps that end with the newest sample, and a past that fails is asked for again")
  func past() async throws {
    let since = Date(timeIntervalSince1970: Self.now - 25)
    let result = try await read(Self.query(), since: since) { fields in
      guard let start = fields["start"] else { return ScriptedPrometheus.vector(("", "5"), at: Self.now) }
      guard start == "\(Int(Self.now) - 20)", fields["end"] == "\(Int(Self.now))", fields["step"] == "10" else {
        return .body("", status: 400)
      }
      return ScriptedPrometheus.matrix(("", [(Self.now - 20, "3"), (Self.now - 10, "NaN"), (Self.now, "5")]))
    }
    #expect(result.samples.count == 3 && result.samples.first?.outcome == .value(3))
    #expect(result.knownSince == since)
    let half = try await read(Self.query(), since: since) { fields in
      fields["start"] == nil ? ScriptedPrometheus.vector(("", "5"), at: Self.now) : .body("", status: 429)
    }
    #expect(half.samples.count == 1 && half.knownSince == nil)
  }

  @Test("A past of more values than are of use is read in longer steps")
  func longPast() async throws {
    let server = ScriptedPrometheus { fields in
      fields["start"] == nil ? ScriptedPrometheus.vector(("", "5"), at: Self.now) : ScriptedPrometheus.matrix()
    }
    let since = Date(timeIntervalSince1970: Self.now - 1_000)
    _ = try await server.reader.read(Self.query(), interval: .seconds(10), since: since, most: 11)
    _ = try await server.reader.read(Self.query(), interval: .seconds(10), since: since)
    let steps = server.requests.compactMap { $0["step"] }.compactMap { Double($0) }
    #expect(steps.count == 2 && steps[0] > 100 && steps[0] < 101 && steps[1] == 10)
  }

  @Test("A time before the rollout is one request, and final once it says something or is long over")
  func reference() async throws {
    let end = Date(timeIntervalSince1970: Self.now - 10)
    func result(_ answer: Answer, until: Date = end) async throws -> (MeasurementResult, [[String: String]]) {
      let server = ScriptedPrometheus { _ in answer }
      let past = PastMeasurement(Self.query(), until: until, window: .minutes(1_440), interval: .seconds(10))
      return (try await server.reader.read(past), server.requests)
    }
    let (whole, requests) = try await result(
      ScriptedPrometheus.matrix(("", [(Self.now - 30, "3"), (Self.now - 20, "4")])))
    #expect(whole.isFinal && whole.samples.map(\.outcome) == [.value(3), .value(4)])
    #expect(requests.count == 1 && (Double(requests[0]["step"] ?? "") ?? 0) >= 86.4)
    #expect(try await !result(ScriptedPrometheus.matrix()).0.isFinal)
    #expect(try await result(ScriptedPrometheus.matrix(), until: end - 600).0.isFinal)
    let (failed, _) = try await result(.body("", status: 503))
    guard case .failed = failed.samples.last?.outcome, !failed.isFinal else {
      Issue.record("a failure was taken for the past")
      return
    }
  }

  @Test("The answer for a fleet is divided by the label, each target judged on its own series and traffic")
  func fleet() async throws {
    let result = try await read(Self.query(fleet: "app", minSamples: true), since: .distantPast) { fields in
      guard fields["start"] == nil else { return .body("", status: 503) }
      return fields["query"] == "traffic"
        ? ScriptedPrometheus.vector((#""app":"a""#, "90"), (#""app":"b""#, "9"), at: Self.now)
        : ScriptedPrometheus.vector(
          (#""app":"a""#, "1"), (#""app":"b""#, "2"), (#""app":"c","x":"1""#, "3"), (#""app":"c","x":"2""#, "4"),
          (#""x":"1""#, "7"), at: Self.now)
    }
    #expect(result.bySubject["a"]?.map(\.outcome) == [.value(1)])
    guard case .noData(let few) = result.bySubject["b"]?.last?.outcome,
      case .failed(let many) = result.bySubject["c"]?.last?.outcome,
      case .noData(let rest) = result.samples.last?.outcome
    else {
      Issue.record("\(result)")
      return
    }
    #expect(few.contains("only 9 samples") && many.contains("2 series") && rest.contains("label app"))
    #expect(Set(result.bySubject.keys) == ["a", "b", "c"])
    guard
      case .failed(let cause) = try await outcome(
        ScriptedPrometheus.vector((#""x":"1""#, "7"), at: Self.now), Self.query(fleet: "app"))
    else {
      Issue.record("an answer without the label was judged")
      return
    }
    #expect(cause.contains("sum by (app)"))
  }
}
