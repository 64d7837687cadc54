import ControllerRuntime
import FoundationEssentials
import Logging
import RollbackCore
import Synchronization
import TestSupport

@testable import RollbackOperator

/// Ten thousand policies of three triggers each that share their queries, armed as the operator arms them, and the
/// Prometheus that they ask, all in virtual time.
final class SharedFleet: Sendable {
  static let count = 10_000
  static let namespaces = 4
  static let interval = PolicyDuration.seconds(15)
  /// Two fleet queries of each namespace, and one that is the same in every policy.
  static let distinctQueries = 2 * namespaces + 1

  struct Request: Sendable {
    var at: Duration
    var query: String
    /// Whether it asks for the past.
    var isRange: Bool
  }

  private struct Log {
    var requests: [Request] = []
    var visits: [String] = []
    var missing: Set<String> = []
  }

  let clock = ManualClock(wallTime: testStart)
  let sampler: Sampler
  private let log: LogOwner

  /// What the server was asked and whom samples concern; apart, so that both sides of the sampler can have it.
  private final class LogOwner: Sendable {
    let log = Mutex(Log())
  }

  /// - Parameter trials: one of so many workloads is on trial; 0 for none.
  init(trials: Int) async throws {
    let (clock, log) = (clock, LogOwner())
    self.log = log
    let members = Dictionary(grouping: 0..<Self.count) { Self.namespace($0) }
    let prometheus = ScriptedPrometheus(clock: clock) { fields in
      let query = fields["query"] ?? ""
      let isRange = fields["start"] != nil
      let missing = log.log.withLock { log in
        log.requests.append(Request(at: clock.monotonicTime, query: query, isRange: isRange))
        return log.missing
      }
      if isRange { return ScriptedPrometheus.matrix() }
      let at = clock.wallTime.timeIntervalSince1970
      // A value that is never the same twice, and never a breach.
      let value = 0.01 + at.truncatingRemainder(dividingBy: 100) / 100_000
      guard let namespace = members.keys.first(where: { query.contains("\"\($0)\"") }) else {
        return ScriptedPrometheus.vector(("", "\(value)"), at: at)
      }
      let series = (members[namespace] ?? []).map(Self.name).filter { !missing.contains($0) }.map {
        #"{"metric":{"app":"\#($0)"},"value":[\#(at),"\#(value)"]}"#
      }
      return ScriptedPrometheus.success(
        #"{"resultType":"vector","result":[\#(series.joined(separator: ","))]}"#)
    }
    sampler = Sampler(
      book: SampleBook(), reader: QueryReader(prometheus: try prometheus.reader), clock: clock,
      logger: Logger(label: "test"), onSample: { name in log.log.withLock { $0.visits.append(name.name) } })
    let triggers = try Self.triggers()
    for number in 0..<Self.count {
      arm(number, triggers, isOnTrial: trials > 0 && number % trials == 0)
      // Other tests wait for sockets meanwhile.
      if number % 20 == 0 { await Task.yield() }
    }
  }

  /// Hands queries to the reader of Prometheus; nothing else is asked for here.
  private struct QueryReader: MeasurementReader {
    var prometheus: PrometheusReader

    func read(_ measurement: Measurement, since: Date?, most: Int) async -> MeasurementResult {
      guard case .query(let query) = measurement.kind else { return MeasurementResult(samples: []) }
      return await prometheus.read(query, interval: measurement.interval, since: since, most: most)
    }
  }

  static func name(_ number: Int) -> String { "web-\(number)" }
  static func namespace(_ number: Int) -> String { "team-\(number % namespaces)" }

  private static func triggers() throws -> [Trigger] {
    try [
      "sum by (app) (rate(errors{namespace=\"{{namespace}}\"}[1m]))",
      "max by (app) (latency{namespace=\"{{namespace}}\"})", "sum(rate(ingress_errors[1m]))",
    ].enumerated().map { index, promql in
      Trigger(
        name: "t\(index)", interval: interval,
        .query(
          QueryTrigger(
            promql: promql, criteria: Criteria(above: try Measure("5%")),
            fleet: index < 2 ? .init(label: "app") : nil)))
    }
  }

  private func arm(_ number: Int, _ triggers: [Trigger], isOnTrial: Bool) {
    let facts = Facts.healthy.revisions(.test(1, verdict: .good), .test(2, verdict: isOnTrial ? nil : .good)).with {
      $0.now = testStart
      $0.policy.spec.triggers = triggers
      $0.workload.namespace = Self.namespace(number)
      $0.workload.name = Self.name(number)
    }
    sampler.arm(
      policyUID: "policy-\(number)", workloadUID: "workload-\(number)",
      workload: NamespacedName(namespace: facts.workload.namespace, name: facts.workload.name),
      TriggerArming(administratorSources: ["default"]).needs(facts) ?? [])
  }

  /// Lets so much time pass, never while somebody reads.
  func pass(_ time: Duration) async {
    let end = clock.monotonicTime + time
    await settle()
    while clock.monotonicTime < end, !Task.isCancelled {
      clock.advance(by: .milliseconds(100))
      await settle()
    }
  }

  private func settle() async {
    // The timers sleep again once they have handed on what was due.
    repeat {
      await clock.waitForSleepers()
      for _ in 0..<20 { await Task.yield() }
    } while sampler.pending > 0 && !Task.isCancelled
  }

  /// Every request so far, in order.
  var requests: [Request] { log.log.withLock { $0.requests } }

  /// The workloads about which something may have had to be decided anew, each as often as that was so; from now on
  /// others are collected.
  func takeVisits() -> [String] {
    log.log.withLock { log in
      defer { log.visits = [] }
      return log.visits
    }
  }

  /// The server has no series of these from now on.
  func lose(_ names: Set<String>) { log.log.withLock { $0.missing = names } }

  func series(_ number: Int) -> [String: SampleSeries] {
    sampler.book.series(policyUID: "policy-\(number)", workloadUID: "workload-\(number)")
  }
}
