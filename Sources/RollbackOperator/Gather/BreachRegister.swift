import FoundationEssentials
import RollbackCore
import Synchronization

/// Which protected workloads breach now, and since when: what one breach is compared with.
final class BreachRegister: Sendable {
  private struct Pair: Hashable {
    var policyUID: String
    var workloadUID: String
  }

  private struct State {
    /// Since when, for those that breach.
    var since: [Pair: Date] = [:]
    /// Those that are on trial.
    var onTrial: Set<Pair> = []
    /// The policies that protect a workload, by its UID.
    var policies: [String: Set<String>] = [:]
    /// When a breach was last held for a cause that it shares with others.
    var sharedCauseAt: Date?
  }

  private let limits: SharedCauseLimits
  private let state = Mutex(State())

  init(limits: SharedCauseLimits) {
    self.limits = limits
  }

  /// Takes down what was concluded about a pair.
  func note(_ assessment: Assessment, policyUID: String, workloadUID: String) {
    let since = assessment.verdicts.filter { $0.status.state == .breaching || $0.status.state == .breached }
      .compactMap(\.status.since).min()
    state.withLock { state in
      let pair = Pair(policyUID: policyUID, workloadUID: workloadUID)
      state.since[pair] = since
      if assessment.isOnTrial { state.onTrial.insert(pair) } else { state.onTrial.remove(pair) }
      state.policies[workloadUID, default: []].insert(policyUID)
    }
  }

  func forget(policyUID: String, workloadUID: String) {
    state.withLock { state in
      let pair = Pair(policyUID: policyUID, workloadUID: workloadUID)
      state.since[pair] = nil
      state.onTrial.remove(pair)
      state.policies[workloadUID]?.remove(policyUID)
      if state.policies[workloadUID]?.isEmpty == true { state.policies[workloadUID] = nil }
    }
  }

  func forget(policyUID: String) {
    for workload in state.withLock({ $0.policies.filter { $0.value.contains(policyUID) }.map(\.key) }) {
      forget(policyUID: policyUID, workloadUID: workload)
    }
  }

  func forget(workloadUID: String) {
    for policy in state.withLock({ $0.policies[workloadUID] ?? [] }) {
      forget(policyUID: policy, workloadUID: workloadUID)
    }
  }

  /// Takes down that a breach is held for a cause that it shares with others.
  ///
  /// - Returns: whether it is the first of them, so that the cause is told once and not with each breach.
  func noteSharedCause(at now: Date) -> Bool {
    state.withLock { state in
      defer { state.sharedCauseAt = max(now, state.sharedCauseAt ?? now) }
      // A breach joins those that began shortly before; one that comes later is another story.
      return state.sharedCauseAt.map { now.timeIntervalSince($0) > limits.within.timeInterval } ?? true
    }
  }

  /// What else is protected beside a workload.
  func peers(of workloadUID: String) -> Peers {
    state.withLock { state in
      // A workload that breaches under two policies is one.
      var since: [String: Date] = [:]
      for (pair, moment) in state.since where pair.workloadUID != workloadUID {
        since[pair.workloadUID] = min(moment, since[pair.workloadUID] ?? moment)
      }
      let targets = state.policies.count + (state.policies[workloadUID] == nil ? 1 : 0)
      let own = state.policies[workloadUID] ?? []
      let onTrial =
        state.onTrial.count
        - own.count { state.onTrial.contains(Pair(policyUID: $0, workloadUID: workloadUID)) }
      return Peers(targets: targets, breachedSince: since.values.sorted(), onTrial: onTrial, limits: limits)
    }
  }
}
