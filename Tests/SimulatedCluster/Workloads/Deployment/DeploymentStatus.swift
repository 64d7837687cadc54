import FoundationEssentials
import KubernetesClient

/// The status of a Deployment as its controller computes it.
struct DeploymentStatus: Equatable {
  var observedGeneration: Int64 = 0
  var replicas = 0
  var updatedReplicas = 0
  var readyReplicas = 0
  var availableReplicas = 0
  var unavailableReplicas = 0
  var collisionCount: Int?
  var conditions: [WorkloadCondition] = []

  init() {}

  init(_ status: JSONValue?) {
    observedGeneration = status?["observedGeneration"]?.int64 ?? 0
    replicas = status?["replicas"]?.int ?? 0
    updatedReplicas = status?["updatedReplicas"]?.int ?? 0
    readyReplicas = status?["readyReplicas"]?.int ?? 0
    availableReplicas = status?["availableReplicas"]?.int ?? 0
    unavailableReplicas = status?["unavailableReplicas"]?.int ?? 0
    collisionCount = status?["collisionCount"]?.int
    conditions = (status?["conditions"]?.array ?? []).map(WorkloadCondition.init)
  }

  /// As the API writes it: zeros are left out.
  var json: JSONValue {
    var members = JSONObject()
    func add(_ key: String, _ value: some BinaryInteger) {
      if value != 0 { members[key] = JSONValue(value) }
    }
    add("observedGeneration", observedGeneration)
    add("replicas", replicas)
    add("updatedReplicas", updatedReplicas)
    add("readyReplicas", readyReplicas)
    add("availableReplicas", availableReplicas)
    add("unavailableReplicas", unavailableReplicas)
    if !conditions.isEmpty { members["conditions"] = .array(conditions.map(\.json)) }
    if let collisionCount { members["collisionCount"] = JSONValue(collisionCount) }
    return .object(members)
  }

  subscript(type: String) -> WorkloadCondition? { conditions.first { $0.type == type } }

  /// Sets a condition unless it says the same already. The time of the transition moves only with the status.
  mutating func set(_ condition: WorkloadCondition) {
    var condition = condition
    if let current = self[condition.type], current.status == condition.status {
      if current.reason == condition.reason { return }
      condition.lastTransitionTime = current.lastTransitionTime
    }
    remove(condition.type)
    conditions.append(condition)
  }

  mutating func remove(_ type: String) { conditions.removeAll { $0.type == type } }
}

/// A condition of a Deployment or ReplicaSet.
struct WorkloadCondition: Equatable {
  var type: String
  var status: String
  var reason: String
  var message: String
  /// Absent from those of ReplicaSets.
  var lastUpdateTime: String?
  var lastTransitionTime: String

  init(_ type: String, _ status: String, _ reason: String, _ message: String, at now: Date) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    lastUpdateTime = Timestamp.seconds(now)
    lastTransitionTime = Timestamp.seconds(now)
  }

  init(_ value: JSONValue) {
    type = value["type"]?.string ?? ""
    status = value["status"]?.string ?? ""
    reason = value["reason"]?.string ?? ""
    message = value["message"]?.string ?? ""
    lastUpdateTime = value["lastUpdateTime"]?.string
    lastTransitionTime = value["lastTransitionTime"]?.string ?? ""
  }

  var json: JSONValue {
    var value: JSONValue = ["type": .string(type), "status": .string(status)]
    if let lastUpdateTime { value["lastUpdateTime"] = .string(lastUpdateTime) }
    value["lastTransitionTime"] = .string(lastTransitionTime)
    value["reason"] = .string(reason)
    value["message"] = .string(message)
    return value
  }
}
