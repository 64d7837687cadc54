import ControllerRuntime
import FoundationEssentials
package import RollbackCore
import Synchronization

/// Who wants which measurement, and what was read.
package final class SampleBook: Sendable {
  /// A trigger of a policy for one workload.
  struct Reader: Hashable, Sendable {
    var policyUID: String
    var workloadUID: String
    var trigger: String
    var part = Part.now
  }

  /// What of a trigger is read.
  enum Part: Hashable, Sendable, CaseIterable {
    case now
    case baseline
    case anomaly
    case comparison
  }

  /// What a trigger needs now.
  package struct Need: Sendable {
    var trigger: String
    /// The measurement, or why there is none.
    var measurement: Result<Measurement, SampleProblem>
    /// From when on its samples are needed; `nil`: only the newest.
    var since: Date?
    /// Whose part of an answer for many is meant; empty: all of it.
    var subject = ""
    /// What it is compared with; `nil`: nothing, or no rollout is judged.
    var references: ReferenceNeed?
    /// Whether every sample may change what is decided, not only one that says something new.
    var isWatched: Bool
  }

  /// The measurements of the time before a rollout.
  struct ReferenceNeed: Sendable {
    /// Each with why there is none, if there is none.
    var measurements: [Part: Result<Measurement, SampleProblem>] = [:]
    /// Whether no revision has been proven good before, so that there may be no earlier values.
    var isFirst: Bool
    /// Samples from this time on are compared with those of the last good revision.
    var comparesSince: Date?
  }

  /// Samples kept of one measurement for one subject.
  static let most = 5_000
  /// So many are kept of each, however many measurements there are: more than a trial of 20 minutes takes that is
  /// sampled every 15 seconds.
  static let least = 100
  /// Samples kept of all measurements together, as far as each has ``least``: less than 100 MB.
  package static let budget = 3_000_000

  private let state: Mutex<State>

  /// - Parameter budget: samples kept of all measurements together, as far as each has ``least``.
  package init(budget: Int = SampleBook.budget) {
    state = Mutex(State(budget: budget))
  }

  /// Takes down what the triggers of a pair need now, in place of what they needed before.
  ///
  /// - Returns: the measurements that nobody needed before, or that must be read further back.
  func arm(policyUID: String, workloadUID: String, workload: NamespacedName, _ needs: [Need]) -> [Measurement] {
    state.withLock { state in
      let pair = PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)
      let before = state.subscriptions[pair] ?? [:]
      let after = Dictionary(needs.map { ($0.trigger, Subscription(workload, $0)) }) { $1 }
      var new: [Measurement] = []
      for (trigger, subscription) in after.sorted(by: { $0.key < $1.key }) {
        for (part, measurement) in subscription.measurements {
          let reader = Reader(policyUID: policyUID, workloadUID: workloadUID, trigger: trigger, part: part)
          if state.join(measurement, reader, subscription) { new.append(measurement) }
        }
      }
      state.subscriptions[pair] = after.isEmpty ? nil : after
      for (trigger, old) in before {
        let now = after[trigger]
        for (part, measurement) in old.measurements
        where now?.measurements[part] != measurement || now?.subject != old.subject {
          let reader = Reader(policyUID: policyUID, workloadUID: workloadUID, trigger: trigger, part: part)
          state.leave(measurement, reader, old.subject)
        }
      }
      return new
    }
  }

  /// Nobody asks for this pair any more.
  func disarm(policyUID: String, workloadUID: String) {
    state.withLock { $0.remove(PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)) }
  }

  func disarm(policyUID: String) {
    state.withLock { state in
      for pair in state.subscriptions.pairs(policyUID: policyUID) { state.remove(pair) }
    }
  }

  /// - Parameter policies: UIDs of those that still ask for it.
  func disarm(workloadUID: String, except policies: Set<String> = []) {
    state.withLock { state in
      for pair in state.subscriptions.pairs(workloadUID: workloadUID) where !policies.contains(pair.policyUID) {
        state.remove(pair)
      }
    }
  }

  /// What was sampled for a pair, by trigger.
  package func series(policyUID: String, workloadUID: String) -> [String: SampleSeries] {
    state.withLock { state in
      let subscriptions =
        state.subscriptions[PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)] ?? [:]
      return subscriptions.mapValues { subscription in
        if let problem = subscription.problem { return SampleSeries(problem: problem.cause) }
        var series =
          subscription.measurements[.now].flatMap { state.entries[$0]?.shares[subscription.subject]?.series }
          ?? SampleSeries()
        series.references = state.references(subscription)
        return series
      }
    }
  }

  /// Whether anybody needs a measurement, from when on its past, and how many samples of it are of use.
  func need(_ measurement: Measurement) -> (isNeeded: Bool, since: Date?, most: Int) {
    state.withLock { state in
      guard let entry = state.entries[measurement] else { return (false, nil, 0) }
      let lacking = entry.shares.values.compactMap { share in
        share.series.hasHistory ? state.since(share).flatMap { share.lacksPast(since: $0) ? $0 : nil } : nil
      }
      return (true, lacking.min(), state.most)
    }
  }

  /// Takes a reading.
  ///
  /// - Returns: the workloads about which something may have to be decided anew.
  func record(_ result: MeasurementResult, of measurement: Measurement) -> [NamespacedName] {
    state.withLock { state in
      guard let entry = state.entries[measurement] else { return [] }
      var workloads: Set<NamespacedName> = []
      let checks = measurement.failuresNeeded
      for (subject, share) in entry.shares {
        let before = SeriesEnd(share.series, checks: checks)
        let samples = result.bySubject[subject] ?? result.samples
        if measurement.isPast {
          share.replace(with: samples)
        } else {
          share.take(
            samples, of: measurement, since: state.since(share), knownSince: result.knownSince, keeping: state.most,
            checks: checks)
        }
        let isNews = SeriesEnd(share.series, checks: checks) != before
        for reader in share.readers {
          let pair = PolicyWorkload(policyUID: reader.policyUID, workloadUID: reader.workloadUID)
          guard let subscription = state.subscriptions[pair]?[reader.trigger] else { continue }
          if isNews || subscription.isWatched { workloads.insert(subscription.workload) }
        }
      }
      return workloads.sorted()
    }
  }

  /// Measurements that somebody needs.
  package var count: Int { state.withLock { $0.entries.count } }
}

/// Why a trigger cannot be sampled at all, in a sentence that says what to do.
struct SampleProblem: Error, Sendable, Hashable {
  var cause: String
}
