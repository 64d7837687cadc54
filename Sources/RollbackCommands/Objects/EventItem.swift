import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator

/// A RollbackEvent.
struct EventItem: ObjectTree, KubernetesObject {
  static var resource: APIResource { .rollbackEvents }

  var value: JSONValue
  var metadata: ObjectMeta

  init(_ value: JSONValue) {
    self.value = value
    metadata = ObjectMeta(
      name: value.at("/metadata/name")?.string ?? "", namespace: value.at("/metadata/namespace")?.string,
      uid: value.at("/metadata/uid")?.string ?? "",
      resourceVersion: value.at("/metadata/resourceVersion")?.string ?? "")
  }

  init(from cursor: inout JSONCursor) throws(JSONError) { self.init(try JSONValue(parsing: try cursor.readRaw())) }

  var target: String { text("/spec/target/name") ?? "" }
  var outcome: String? { text("/status/outcome") }
  var isManual: Bool { text("/spec/origin") == "Manual" }
  var policy: String? { text("/spec/policy/name") }
  var trigger: String? { text("/spec/trigger/name") }
  var severity: String? { text("/spec/trigger/severity") }
  var decision: String? { text("/spec/approval/decision") }

  /// Whether nothing will be done for the event any more; `Held` waits.
  var isFinal: Bool { outcome.map { $0 != "Held" } ?? false }

  /// The revision that was, or is to be, left.
  var from: RevisionText { RevisionText(value: value.at("/status/from") ?? value.at("/spec/suspect")) }
  /// The revision that was, or is to be, returned to.
  var to: RevisionText { RevisionText(value: value.at("/status/to") ?? value.at("/spec/to")) }

  /// Why the event is where it is: what its condition `Succeeded` says.
  var explanation: String? { condition("Succeeded").map(\.message).flatMap { $0.isEmpty ? nil : $0 } }

  /// What happened, in order.
  var timeline: [(at: Date?, what: String)] {
    (value.at("/status/timeline")?.array ?? []).map {
      ($0["at"]?.string.flatMap(Timestamp.date), $0["what"]?.string ?? "")
    }
  }
}

/// A RollbackPolicy.
struct PolicyItem: ObjectTree, KubernetesObject {
  static var resource: APIResource { .rollbackPolicies }

  var value: JSONValue
  var metadata: ObjectMeta

  init(_ value: JSONValue) {
    self.value = value
    metadata = EventItem(value).metadata
  }

  init(from cursor: inout JSONCursor) throws(JSONError) { self.init(try JSONValue(parsing: try cursor.readRaw())) }

  var mode: String { text("/spec/mode") ?? "Auto" }
  var state: String { text("/status/state") ?? "" }
  var isSuspended: Bool { value.at("/spec/suspend")?.bool ?? false }
  var hold: String? { annotation(Mark.hold) }

  /// What the status says about the protected workloads.
  var targets: [TargetItem] { (value.at("/status/targets")?.array ?? []).map { TargetItem(value: $0) } }

  func target(named name: String) -> TargetItem? { targets.first { $0.name == name } }

  /// Whether this policy is about a Deployment: by its name, by the operator's status, or by its labels.
  func protects(_ name: String, labels: JSONValue?) -> Bool {
    if let named = text("/spec/target/name") { return named == name }
    if target(named: name) != nil { return true }
    let typed = try? PolicyObject.decode(value.serialized())
    return typed?.validSpec?.target.matches(name: name) { labels?[$0]?.string } ?? false
  }

  /// The policy's triggers; the two built-in ones when it names none.
  var triggers: [TriggerItem] {
    let own = value.at("/spec/triggers")?.array ?? []
    guard own.isEmpty else { return own.map { TriggerItem(value: $0) } }
    return [
      TriggerItem(value: ["name": "rollout", "severity": "High", "rollout": [:]]),
      TriggerItem(value: ["name": "pods", "severity": "High", "pods": [:]]),
    ]
  }
}

/// One protected workload in a policy's status.
struct TargetItem: Sendable {
  var value: JSONValue

  var name: String { value["name"]?.string ?? "" }
  var current: RevisionText { RevisionText(value: value["current"]) }
  var lastGood: RevisionText { RevisionText(value: value["lastGood"]) }
  var trialEndsAt: Date? { value["trialEndsAt"]?.string.flatMap(Timestamp.date) }
  /// What each trigger read last.
  var triggers: [JSONValue] { value["triggers"]?.array ?? [] }

  func reading(of trigger: String) -> JSONValue? { triggers.first { $0["name"]?.string == trigger } }
}

/// One trigger of a policy's spec.
struct TriggerItem: Sendable {
  var value: JSONValue

  var name: String { value["name"]?.string ?? "" }
  var severity: String { value["severity"]?.string ?? "High" }
  var isAlways: Bool { value["during"]?.string == "Always" }
}
