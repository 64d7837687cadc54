import FoundationEssentials
import RollbackCore
import Synchronization

/// Which protected workloads breach now, and since when: what one breach is compared with.
final class BreachRegister: Sendable {
  private struct Breach {
    var since: Date
    /// When this process first heard that it lasts since then.
    var seen: Date
  }

  private struct State {
    /// Everything that is protected, and whether it is on trial.
    var onTrial = PairTable<Bool>()
    var trials = 0
    var breaches: [PolicyWorkload: Breach] = [:]
    /// Since when it is tried to judge what could not be judged yet; in the distant future for what cannot be judged
    /// until the Deployment controller has seen it.
    var unjudged = PairTable<Date>()
    /// When a breach was last held for a cause that it shares with others.
    var sharedCauseAt: Date?
    /// When it was first asked for.
    var knownSince: Date?

    mutating func set(_ pair: PolicyWorkload, isOnTrial: Bool?, breach: Breach?) {
      trials += (isOnTrial == true ? 1 : 0) - (onTrial[pair] == true ? 1 : 0)
      onTrial[pair] = isOnTrial
      breaches[pair] = breach
      unjudged[pair] = nil
    }

    mutating func forget(_ pairs: [PolicyWorkload]) {
      for pair in pairs { set(pair, isOnTrial: nil, breach: nil) }
    }
  }

  private let limits: SharedCauseLimits
  private let state = Mutex(State())

  init(limits: SharedCauseLimits) {
    self.limits = limits
  }

  /// Takes down that a pair is about to be assessed; what comes of that may be long in coming.
  func expect(policyUID: String, workloadUID: String, at now: Date) {
    let pair = PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)
    state.withLock { state in
      if state.onTrial[pair] == nil, state.unjudged[pair] == nil { state.unjudged[pair] = now }
    }
  }

  /// Takes down what was concluded about a pair.
  func note(_ assessment: Assessment, policyUID: String, workloadUID: String, at now: Date) {
    let pair = PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)
    let since = assessment.verdicts.filter { $0.status.state == .breaching || $0.status.state == .breached }
      .compactMap(\.status.since).min()
    state.withLock { state in
      let known = state.breaches[pair]
      let breach = since.map { since in
        let isKnown = known.map { abs($0.since.timeIntervalSince(since)) <= 1 } ?? false
        return Breach(since: since, seen: isKnown ? known?.seen ?? now : now)
      }
      let unjudged = state.unjudged[pair]
      // While nothing can be judged, what breached does so still.
      state.set(pair, isOnTrial: assessment.isOnTrial, breach: assessment.isUnobserved ? known : breach)
      // Where the Deployment controller lags behind, an undo would have to wait for it as well: that is waited for.
      if assessment.isUnobserved {
        state.unjudged[pair] = .distantFuture
      } else if assessment.verdicts.contains(where: \.isPending) {
        state.unjudged[pair] = min(unjudged ?? now, now)
      }
    }
  }

  func forget(policyUID: String, workloadUID: String) {
    state.withLock { $0.forget([PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)]) }
  }

  func forget(policyUID: String) {
    state.withLock { state in
      state.forget(state.onTrial.pairs(policyUID: policyUID) + state.unjudged.pairs(policyUID: policyUID))
    }
  }

  func forget(workloadUID: String) {
    state.withLock { state in
      state.forget(state.onTrial.pairs(workloadUID: workloadUID) + state.unjudged.pairs(workloadUID: workloadUID))
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

  /// What else is protected beside the workload of a pair.
  func peers(policyUID: String, workloadUID: String, at now: Date) -> Peers {
    state.withLock { state in
      let knownSince = state.knownSince ?? now
      state.knownSince = knownSince
      // A workload that breaches under two policies is one.
      var since: [String: Date] = [:]
      for (pair, breach) in state.breaches where pair.workloadUID != workloadUID {
        since[pair.workloadUID] = min(breach.since, since[pair.workloadUID] ?? breach.since)
      }
      let own = state.onTrial.pairs(workloadUID: workloadUID)
      let others = state.unjudged.filter { $0 != workloadUID }
      let unknown = Set(others.map(\.workloadUID)).count { !state.onTrial.has(workloadUID: $0) }
      let targets = state.onTrial.workloadCount + (own.isEmpty ? 1 : 0) + unknown
      let onTrial = state.trials - own.count { state.onTrial[$0] == true }
      let unjudged = Dictionary(
        others.filter { since[$0.workloadUID] == nil }.map { ($0.workloadUID, $0.value) }, uniquingKeysWith: max)
      let noted = state.breaches[PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)]
      return Peers(
        targets: targets, breachedSince: since.values.sorted(), onTrial: onTrial, limits: limits,
        knownSince: knownSince, unjudgedSince: unjudged.values.sorted(), breachSeen: noted?.seen ?? now,
        breachSince: noted?.since)
    }
  }
}
