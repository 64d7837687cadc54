package import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
package import Logging
import RollbackCore
import ServiceLifecycle
import Synchronization

/// Reads one measurement.
package protocol MeasurementReader: Sendable {
  /// - Parameters:
  ///   - since: from when on the past is wanted as well; `nil`: only now.
  ///   - most: so many samples are of use.
  func read(_ measurement: Measurement, since: Date?, most: Int) async -> MeasurementResult
}

/// Reads every measurement that is needed once per interval, spread over the interval.
///
/// A server that is slow keeps only its own measurements waiting: of one server few are read at once, and the others
/// stand in line, however many they are.
package final class Sampler: Service, CustomStringConvertible {
  /// Measurements read at once.
  static let workers = 32
  /// Of these the most of one server.
  static let workersPerServer = 8

  package var description: String { "Sampler" }

  package let book: SampleBook
  private let queue: WorkQueue<Measurement>
  private let reader: any MeasurementReader
  private let clock: any RuntimeClock
  private let onSample: @Sendable (NamespacedName) -> Void
  private let turns = Mutex(ServerTurns(limit: workersPerServer))

  /// - Parameter onSample: called when something may have to be decided anew about a workload.
  package init(
    book: SampleBook, reader: any MeasurementReader, clock: any RuntimeClock, logger: Logger,
    onSample: @escaping @Sendable (NamespacedName) -> Void
  ) {
    self.book = book
    self.reader = reader
    self.clock = clock
    self.onSample = onSample
    queue = WorkQueue(name: "sampling", clock: clock, logger: logger)
  }

  /// Takes down what the triggers of a pair need; what is new is read at once.
  package func arm(policyUID: String, workloadUID: String, workload: NamespacedName, _ needs: [SampleBook.Need]) {
    for measurement in book.arm(policyUID: policyUID, workloadUID: workloadUID, workload: workload, needs) {
      queue.add(measurement, .evaluate)
    }
  }

  /// Measurements that are read now or wait for their turn; not those whose time has not come.
  var pending: Int { queue.depth + queue.running + turns.withLock { $0.waiting } }

  package func run() async {
    await queue.run(workers: Self.workers) { await self.sample($0) }
  }

  private func sample(_ measurement: Measurement) async -> WorkOutcome {
    let (isNeeded, since, most) = book.need(measurement)
    guard isNeeded else {
      call(turns.withLock { $0.skip(measurement) })
      return .gone
    }
    // Who waits is called, and has no timer.
    guard turns.withLock({ $0.take(measurement) }) else { return .gone }
    let result = await reader.read(measurement, since: since, most: most)
      .current(measurement, now: clock.wallTime)
    call(turns.withLock { $0.give(measurement) })
    for workload in book.record(result, of: measurement) { onSample(workload) }
    return result.isFinal ? .gone : .again(after: untilNext(measurement))
  }

  private func call(_ measurement: Measurement?) {
    if let measurement { queue.add(measurement, .evaluate) }
  }

  /// The time until the measurement's place in the interval comes again; a place that is too near is passed over.
  private func untilNext(_ measurement: Measurement) -> Duration {
    let interval = max(measurement.interval.timeInterval, 0.1)
    let now = clock.wallTime.timeIntervalSince1970
    let phase = measurement.phase / .seconds(1)
    let passed = (now - phase).truncatingRemainder(dividingBy: interval)
    var wait = interval - (passed < 0 ? passed + interval : passed)
    if wait < interval / 4 { wait += interval }
    return .milliseconds(Int64((wait * 1_000).rounded(.up)))
  }
}
