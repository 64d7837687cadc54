import ControllerRuntime
import FoundationEssentials
import RollbackCore
import Synchronization

/// Who wants which measurement, and what was read.
final class SampleBook: Sendable {
  /// A trigger of a policy for one workload.
  struct Reader: Hashable, Sendable {
    var policyUID: String
    var workloadUID: String
    var trigger: String
  }

  /// What a trigger needs now.
  struct Need: Sendable {
    var trigger: String
    /// The measurement, or why there is none.
    var measurement: Result<Measurement, SampleProblem>
    /// From when on its samples are needed; `nil`: only the newest.
    var since: Date?
    /// Whether every sample may change what is decided, not only one that says something new.
    var isWatched: Bool
  }

  fileprivate struct Subscription {
    var workload: NamespacedName
    var measurement: Measurement?
    var problem: SampleProblem?
    var since: Date?
    var isWatched: Bool
  }

  fileprivate struct Entry {
    var readers: Set<Reader> = []
    var series: SampleSeries
  }

  fileprivate struct Pair: Hashable {
    var policyUID: String
    var workloadUID: String
  }

  fileprivate struct State {
    var subscriptions: [Pair: [String: Subscription]] = [:]
    var entries: [Measurement: Entry] = [:]
    /// The policies that ask for a workload, by its UID.
    var policies: [String: Set<String>] = [:]
  }

  /// Samples kept per measurement.
  static let most = 5_000

  private let state = Mutex(State())

  /// Takes down what the triggers of a pair need now, in place of what they needed before.
  ///
  /// - Returns: the measurements that nobody needed before, or that must be read further back.
  func arm(policyUID: String, workloadUID: String, workload: NamespacedName, _ needs: [Need]) -> [Measurement] {
    state.withLock { state in
      let pair = Pair(policyUID: policyUID, workloadUID: workloadUID)
      let before = state.subscriptions[pair] ?? [:]
      var after: [String: Subscription] = [:]
      var new: [Measurement] = []
      for need in needs {
        var subscription = Subscription(workload: workload, since: need.since, isWatched: need.isWatched)
        let reader = Reader(policyUID: policyUID, workloadUID: workloadUID, trigger: need.trigger)
        switch need.measurement {
        case .success(let measurement):
          subscription.measurement = measurement
          let isNew = state.entries[measurement] == nil
          var entry = state.entries[measurement] ?? Entry(series: SampleSeries(hasHistory: measurement.hasHistory))
          entry.readers.insert(reader)
          state.entries[measurement] = entry
          if isNew || Self.lacksPast(entry.series, since: need.since) { new.append(measurement) }
        case .failure(let problem):
          subscription.problem = problem
        }
        after[need.trigger] = subscription
      }
      state.subscriptions[pair] = after.isEmpty ? nil : after
      state.note(pair)
      for (trigger, old) in before where old.measurement != after[trigger]?.measurement {
        let reader = Reader(policyUID: policyUID, workloadUID: workloadUID, trigger: trigger)
        state.leave(old.measurement, reader)
      }
      return new
    }
  }

  /// Nobody asks for this pair any more.
  func disarm(policyUID: String, workloadUID: String) {
    state.withLock { $0.remove(Pair(policyUID: policyUID, workloadUID: workloadUID)) }
  }

  func disarm(policyUID: String) {
    state.withLock { state in
      for pair in state.subscriptions.keys where pair.policyUID == policyUID { state.remove(pair) }
    }
  }

  /// - Parameter policies: UIDs of those that still ask for it.
  func disarm(workloadUID: String, except policies: Set<String> = []) {
    state.withLock { state in
      guard let known = state.policies[workloadUID] else { return }
      for policy in known.subtracting(policies) {
        state.remove(Pair(policyUID: policy, workloadUID: workloadUID))
      }
    }
  }

  /// What was sampled for a pair, by trigger.
  func series(policyUID: String, workloadUID: String) -> [String: SampleSeries] {
    state.withLock { state in
      let subscriptions = state.subscriptions[Pair(policyUID: policyUID, workloadUID: workloadUID)] ?? [:]
      return subscriptions.mapValues { subscription in
        if let problem = subscription.problem { return SampleSeries(problem: problem.cause) }
        return subscription.measurement.flatMap { state.entries[$0]?.series } ?? SampleSeries()
      }
    }
  }

