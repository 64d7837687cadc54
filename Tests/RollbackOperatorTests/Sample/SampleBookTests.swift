import ControllerRuntime
import FoundationEssentials
import Logging
import RollbackCore
import Synchronization
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

  /// Answers at once, and counts.
  private final class CountingReader: MeasurementReader {
    private let asked = Mutex<[Measurement: Int]>([:])
    let clock: ManualClock

    init(clock: ManualClock) { self.clock = clock }

    var counts: [Measurement: Int] { asked.withLock { $0 } }

    func read(_ measurement: Measurement, since: Date?) async -> MeasurementResult {
      asked.withLock { $0[measurement, default: 0] += 1 }
      return MeasurementResult(
        samples: [Sample(at: clock.wallTime, .value(1))], knownSince: since, isFinal: measurement.isPast)
    }
  }

  @Test("Ten thousand policies with three triggers each that share their queries are at most 30 requests an interval")
  func sharing() async throws {
    let clock = ManualClock()
    let reader = CountingReader(clock: clock)
    let sampler = Sampler(
      book: SampleBook(), reader: reader, clock: clock, logger: Logger(label: "test"), onSample: { _ in })
    let rollout = clock.wallTime.addingTimeInterval(-60)
    for number in 0..<10_000 {
      let name = "web-\(number)"
      let needs = (0..<3).map { index in
        let measurement = Self.measurement("sum by (app) (x\(index))", fleet: "app")
        // One in ten is on trial.
        return SampleBook.Need(
          trigger: "t\(index)", measurement: .success(measurement), since: number % 10 == 0 ? rollout : nil,
          subject: name,
          references: number % 10 == 0
            ? .init(measurements: [.baseline: .success(Self.past("x\(index)"))], isFirst: false) : nil,
          isWatched: number % 10 == 0)
      }
      sampler.arm(
        policyUID: "p\(number)", workloadUID: name, workload: NamespacedName(namespace: "shop", name: name), needs)
    }
    let running = Task { await sampler.run() }
    var last = 0
    for _ in 0..<4 {
      let end = clock.monotonicTime + .seconds(15)
      await clock.advance(atMost: .seconds(15)) { clock.monotonicTime >= end }
      let total = reader.counts.values.reduce(0, +)
      #expect(total - last <= 30)
      last = total
    }
    running.cancel()
    await running.value
    #expect(reader.counts.count == 6)
    for (measurement, count) in reader.counts {
      #expect(measurement.isPast ? count == 1 : (2...8).contains(count), "\(measurement): \(count)")
    }
  }
}
