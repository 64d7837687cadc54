import KubernetesClient

/// The kinds that are served from the start.
enum BuiltInKinds {
  static let all: [ServedKind] = [
    kind(.namespaces, "namespace", ["ns"]) {
      $0.hasStatus = true
      $0.selectableFields = ["status.phase"]
      $0.rules = NamespaceRules()
    },
    kind(.nodes, "node", ["no"]) {
      $0.hasStatus = true
      $0.selectableFields = ["spec.unschedulable"]
    },
    kind(.pods, "pod", ["po"]) {
      $0.hasStatus = true
      $0.returnsDeleted = true
      $0.selectableFields = [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
        "status.podIP", "status.nominatedNodeName",
      ]
      $0.rules = PodRules()
    },
    kind(.events, "event", ["ev"]) {
      $0.ignoresPropagation = true
      $0.hasFreeNames = true
      $0.createsOnUpdate = true
      let object = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
      $0.selectableFields = object.map { "involvedObject.\($0)" } + ["reason", "source", "type", "reportingComponent"]
      $0.rules = EventRules()
    },
    kind(.configMaps, "configmap", ["cm"]) { _ in },
    kind(.secrets, "secret") {
      $0.selectableFields = ["type"]
      $0.rules = SecretRules()
    },
    kind(.services, "service", ["svc"]) { $0.hasStatus = true },
    kind(.serviceAccounts, "serviceaccount", ["sa"]) { _ in },
    kind(.deployments, "deployment", ["deploy"]) {
      $0.hasStatus = true
      $0.hasScale = true
      $0.rules = DeploymentRules()
    },
    kind(.replicaSets, "replicaset", ["rs"]) {
      $0.selectableFields = ["status.replicas"]
      $0.hasStatus = true
      $0.hasScale = true
      $0.rules = ReplicaSetRules()
    },
    kind(.jobs, "job") { $0.hasStatus = true },
    kind(.leases, "lease") {
      $0.createsOnUpdate = true
      $0.updatesUnconditionally = false
    },
    kind(
      APIResource(
        group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler"),
      "horizontalpodautoscaler", ["hpa"]
    ) { $0.hasStatus = true },
  ]

  private static func kind(
    _ resource: APIResource, _ singular: String, _ shortNames: [String] = [], _ adjust: (inout ServedKind) -> Void
  ) -> ServedKind {
    var kind = ServedKind(resource: resource, singular: singular, shortNames: shortNames)
    adjust(&kind)
    return kind
  }
}

struct SecretRules: KindRules {
  func normalize(_ object: inout JSONValue) throws(NormalizationError) {
    object.setDefault("type", "Opaque")
  }
}

struct EventRules: KindRules {
  func normalize(_ object: inout JSONValue) throws(NormalizationError) {
    object.setDefault("source", [:])
    for key in ["firstTimestamp", "lastTimestamp", "eventTime"] where object[key] == nil { object[key] = .null }
    object.setDefault("reportingComponent", "")
    object.setDefault("reportingInstance", "")
  }

  func violations(_ object: JSONValue, old: JSONValue?, isStatus: Bool) -> [Status.Cause] {
    let namespace = object["involvedObject"]?["namespace"]?.string ?? ""
    if namespace == object["metadata"]?["namespace"]?.string { return [] }
    return [.invalidValue("involvedObject.namespace", "\"\(namespace)\"", "does not match event.namespace")]
  }
}

struct NamespaceRules: KindRules {
  func prepareForCreate(_ object: inout JSONValue) {
    object["spec"] = ["finalizers": ["kubernetes"]]
    object["status"] = ["phase": "Active"]
  }

  func prepareForUpdate(_ object: inout JSONValue, old: JSONValue) {
    object["spec"] = old["spec"]
    object["status"] = old["status"]
  }
}