  /// Whether anybody needs a measurement, and from when on its past.
  func need(_ measurement: Measurement) -> (isNeeded: Bool, since: Date?) {
    state.withLock { state in
      guard let entry = state.entries[measurement] else { return (false, nil) }
      let since = state.since(entry)
      return (true, Self.lacksPast(entry.series, since: since) ? since : nil)
    }
  }

  /// Takes a reading.
  ///
  /// - Returns: the workloads about which something may have to be decided anew.
  func record(_ result: MeasurementResult, of measurement: Measurement) -> [NamespacedName] {
    state.withLock { state in
      guard var entry = state.entries[measurement] else { return [] }
      let before = entry.series
      entry.series.add(result.samples)
      if let known = result.knownSince { entry.series.knownSince = min(known, before.knownSince ?? known) }
      entry.series.forget(
        before: state.since(entry) ?? entry.series.samples.last?.at ?? .distantPast, keeping: Self.most)
      state.entries[measurement] = entry
      let isNews = !entry.series.saysTheSame(as: before)
      var workloads: Set<NamespacedName> = []
      for reader in entry.readers {
        let pair = Pair(policyUID: reader.policyUID, workloadUID: reader.workloadUID)
        guard let subscription = state.subscriptions[pair]?[reader.trigger] else { continue }
        if isNews || subscription.isWatched { workloads.insert(subscription.workload) }
      }
      return workloads.sorted()
    }
  }

  /// Measurements that somebody needs.
  var count: Int { state.withLock { $0.entries.count } }

  private static func lacksPast(_ series: SampleSeries, since: Date?) -> Bool {
    guard series.hasHistory, let since else { return false }
    return series.knownSince.map { $0 > since } ?? true
  }
}

extension SampleBook.State {
  fileprivate mutating func remove(_ pair: SampleBook.Pair) {
    for (trigger, subscription) in subscriptions.removeValue(forKey: pair) ?? [:] {
      leave(
        subscription.measurement,
        SampleBook.Reader(policyUID: pair.policyUID, workloadUID: pair.workloadUID, trigger: trigger))
    }
    note(pair)
  }

  /// Keeps the index of policies by workload.
  fileprivate mutating func note(_ pair: SampleBook.Pair) {
    if subscriptions[pair] != nil {
      policies[pair.workloadUID, default: []].insert(pair.policyUID)
    } else if policies[pair.workloadUID]?.remove(pair.policyUID) != nil, policies[pair.workloadUID]?.isEmpty == true {
      policies[pair.workloadUID] = nil
    }
  }

  fileprivate mutating func leave(_ measurement: Measurement?, _ reader: SampleBook.Reader) {
    guard let measurement else { return }
    entries[measurement]?.readers.remove(reader)
    if entries[measurement]?.readers.isEmpty == true { entries[measurement] = nil }
  }

  /// From when on somebody needs the samples of an entry.
  fileprivate func since(_ entry: SampleBook.Entry) -> Date? {
    entry.readers.compactMap { reader in
      subscriptions[SampleBook.Pair(policyUID: reader.policyUID, workloadUID: reader.workloadUID)]?[reader.trigger]?
        .since
    }.min()
  }
}

/// Why a trigger cannot be sampled at all, in a sentence that says what to do.
struct SampleProblem: Error, Sendable, Hashable {
  var cause: String
}

extension Measurement {
  /// Whether its source keeps a past that can be read.
  var hasHistory: Bool {
    switch kind {
    case .query: true
    case .probe, .usage, .job, .value, .logs: false
    }
  }
}

extension SampleSeries {
  /// Whether two series end with the same kind of answer: what the newest value is matters only to those who watch.
  func saysTheSame(as other: SampleSeries) -> Bool {
    guard let last = samples.last, let before = other.samples.last else {
      return samples.isEmpty == other.samples.isEmpty
    }
    switch (last.outcome, before.outcome) {
    case (.value, .value): return true
    case (.check(let one, _, _), .check(let two, _, _)): return one == two
    case (.noData(let one), .noData(let two)), (.failed(let one), .failed(let two)): return one == two
    default: return false
    }
  }
}
