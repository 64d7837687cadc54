import KubernetesClient
import RollbackCore
import Synchronization

/// What was concluded last about each (policy, workload) pair. The policy's status is where it survives a restart; this
/// is the part that has not been written yet, or that is beyond the targets a status lists.
final class TargetMemories: Sendable {
  struct Entry: Sendable {
    var workloadName: String
    var memory: TargetMemory
    var state: PolicyStatus.State
    var explanation: String
    /// Why triggers cannot be read, by trigger.
    var causes: [String: String] = [:]
  }

  private let entries = Mutex(PairTable<Entry>())

  /// What is remembered of a pair, with what another operator wrote: whoever saw a revision first is right about when
  /// it began.
  func memory(policy: PolicyObject, workload: ObjectMeta) -> TargetMemory {
    let written = policy.status.targets?.first { $0.uid == workload.uid }.map { TargetMemory($0) }
    guard let own = self[policy.metadata.uid, workload.uid]?.memory else { return written ?? TargetMemory() }
    return written.map(own.agreeing(with:)) ?? own
  }

  subscript(policyUID: String, workloadUID: String) -> Entry? {
    entries.withLock { $0[PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)] }
  }

  /// - Returns: whether anything changed that the policy's status shows.
  func store(_ assessment: Assessment, policyUID: String, workload: ObjectMeta) -> Bool {
    let entry = Entry(
      workloadName: workload.name, memory: assessment.memory, state: assessment.state,
      explanation: assessment.explanation,
      causes: Dictionary(
        assessment.verdicts.filter(\.isUnknown).map { ($0.trigger.name, $0.message ?? "") }
      ) { first, _ in first })
    return entries.withLock { entries in
      let key = PolicyWorkload(policyUID: policyUID, workloadUID: workload.uid)
      let before = entries[key]
      entries[key] = entry
      return before?.memory != entry.memory || before?.state != entry.state
        || before?.causes != entry.causes
    }
  }

  func forget(policyUID: String) {
    entries.withLock { entries in
      for pair in entries.pairs(policyUID: policyUID) { entries[pair] = nil }
    }
  }

  func forget(policyUID: String, workloadUID: String) {
    entries.withLock { $0[PolicyWorkload(policyUID: policyUID, workloadUID: workloadUID)] = nil }
  }

  func forget(workloadUID: String) {
    entries.withLock { entries in
      for pair in entries.pairs(workloadUID: workloadUID) { entries[pair] = nil }
    }
  }

  var count: Int { entries.withLock { $0.count } }
}
