import ControllerRuntime
import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("What many triggers ask for is read once", .timeLimit(.minutes(2)))
struct SampleBookTests {
  private static func measurement(_ promql: String, fleet: String? = nil) -> Measurement {
    Measurement(
      kind: .query(
        QueryMeasurement(source: .administrator(name: "default"), promql: promql, fleetLabel: fleet)),
      interval: .seconds(15))
  }

  private static func past(_ promql: String) -> Measurement {
    guard case .query(let query) = measurement(promql).kind else { return measurement(promql) }
    return Measurement(
      kind: .past(PastMeasurement(query, until: testStart, window: .minutes(30), interval: .seconds(15))),
      interval: .seconds(15))
  }

  private func arm(_ book: SampleBook, _ workload: String, _ need: SampleBook.Need) -> [Measurement] {
    book.arm(
      policyUID: "p", workloadUID: workload, workload: NamespacedName(namespace: "shop", name: workload), [need])
  }

  @Test("A target of a fleet gets its own series, one without a series is told so, and a newcomer waits for his turn")
  func fleet() throws {
    let book = SampleBook()
    let fleet = Self.measurement("sum by (app) (x)", fleet: "app")
    func need(_ name: String) -> SampleBook.Need {
      SampleBook.Need(trigger: "t", measurement: .success(fleet), since: nil, subject: name, isWatched: true)
    }
    #expect(arm(book, "a", need("a")) == [fleet])
    #expect(arm(book, "b", need("b")).isEmpty && book.count == 1)
    // Rolled out at the same time, all wait for the next reading with their past.
    func needsPast(_ name: String) -> SampleBook.Need {
      var need = need(name)
      need.since = testStart
      return need
    }
    for name in ["a", "b"] { #expect(arm(book, name, needsPast(name)).isEmpty && book.need(fleet).since == testStart) }
    let result = MeasurementResult(
      samples: [Sample(at: testStart, .noData("none"))], bySubject: ["a": [Sample(at: testStart, .value(7))]])
    #expect(book.record(result, of: fleet).map(\.name) == ["a", "b"])
    #expect(book.series(policyUID: "p", workloadUID: "a")["t"]?.samples.last?.outcome == .value(7))
    #expect(book.series(policyUID: "p", workloadUID: "b")["t"]?.samples.last?.outcome == .noData("none"))
    book.disarm(policyUID: "p", workloadUID: "a")
    #expect(book.count == 1)
    book.disarm(policyUID: "p")
    #expect(book.count == 0)
  }

  @Test("References are read once, shared, replaced when they are read again, and let go with the rollout")
  func references() throws {
    let book = SampleBook()
    let (now, past) = (Self.measurement("x"), Self.past("x"))
    func need(isFirst: Bool = false, _ isJudged: Bool = true) -> SampleBook.Need {
      SampleBook.Need(
        trigger: "t", measurement: .success(now), since: nil,
        references: isJudged
          ? .init(measurements: [.baseline: .success(past), .anomaly: .success(past)], isFirst: isFirst) : nil,
        isWatched: true)
    }
    func baseline() -> References.Reference? {
      book.series(policyUID: "p", workloadUID: "a")["t"]?.references?.baseline
    }
    #expect(Set(arm(book, "a", need())) == [now, past])
    #expect(arm(book, "b", need()).isEmpty && arm(book, "a", need()).isEmpty)
    #expect(baseline() == .pending)
    _ = book.record(.failed("down", at: testStart), of: past)
    guard case .failed(let cause) = baseline() else {
      Issue.record("\(String(describing: baseline()))")
      return
    }
    #expect(cause.contains("down"))
    let values = [1.0, 2].enumerated().map { Sample(at: testStart.addingTimeInterval(Double($0)), .value($1)) }
    #expect(book.record(MeasurementResult(samples: values), of: past).count == 2)
    #expect(baseline() == .values([1, 2]))
    _ = book.record(MeasurementResult(samples: [Sample(at: testStart, .noData("nothing"))]), of: past)
    _ = arm(book, "a", need(isFirst: true))
    #expect(baseline() == .first)
    _ = arm(book, "a", need(false))
    #expect(book.series(policyUID: "p", workloadUID: "a")["t"]?.references == nil)
    #expect(book.count == 2)
    _ = arm(book, "b", need(false))
    #expect(book.count == 1)
  }

  @Test("The more is measured, the fewer samples are kept of each, and a longer past is not asked for")
  func budget() throws {
    let book = SampleBook(budget: 3_000)
    let fleet = Self.measurement("sum by (app) (x)", fleet: "app")
    func arm(_ names: Range<Int>) {
      for number in names {
        _ = self.arm(
          book, "\(number)",
          SampleBook.Need(
            trigger: "t", measurement: .success(fleet), since: testStart, subject: "\(number)", isWatched: false))
      }
    }
    func record(_ seconds: Range<Int>) {
      for second in seconds {
        let sample = Sample(at: testStart.addingTimeInterval(Double(second)), .value(1))
        _ = book.record(
          MeasurementResult(samples: [sample], knownSince: second == 0 ? testStart : nil), of: fleet)
      }
    }
    func kept(_ number: Int) -> [Sample] {
      book.series(policyUID: "p", workloadUID: "\(number)")["t"]?.samples ?? []
    }
    arm(0..<10)
    #expect(book.need(fleet).most == 300)
    record(0..<400)
    #expect(kept(3).count == 300 && kept(3).last?.at == testStart.addingTimeInterval(399))
    arm(10..<60)
    #expect(book.need(fleet).most == SampleBook.least)
    record(400..<401)
    #expect(kept(3).count == SampleBook.least && kept(3).last?.at == testStart.addingTimeInterval(400))
    for number in 10..<60 { book.disarm(policyUID: "p", workloadUID: "\(number)") }
    #expect(book.need(fleet).most == 300)
    #expect(SampleBook(budget: 10_000_000).need(fleet).most == 0)
  }

  @Test("A past that does not come is asked for once at once, and then with each reading")
  func missingPast() {
    let book = SampleBook()
    let query = Self.measurement("x")
    func arm(_ seconds: TimeInterval?, by workload: String = "a") -> Bool {
      !self.arm(
        book, workload,
        SampleBook.Need(
          trigger: "t", measurement: .success(query), since: seconds.map(testStart.addingTimeInterval), isWatched: true)
      ).isEmpty
    }
    func record(_ seconds: TimeInterval, knownSince: TimeInterval? = nil, _ outcome: Sample.Outcome = .value(1)) {
      let result = MeasurementResult(
        samples: [Sample(at: testStart.addingTimeInterval(seconds), outcome)],
        knownSince: knownSince.map(testStart.addingTimeInterval))
      _ = book.record(result, of: query)
    }
    #expect(arm(nil))
    record(60)
    #expect(arm(30))
    record(61)
    #expect(!arm(30) && !arm(nil, by: "b") && !arm(31) && !arm(30))
    #expect(book.need(query).since == testStart.addingTimeInterval(30))
    // Who needs more is served at once, and so is who needs it after it had come.
    #expect(arm(20) && !arm(20))
    record(62, knownSince: 20)
    #expect(!arm(20) && book.need(query).since == nil)
    #expect(!arm(nil))
    for seconds in [70.0, 71, 72] { record(seconds) }
    #expect(arm(65))
    record(80, knownSince: 65)
    #expect(!arm(65) && book.need(query).since == nil)
    // What a source that failed for long has known meanwhile is asked for.
    for seconds in [100.0, 200] { record(seconds, .failed("refused")) }
    #expect(!arm(65))
    record(300)
    #expect(book.need(query).since == testStart.addingTimeInterval(65))
    record(315, knownSince: 65)
    #expect(book.need(query).since == nil)
  }

  @Test("Ten thousand policies that go one by one take only their own with them")
  func departures() {
    let book = SampleBook()
    let shared = Self.measurement("sum(x)")
    for number in 0..<10_000 {
      _ = book.arm(
        policyUID: "p\(number)", workloadUID: "w\(number)",
        workload: NamespacedName(namespace: "shop", name: "web-\(number)"),
        [SampleBook.Need(trigger: "t", measurement: .success(shared), since: nil, isWatched: true)])
    }
    _ = book.record(MeasurementResult(samples: [Sample(at: testStart, .value(1))]), of: shared)
    for number in 0..<10_000 where number != 4_711 {
      number % 2 == 0 ? book.disarm(policyUID: "p\(number)") : book.disarm(workloadUID: "w\(number)")
    }
    #expect(book.record(MeasurementResult(samples: []), of: shared).map(\.name) == ["web-4711"])
    #expect(book.series(policyUID: "p4711", workloadUID: "w4711")["t"]?.samples.count == 1)
    book.disarm(policyUID: "p4711")
    #expect(book.count == 0)
  }
}
