import ControllerRuntime
import FoundationEssentials
import RollbackCore

/// What is read at intervals. Triggers that ask for the same are served by one reading, whoever's they are.
package struct Measurement: Hashable, Sendable {
  var kind: Kind
  var interval: PolicyDuration

  /// Indirect, since one is kept in many places: as what is read, by everybody who needs it, and with its timer.
  indirect enum Kind: Hashable, Sendable {
    case query(QueryMeasurement)
    case past(PastMeasurement)
    case probe(ProbeMeasurement)
    case usage(UsageMeasurement)
    case job(JobMeasurement)
    case value(ValueMeasurement)
    case logs(LogsMeasurement)
  }

  /// Whom to leave alone when he is slow.
  var server: String {
    switch kind {
    case .query(let query): query.source.description
    case .past(let past): past.query.source.description
    case .probe(let probe): probe.probe.url ?? "Service \(probe.namespace)/\(probe.probe.service ?? "")"
    case .value(let value): value.value.url
    case .usage, .job, .logs: "the API server"
    }
  }

  /// How long one reading may take, as far as the policy says.
  var timeout: PolicyDuration? {
    switch kind {
    case .probe(let probe): probe.probe.timeout
    case .value(let value): value.value.timeout
    case .query, .past, .usage, .job, .logs: nil
    }
  }

  /// Where in each interval it is read: the same place in every operator process, so that one that takes over goes on
  /// where the other stopped.
  var phase: Duration {
    let share = Double(fingerprint % 1_000) / 1_000
    return .milliseconds(Int64(Double(interval.milliseconds) * share))
  }

  /// FNV-1a 64 of what is asked.
  private var fingerprint: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return hash ^ (hash >> 32)
  }

  private var text: String {
    switch kind {
    case .query(let query): query.promql
    case .past(let past): "\(past.query.promql) from \(past.start) to \(past.end)"
    case .probe(let probe): "\(probe)"
    case .usage(let usage): "\(usage)"
    case .job(let job): "\(job.pods) \(job.trigger) \(job.revision)"
    case .value(let value): "\(value)"
    case .logs(let logs): "\(logs)"
    }
  }
}

extension Measurement: CustomStringConvertible {
  package var description: String { "\(text.prefix(80)) of \(server)" }
}

/// A PromQL query with every placeholder in its place.
struct QueryMeasurement: Hashable, Sendable {
  var source: SourceReference
  var promql: String
  var minSamples: MinSamples?
  var reduce: QueryTrigger.Reduction?
  /// The label whose value says whose a series is; `nil`: the answer is for one.
  var fleetLabel: String?

  struct MinSamples: Hashable, Sendable {
    var promql: String
    var atLeast: Measure
  }
}

/// The answers that a query would have given at each step of a time that is over. It is read once.
struct PastMeasurement: Hashable, Sendable {
  /// The most points that are asked for.
  static let mostPoints: Int64 = 1_000

  var query: QueryMeasurement
  var start: Date
  var end: Date
  var step: PolicyDuration

  init(_ query: QueryMeasurement, until end: Date, window: PolicyDuration, interval: PolicyDuration) {
    self.query = query
    start = end.addingTimeInterval(-window.timeInterval)
    self.end = end
    step = max(interval, PolicyDuration(milliseconds: window.milliseconds / (Self.mostPoints - 1) + 1))
  }
}

/// A request to a workload's clients' side.
struct ProbeMeasurement: Hashable, Sendable {
  var namespace: String
  var probe: ProbeTrigger
}

/// A number of a JSON document.
struct ValueMeasurement: Hashable, Sendable {
  var namespace: String
  var value: ValueTrigger
}

/// The resources that the pods of one revision use.
struct UsageMeasurement: Hashable, Sendable {
  var pods: RevisionPods
  var resource: UsageTrigger.Resource
  var container: String?
  /// Whether a share of the container's limit is wanted, not bytes or cores.
  var isShare: Bool
}

/// The lines that the pods of one revision write.
struct LogsMeasurement: Hashable, Sendable {
  var pods: RevisionPods
  var container: String?
  var pattern: String
}

/// The smoke test of one rollout.
struct JobMeasurement: Hashable, Sendable {
  var pods: RevisionPods
  /// The number of the revision, so that one that is rolled out again is tested again.
  var revision: Int64
  var policy: EventSpec.PolicyReference
  var trigger: String
  var job: JobTrigger
  /// The ReplicaSet of the revision: with it goes the Job.
  var owner: Owner
  /// Why the test may not begin yet; `nil` when it may. One that has begun is read all the same.
  var wait: Wait?

  struct Owner: Hashable, Sendable {
    var name: String
    var uid: String
  }

  enum Wait: Hashable, Sendable {
    case rollout
    /// In mode Observe nothing but the operator's own kinds is changed.
    case observing
    /// The revision is neither on trial nor just returned to.
    case notDue
  }
}

/// Where a policy's metrics come from.
enum SourceReference: Hashable, Sendable, CustomStringConvertible {
  /// One of the operator's configuration.
  case administrator(name: String)
  /// One of a policy: its address is its author's word, its Secrets are of its namespace.
  case policy(namespace: String, PolicySource)

  var description: String {
    switch self {
    case .administrator(let name): "source \(name) of the operator's configuration"
    case .policy(let namespace, let source): "source \(source.name) of namespace \(namespace)"
    }
  }
}
