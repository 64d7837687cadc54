import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Logging
import RollbackCore
import RollbackOperator
import Synchronization

/// The operator's own sampler with a fleet of policies, armed as the operator arms them, and a metrics server.
struct SampledFleet {
  let fleet: PolicyFleet
  let facts: [Facts]
  let server: CountingMetricsServer
  let book = SampleBook()
  let sampler: Sampler
  /// How often a workload was to be looked at again because of a sample.
  let visits = Visits()

  final class Visits: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock { $0 } }
    func add() { number.withLock { $0 += 1 } }
  }

  /// - Parameter trials: one of so many workloads is on trial.
  init(_ fleet: PolicyFleet, trials: Int) throws {
    self.fleet = fleet
    let now = Date()
    facts = try (0..<fleet.count).map { try fleet.facts($0, now: now, isOnTrial: $0 % trials == 0) }
    server = CountingMetricsServer(fleet)
    let logger = Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }
    var configuration = OperatorConfiguration()
    configuration.sources = [
      MetricSource(name: "default", prometheus: .init(address: try OutboundURL("http://prometheus:9090")))
    ]
    // No source has a Secret, so that nothing is asked of an API server.
    let template = try ObjectTemplate("{}")
    let client = KubernetesClient(
      transport: GeneratedAPIServer(template, kind: "SecretList", count: 0, series: "none"), logger: logger)
    let visits = visits
    sampler = Sampler(
      book: book,
      reader: SampleReader(
        configuration, outbound: server, client: client, writer: client, clock: SystemClock()),
      clock: SystemClock(), logger: logger, onSample: { _ in visits.add() })
  }

  /// Arms all triggers as the visit of each workload does.
  func arm() {
    let arming = TriggerArming(administratorSources: ["default"])
    for facts in facts {
      sampler.arm(
        policyUID: facts.policy.uid, workloadUID: facts.workload.uid,
        workload: NamespacedName(namespace: facts.workload.namespace, name: facts.workload.name),
        arming.needs(facts) ?? [])
    }
  }

  /// Runs the sampler until the condition is met.
  func run(_ what: String, limit: Duration = .seconds(120), until isMet: @Sendable () -> Bool) async throws {
    try await withThrowingTaskGroup { group in
      group.addTask { await sampler.run() }
      do {
        try await wait(what, limit: limit, until: isMet)
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// How many triggers have a sample.
  var sampledTriggers: Int {
    facts.reduce(0) { count, facts in
      let series = book.series(policyUID: facts.policy.uid, workloadUID: facts.workload.uid)
      return count + series.values.count { !$0.samples.isEmpty }
    }
  }
}
