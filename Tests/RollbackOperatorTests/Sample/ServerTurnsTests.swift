import ControllerRuntime
import FoundationEssentials
import Logging
import RollbackCore
import Synchronization
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Of one server few measurements are read at once", .timeLimit(.minutes(2)))
struct ServerTurnsTests {
  private static func measurement(_ number: Int, of source: String = "slow") -> Measurement {
    Measurement(
      kind: .query(QueryMeasurement(source: .administrator(name: source), promql: "x\(number)")), interval: .seconds(15)
    )
  }

  @Test("Who has no turn is called in the order in which he came, once, and when a place is free")
  func order() {
    var turns = ServerTurns(limit: 2)
    let all = (0..<5).map { Self.measurement($0) }
    var taken = all.map { turns.take($0) }
    #expect(taken == [true, true, false, false, false])
    taken = [turns.take(all[2]), turns.take(Self.measurement(0, of: "other"))]
    #expect(taken == [false, true] && turns.waiting == 3)
    var called = [turns.give(all[0])]
    taken = [turns.take(all[2])]
    called += [turns.give(all[1])]
    // Nobody needs the one that was called any more.
    called += [turns.skip(all[3])]
    taken += [turns.take(all[4])]
    #expect(called == [all[2], all[3], all[4]] && taken == [true, true] && turns.waiting == 0)
    called = [turns.give(all[2]), turns.give(all[4])]
    #expect(called == [nil, nil])
  }

  @Test("A turn that is not taken up is passed on while all places are taken, and afterwards")
  func passedOn() {
    var turns = ServerTurns(limit: 1)
    let all = (0..<4).map { Self.measurement($0) }
    var taken = all.map { turns.take($0) }
    #expect(taken == [true, false, false, false])
    var called = [turns.skip(all[3]), turns.give(all[0])]
    // Another one was faster: who was called stands in line again.
    taken = [turns.take(all[0]), turns.take(all[1])]
    #expect(called == [nil, all[1]] && taken == [true, false])
    called = [turns.give(all[0]), turns.skip(all[2]), turns.skip(all[3])]
    taken = [turns.take(all[1])]
    #expect(called == [all[2], all[3], all[1]] && taken == [true])
  }

  /// Answers when it is told to.
  private final class HeldReader: MeasurementReader {
    private let count = Mutex((begun: 0, most: 0, reading: 0, read: [Measurement: Int]()))
    private let isOpen = Mutex(false)

    var begun: Int { count.withLock { $0.begun } }
    var most: Int { count.withLock { $0.most } }
    var read: [Measurement: Int] { count.withLock { $0.read } }

    func open() { isOpen.withLock { $0 = true } }

    func read(_ measurement: Measurement, since: Date?, most: Int) async -> MeasurementResult {
      let isSlow = measurement.server.contains("slow")
      count.withLock { count in
        count.begun += 1
        count.reading += isSlow ? 1 : 0
        count.most = max(count.most, count.reading)
      }
      while isSlow, !isOpen.withLock({ $0 }), !Task.isCancelled { await Task.yield() }
      count.withLock { count in
        count.reading -= isSlow ? 1 : 0
        count.read[measurement, default: 0] += 1
      }
      return MeasurementResult(samples: [Sample(at: testStart, .value(1))], isFinal: true)
    }
  }

  @Test("A server that does not answer keeps only its own waiting, and nobody asks again and again whether it does")
  func slowServer() async throws {
    let (clock, reader) = (ManualClock(), HeldReader())
    let sampler = Sampler(
      book: SampleBook(), reader: reader, clock: clock, logger: Logger(label: "test"), onSample: { _ in })
    func arm(_ number: Int, _ measurement: Measurement) {
      sampler.arm(
        policyUID: "p", workloadUID: "\(measurement)",
        workload: NamespacedName(namespace: "shop", name: "web"),
        [SampleBook.Need(trigger: "t", measurement: .success(measurement), since: nil, isWatched: false)])
    }
    for number in 0..<1_000 { arm(number, Self.measurement(number)) }
    let quick = Self.measurement(0, of: "quick")
    arm(1_000, quick)
    let running = Task { await sampler.run() }
    defer { running.cancel() }
    while reader.read[quick] == nil || reader.begun < Sampler.workersPerServer + 1 { await Task.yield() }
    #expect(reader.begun == Sampler.workersPerServer + 1)
    reader.open()
    while sampler.pending > 0 { await Task.yield() }
    #expect(reader.read.count == 1_001 && reader.read.values.allSatisfy { $0 == 1 })
    #expect(reader.most == Sampler.workersPerServer)
    // Whoever waits has no timer.
    #expect(clock.slept.isEmpty)
  }
}
