import FoundationEssentials
import KubernetesClient
import RollbackCore
import SimulatedCluster

/// The triggers that policies have and had, as far as their changes were seen.
struct KnownTriggers {
  private var triggers: [String: [String: [Trigger]]] = [:]

  /// Takes in what a change says of a policy.
  mutating func note(_ change: Change) {
    guard change.resource == World.policies, change.verb != .deleted,
      change.old?.at("/metadata/generation") != change.new.at("/metadata/generation"),
      let uid = change.new.at("/metadata/uid")?.string, let spec = Self.spec(of: change.new)
    else { return }
    for trigger in spec.armedTriggers where triggers[uid]?[trigger.name]?.contains(trigger) != true {
      triggers[uid, default: [:]][trigger.name, default: []].append(trigger)
    }
  }

  /// Every form that the trigger of an event had; empty for one of no policy.
  func of(event: JSONValue?) -> [Trigger] {
    guard let uid = event?.at("/spec/policy/uid")?.string, let name = event?.at("/spec/trigger/name")?.string else {
      return []
    }
    return triggers[uid]?[name] ?? []
  }

  /// Whether the trigger of an event is one that is measured.
  func isMeasured(_ event: JSONValue?) -> Bool { of(event: event).contains { $0.kind.isSampled } }

  /// - Returns: `nil` for a spec that the operator cannot read either.
  static func spec(of policy: JSONValue) -> PolicySpec? {
    policy["spec"].flatMap { try? JSONDecoder().decode(PolicySpec.self, from: Data($0.serialized())) }
  }
}

extension Trigger {
  /// What of the evidence is about this trigger of a Deployment; `nil` for what leaves none.
  ///
  /// - Parameter hash: the template hash of the revision that is judged.
  func evidence(for deployment: String, revision hash: String) -> Evidence.Key? {
    switch kind {
    case .query(let query):
      Evidence.Key(
        signal: String(query.promql.prefix { $0 != "{" }), deployment: deployment,
        revision: query.promql.contains("{{hash}}") ? hash : "")
    case .alert(let alert): Evidence.Key(signal: "ALERTS/\(alert.name)", deployment: deployment)
    case .value(let value): Evidence.Key(signal: value.url)
    case .probe(let probe): Evidence.Key(signal: "probe/\(probe.service ?? "")")
    case .usage, .logs, .job, .pods, .rollout: nil
    }
  }

  /// Whether an answer is a breach by the trigger's own limits; `nil` when it says neither.
  func isBreach(_ said: Evidence.Said) -> Bool? {
    switch said {
    case .check(let passed): return !passed
    case .values(let all):
      var one = all.count == 1 ? all[0] : nil
      if all.count > 1, case .query(let query) = kind { one = query.reduce?(all) }
      guard let value = one, value.isFinite else { return nil }
      if let above = criteria?.above, value > above.value { return true }
      if let below = criteria?.below, value < below.value { return true }
      return false
    }
  }
}
