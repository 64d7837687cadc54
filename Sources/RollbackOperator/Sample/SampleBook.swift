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

  /// Samples kept per measurement.
  static let most = 5_000

  private let state = Mutex(State())

  package init() {}

  /// Takes down what the triggers of a pair need now, in place of what they needed before.
  ///
  /// - Returns: the measurements that nobody needed before, or that must be read further back.
  func arm(policyUID: String, workloadUID: String, workload: NamespacedName, _ needs: [Need]) -> [Measurement] {
    state.withLock { state in
      let pair = Pair(policyUID: policyUID, workloadUID: workloadUID)
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
      state.note(pair)
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
  package func series(policyUID: String, workloadUID: String) -> [String: SampleSeries] {
    state.withLock { state in
      let subscriptions = state.subscriptions[Pair(policyUID: policyUID, workloadUID: workloadUID)] ?? [:]
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

  /// Whether anybody needs a measurement, and from when on its past.
  func need(_ measurement: Measurement) -> (isNeeded: Bool, since: Date?) {
    state.withLock { state in
      guard let entry = state.entries[measurement] else { return (false, nil) }
      let lacking = entry.shares.values.compactMap { share in
        let since = state.since(share)
        return share.lacksPast(since: since) ? since : nil
      }
      return (true, lacking.min())
    }
  }

  /// Takes a reading.
  ///
  /// - Returns: the workloads about which something may have to be decided anew.
  func record(_ result: MeasurementResult, of measurement: Measurement) -> [NamespacedName] {
    state.withLock { state in
      guard var entry = state.entries[measurement] else { return [] }
      var workloads: Set<NamespacedName> = []
      for (subject, var share) in entry.shares {
        let before = share.series
        share.take(
          result.bySubject[subject] ?? result.samples, since: state.since(share), knownSince: result.knownSince,
          replacing: measurement.isPast, checks: measurement.failuresNeeded)
        entry.shares[subject] = share
        let isNews = !share.series.saysTheSame(as: before, failuresNeeded: measurement.failuresNeeded)
        for reader in share.readers {
          let pair = Pair(policyUID: reader.policyUID, workloadUID: reader.workloadUID)
          guard let subscription = state.subscriptions[pair]?[reader.trigger] else { continue }
          if isNews || subscription.isWatched { workloads.insert(subscription.workload) }
        }
      }
      state.entries[measurement] = entry
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
