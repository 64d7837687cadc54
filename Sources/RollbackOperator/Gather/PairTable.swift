/// A policy and a workload that it protects, by their UIDs.
struct PolicyWorkload: Hashable, Sendable {
  var policyUID: String
  var workloadUID: String
}

/// Values by policy and workload, found also by one of the two, so that what is deleted takes only its own with it and
/// nobody looks through all.
struct PairTable<Value> {
  private var values: [PolicyWorkload: Value] = [:]
  /// By policy.
  private var workloads: [String: Set<String>] = [:]
  /// By workload.
  private var policies: [String: Set<String>] = [:]

  var count: Int { values.count }

  /// Workloads with a value.
  var workloadCount: Int { policies.count }

  /// All values of workloads that are wanted.
  func filter(_ isWanted: (String) -> Bool) -> [(workloadUID: String, value: Value)] {
    values.compactMap { isWanted($0.key.workloadUID) ? ($0.key.workloadUID, $0.value) : nil }
  }

  func has(workloadUID: String) -> Bool { policies[workloadUID] != nil }

  subscript(pair: PolicyWorkload) -> Value? {
    get { values[pair] }
    set {
      let isNew = values.updateValue(optional: newValue, forKey: pair)
      if newValue == nil {
        workloads.remove(pair.workloadUID, from: pair.policyUID)
        policies.remove(pair.policyUID, from: pair.workloadUID)
      } else if isNew {
        workloads[pair.policyUID, default: []].insert(pair.workloadUID)
        policies[pair.workloadUID, default: []].insert(pair.policyUID)
      }
    }
  }

  /// The pairs of a policy.
  func pairs(policyUID: String) -> [PolicyWorkload] {
    (workloads[policyUID] ?? []).map { PolicyWorkload(policyUID: policyUID, workloadUID: $0) }
  }

  /// The pairs of a workload.
  func pairs(workloadUID: String) -> [PolicyWorkload] {
    (policies[workloadUID] ?? []).map { PolicyWorkload(policyUID: $0, workloadUID: workloadUID) }
  }
}

extension Dictionary {
  /// - Returns: whether there was no value before.
  fileprivate mutating func updateValue(optional value: Value?, forKey key: Key) -> Bool {
    guard let value else { return removeValue(forKey: key) == nil }
    return updateValue(value, forKey: key) == nil
  }
}

extension [String: Set<String>] {
  fileprivate mutating func remove(_ member: String, from key: String) {
    guard self[key]?.remove(member) != nil, self[key]?.isEmpty == true else { return }
    self[key] = nil
  }
}
