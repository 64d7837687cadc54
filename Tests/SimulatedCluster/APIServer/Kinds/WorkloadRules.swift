import KubernetesClient

/// Deployments as apps/v1 has them.
struct DeploymentRules: KindRules {
  func normalize(_ object: inout JSONValue) throws(NormalizationError) {
    object.setDefault("spec", [:])
    object.setDefault("status", [:])
    object.change("status") { status in
      status.changeEach("conditions") { condition in
        condition.setDefault("lastUpdateTime", .null)
        condition.setDefault("lastTransitionTime", .null)
      }
    }
    object.change("spec") { spec in
      spec.setDefault("replicas", 1)
      spec.setDefault("strategy", [:])
      spec.change("strategy", Self.completeStrategy)
      spec.setDefault("revisionHistoryLimit", 10)
      spec.setDefault("progressDeadlineSeconds", 600)
      Workload.dropZeros(&spec)
      spec.change("template") { PodTemplate.complete(&$0) }
    }
  }

  private static func completeStrategy(_ strategy: inout JSONValue) {
    strategy.setDefault("type", "RollingUpdate")
    guard strategy["type"]?.string == "RollingUpdate" else { return }
    strategy.setDefault("rollingUpdate", [:])
    strategy.change("rollingUpdate") {
      $0.setDefault("maxUnavailable", "25%")
      $0.setDefault("maxSurge", "25%")
    }
  }

  func prepareForCreate(_ object: inout JSONValue) {
    object["status"] = [:]
  }

  func prepareForUpdate(_ object: inout JSONValue, old: JSONValue) {
    object["status"] = old["status"]
  }

  func prepareForStatusUpdate(_ object: inout JSONValue, old: JSONValue) {
    object["spec"] = old["spec"]
    object["metadata"]?["labels"] = old["metadata"]?["labels"]
  }

  /// A change of annotations counts too: the controller has to copy them to the ReplicaSets.
  func isNewGeneration(_ object: JSONValue, old: JSONValue) -> Bool? {
    Workload.differs(object["spec"], old["spec"])
      || Workload.differs(object["metadata"]?["annotations"], old["metadata"]?["annotations"])
  }

  func violations(_ object: JSONValue, old: JSONValue?, isStatus: Bool) -> [Status.Cause] {
    guard !isStatus else { return [] }
    var causes = Workload.violations(object, old: old)
    let strategy = object["spec"]?["strategy"]
    switch strategy?["type"]?.string {
    case "RollingUpdate"?: break
    case "Recreate"?:
      if let rolling = strategy?["rollingUpdate"], !rolling.isNull {
        causes.append(
          .forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"))
      }
    default:
      causes.append(
        Status.Cause(
          reason: "FieldValueNotSupported",
          message: "Unsupported value: \(strategy ?? .null): supported values: \"Recreate\", \"RollingUpdate\"",
          field: "spec.strategy"))
    }
    return causes
  }
}

/// ReplicaSets as apps/v1 has them.
struct ReplicaSetRules: KindRules {
  func normalize(_ object: inout JSONValue) throws(NormalizationError) {
    object.setDefault("spec", [:])
    object.setDefault("status", [:])
    object.change("status") { status in
      status.setDefault("replicas", 0)
      status.changeEach("conditions") { $0.setDefault("lastTransitionTime", .null) }
    }
    object.change("spec") { spec in
      spec.setDefault("replicas", 1)
      Workload.dropZeros(&spec)
      spec.change("template") { PodTemplate.complete(&$0) }
    }
  }

  func prepareForCreate(_ object: inout JSONValue) {
    object["status"] = ["replicas": 0]
  }

  func prepareForUpdate(_ object: inout JSONValue, old: JSONValue) {
    object["status"] = old["status"]
  }

  func isNewGeneration(_ object: JSONValue, old: JSONValue) -> Bool? {
    Workload.differs(object["spec"], old["spec"])
  }

  func violations(_ object: JSONValue, old: JSONValue?, isStatus: Bool) -> [Status.Cause] {
    isStatus ? [] : Workload.violations(object, old: old)
  }
}

/// What Deployments and ReplicaSets have in common.
enum Workload {
  /// What is not there and what is `false` or 0 is the same, and is not written.
  static func dropZeros(_ spec: inout JSONValue) {
    if spec["minReadySeconds"]?.int64 == 0 { spec["minReadySeconds"] = nil }
    if spec["paused"]?.bool == false { spec["paused"] = nil }
  }

  static func differs(_ one: JSONValue?, _ other: JSONValue?) -> Bool {
    switch (one, other) {
    case (nil, nil): false
    case (let one?, let other?): one != other && !one.isSemanticallyEqual(to: other)
    case (let one?, nil): !one.isEmptyContainer
    case (nil, let other?): !other.isEmptyContainer
    }
  }

  static func violations(_ object: JSONValue, old: JSONValue?) -> [Status.Cause] {
    var causes: [Status.Cause] = []
    let spec = object["spec"]
    if let replicas = spec?["replicas"]?.int64, replicas < 0 {
      causes.append(.invalidValue("spec.replicas", replicas, "must be greater than or equal to 0"))
    }
    let labels = spec?["template"]?["metadata"]?["labels"]?.object
    if let selector = spec?["selector"], !selector.isEmptyContainer {
      let wanted = selector["matchLabels"]?.object
      if let wanted, wanted.contains(where: { labels?[$0.key]?.string != $0.value.string }) {
        causes.append(
          .invalidValue(
            "spec.template.metadata.labels", "\(spec?["template"]?["metadata"]?["labels"] ?? [:])",
            "`selector` does not match template `labels`"))
      }
      if let old, let before = old["spec"]?["selector"], differs(selector, before) {
        causes.append(.invalidValue("spec.selector", "\(selector)", "field is immutable"))
      }
    } else {
      causes.append(.required("spec.selector"))
    }
    causes += PodTemplate.violations(spec?["template"]?["spec"] ?? [:], at: "spec.template.spec")
    return causes
  }
}

extension JSONValue {
  var isEmptyContainer: Bool {
    switch self {
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    case .null: true
    default: false
    }
  }
}

extension Status.Cause {
  static func required(_ field: String, _ message: String = "") -> Status.Cause {
    Status.Cause(
      reason: "FieldValueRequired", message: message.isEmpty ? "Required value" : "Required value: \(message)",
      field: field)
  }

  static func invalidValue(_ field: String, _ value: some CustomStringConvertible, _ message: String) -> Status.Cause {
    Status.Cause(reason: "FieldValueInvalid", message: "Invalid value: \(value): \(message)", field: field)
  }

  static func forbidden(_ field: String, _ message: String) -> Status.Cause {
    Status.Cause(reason: "FieldValueForbidden", message: "Forbidden: \(message)", field: field)
  }
}
