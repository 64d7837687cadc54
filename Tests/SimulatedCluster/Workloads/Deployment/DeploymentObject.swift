import KubernetesClient

/// A Deployment, with what its controller looks at read out.
struct DeploymentObject {
  /// As it was read or last written.
  private(set) var document: JSONValue
  let namespace: String
  let name: String
  let uid: String
  let generation: Int64
  let isBeingDeleted: Bool
  let replicas: Int
  let isPaused: Bool
  let minReadySeconds: Int
  /// `nil` for none.
  let progressDeadlineSeconds: Int?
  /// `nil` for none.
  let revisionHistoryLimit: Int?
  let strategy: RolloutStrategy
  let template: JSONValue
  var annotations: [String: String]
  /// As it is to be written.
  var status: DeploymentStatus
  /// As it was read.
  let oldStatus: DeploymentStatus

  init(_ document: JSONValue) {
    self.document = document
    let metadata = document["metadata"]
    let spec = document["spec"]
    namespace = metadata?["namespace"]?.string ?? ""
    name = metadata?["name"]?.string ?? ""
    uid = metadata?["uid"]?.string ?? ""
    generation = metadata?["generation"]?.int64 ?? 0
    isBeingDeleted = metadata?["deletionTimestamp"] != nil
    replicas = spec?["replicas"]?.int ?? 1
    isPaused = spec?["paused"]?.bool ?? false
    minReadySeconds = spec?["minReadySeconds"]?.int ?? 0
    progressDeadlineSeconds = Self.limit(spec?["progressDeadlineSeconds"], default: 600)
    revisionHistoryLimit = Self.limit(spec?["revisionHistoryLimit"], default: 10)
    strategy = RolloutStrategy(spec?["strategy"])
    template = spec?["template"] ?? .null
    annotations = metadata?["annotations"]?.texts ?? [:]
    status = DeploymentStatus(document["status"])
    oldStatus = status
  }

  /// The largest number that fits means none.
  private static func limit(_ value: JSONValue?, default fallback: Int) -> Int? {
    let number = value?.int ?? fallback
    return number == Int(Int32.max) ? nil : number
  }

  var maxSurge: Int { strategy.maxSurge(of: replicas) }
  var maxUnavailable: Int { strategy.maxUnavailable(of: replicas) }

  /// Whether all pods are of the newest template and available, by a status.
  func isComplete(_ status: DeploymentStatus) -> Bool {
    status.updatedReplicas == replicas && status.replicas == replicas && status.availableReplicas == replicas
      && status.observedGeneration >= generation
  }

  /// What is written to the `status` subresource: the revision annotation goes with it, as the real controller does it.
  var withStatus: JSONValue {
    var value = document
    value["status"] = status.json
    if value["metadata"]?["annotations"]?.texts ?? [:] != annotations {
      value["metadata"]?["annotations"] = JSONValue(annotations)
    }
    return value
  }
}

extension JSONValue {
  /// An object of strings.
  var texts: [String: String]? {
    object.map { members in
      Dictionary(
        members.compactMap { member in member.value.string.map { (member.key, $0) } }, uniquingKeysWith: { $1 })
    }
  }
}
