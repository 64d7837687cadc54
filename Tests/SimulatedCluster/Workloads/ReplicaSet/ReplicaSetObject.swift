import KubernetesClient

/// A ReplicaSet, with what the controllers look at read out.
struct ReplicaSetObject {
  /// As it was read or last written.
  var document: JSONValue
  let namespace: String
  let name: String
  let uid: String
  let generation: Int64
  let created: String
  let isBeingDeleted: Bool
  let replicas: Int
  let minReadySeconds: Int
  let annotations: [String: String]
  let status: ReplicaSetStatus

  init(_ document: JSONValue) {
    self.document = document
    let metadata = document["metadata"]
    let spec = document["spec"]
    namespace = metadata?["namespace"]?.string ?? ""
    name = metadata?["name"]?.string ?? ""
    uid = metadata?["uid"]?.string ?? ""
    generation = metadata?["generation"]?.int64 ?? 0
    created = metadata?["creationTimestamp"]?.string ?? ""
    isBeingDeleted = metadata?["deletionTimestamp"] != nil
    replicas = spec?["replicas"]?.int ?? 1
    minReadySeconds = spec?["minReadySeconds"]?.int ?? 0
    annotations = metadata?["annotations"]?.texts ?? [:]
    status = ReplicaSetStatus(document["status"])
  }

  var template: JSONValue { document["spec"]?["template"] ?? .null }

  /// The template without the label that tells this ReplicaSet's pods apart.
  var bareTemplate: JSONValue {
    var template = template
    template.set(JSONPointer(tokens: ["metadata", "labels", TemplateHash.label]), to: nil)
    return template
  }

  /// `nil` if there is one that cannot be read.
  var revision: Int64? { annotations[RevisionAnnotations.revision].map { Int64($0) } ?? 0 }

  /// Creation times have whole seconds, so that names decide between those of the same.
  static func isOlder(_ one: Self, _ other: Self) -> Bool { (one.created, one.name) < (other.created, other.name) }

  static func isLargerThenOlder(_ one: Self, _ other: Self) -> Bool {
    one.replicas == other.replicas ? isOlder(one, other) : one.replicas > other.replicas
  }

  static func isLargerThenNewer(_ one: Self, _ other: Self) -> Bool {
    one.replicas == other.replicas ? isOlder(other, one) : one.replicas > other.replicas
  }

  /// Revisions that cannot be read are put in the order of creation.
  static func isEarlierRevision(_ one: Self, _ other: Self) -> Bool {
    guard let first = one.revision, let second = other.revision, first != second else { return isOlder(one, other) }
    return first < second
  }
}

/// The status of a ReplicaSet as its controller computes it.
struct ReplicaSetStatus: Equatable {
  var observedGeneration: Int64 = 0
  var replicas = 0
  var fullyLabeledReplicas = 0
  var readyReplicas = 0
  var availableReplicas = 0
  var conditions: [WorkloadCondition] = []

  init() {}

  init(_ status: JSONValue?) {
    observedGeneration = status?["observedGeneration"]?.int64 ?? 0
    replicas = status?["replicas"]?.int ?? 0
    fullyLabeledReplicas = status?["fullyLabeledReplicas"]?.int ?? 0
    readyReplicas = status?["readyReplicas"]?.int ?? 0
    availableReplicas = status?["availableReplicas"]?.int ?? 0
    conditions = (status?["conditions"]?.array ?? []).map(WorkloadCondition.init)
  }

  /// As the API writes it: zeros are left out, but that of `replicas`.
  var json: JSONValue {
    var members: JSONObject = ["replicas": JSONValue(replicas)]
    func add(_ key: String, _ value: some BinaryInteger) {
      if value != 0 { members[key] = JSONValue(value) }
    }
    add("fullyLabeledReplicas", fullyLabeledReplicas)
    add("readyReplicas", readyReplicas)
    add("availableReplicas", availableReplicas)
    add("observedGeneration", observedGeneration)
    if !conditions.isEmpty { members["conditions"] = .array(conditions.map(\.json)) }
    return .object(members)
  }
}
