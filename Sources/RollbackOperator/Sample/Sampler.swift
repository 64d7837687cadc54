package import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
package import Logging
import RollbackCore
import ServiceLifecycle
import Synchronization

/// Reads one measurement.
package protocol MeasurementReader: Sendable {
  /// - Parameter since: from when on the past is wanted as well; `nil`: only now.
  func read(_ measurement: Measurement, since: Date?) async -> MeasurementResult
}

/// Reads every measurement that is needed once per interval, spread over the interval.
///
/// A server that is slow keeps only its own measurements waiting: of one server few are read at once, and who does not
/// get his turn is queued again.
package final class Sampler: Service, CustomStringConvertible {
  /// Measurements read at once.
  static let workers = 32
  /// Of these the most of one server.
  static let workersPerServer = 8
  private static let turnDelay = Duration.milliseconds(50)

  package var description: String { "Sampler" }

  package let book: SampleBook
  private let queue: WorkQueue<Measurement>
  private let reader: any MeasurementReader
  private let clock: any RuntimeClock
  private let onSample: @Sendable (NamespacedName) -> Void
  private let busy = Mutex<[String: Int]>([:])

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
  var pending: Int { queue.depth + queue.running }

  package func run() async {
    await queue.run(workers: Self.workers) { await self.sample($0) }
  }

  private func sample(_ measurement: Measurement) async -> WorkOutcome {
    let (isNeeded, since) = book.need(measurement)
    guard isNeeded else { return .gone }
    guard take(measurement.server) else { return .again(after: Self.turnDelay) }
    let result = await reader.read(measurement, since: since).current(measurement, now: clock.wallTime)
    give(measurement.server)
    for workload in book.record(result, of: measurement) { onSample(workload) }
    return result.isFinal ? .gone : .again(after: untilNext(measurement))
  }

  private func take(_ server: String) -> Bool {
    busy.withLock { busy in
      guard busy[server, default: 0] < Self.workersPerServer else { return false }
      busy[server, default: 0] += 1
      return true
    }
  }

  private func give(_ server: String) {
    busy.withLock { busy in
      let left = (busy[server] ?? 1) - 1
      busy[server] = left > 0 ? left : nil
    }
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
