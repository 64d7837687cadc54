import FoundationEssentials
import RollbackCore
import Synchronization

/// Which protected workloads breach now, and since when: what one breach is compared with.
final class BreachRegister: Sendable {
  private struct State {
    /// Everything that is protected, and whether it is on trial.
    var onTrial = PairTable<Bool>()
    var trials = 0
    /// Since when, for those that breach.
    var since: [PolicyWorkload: Date] = [:]
    /// When a breach was last held for a cause that it shares with others.
    var sharedCauseAt: Date?
    /// When it was first asked for.
    var knownSince: Date?

    mutating func set(_ pair: PolicyWorkload, isOnTrial: Bool?, since: Date?) {
      trials += (isOnTrial == true ? 1 : 0) - (onTrial[pair] == true ? 1 : 0)
      onTrial[pair] = isOnTrial
      self.since[pair] = since
    }
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
      state.set(
        PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID), isOnTrial: assessment.isOnTrial, since: since)
    }
  }

  func forget(policyUID: String, workloadUID: String) {
    state.withLock { state in
      state.set(PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID), isOnTrial: nil, since: nil)
    }
  }

  func forget(policyUID: String) {
    state.withLock { state in
      for pair in state.onTrial.pairs(policyUID: policyUID) { state.set(pair, isOnTrial: nil, since: nil) }
    }
  }

  func forget(workloadUID: String) {
    state.withLock { state in
      for pair in state.onTrial.pairs(workloadUID: workloadUID) { state.set(pair, isOnTrial: nil, since: nil) }
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
  func peers(of workloadUID: String, at now: Date) -> Peers {
    state.withLock { state in
      let knownSince = state.knownSince ?? now
      state.knownSince = knownSince
      // A workload that breaches under two policies is one.
      var since: [String: Date] = [:]
      for (pair, moment) in state.since where pair.workloadUID != workloadUID {
        since[pair.workloadUID] = min(moment, since[pair.workloadUID] ?? moment)
      }
      let own = state.onTrial.pairs(workloadUID: workloadUID)
      let targets = state.onTrial.workloadCount + (own.isEmpty ? 1 : 0)
      let onTrial = state.trials - own.count { state.onTrial[$0] == true }
      return Peers(
        targets: targets, breachedSince: since.values.sorted(), onTrial: onTrial, limits: limits,
        knownSince: knownSince)
    }
  }
}
