import KubernetesClient

/// Pod templates, and what pods have in common with them.
enum PodTemplate {
  static func complete(_ template: inout JSONValue) {
    template.setDefault("metadata", [:])
    template.change("metadata") { metadata in
      guard metadata["creationTimestamp"] == nil, let members = metadata.object else { return }
      metadata = .object(JSONObject([.init(key: "creationTimestamp", value: .null)] + members))
    }
    template.setDefault("spec", [:])
    template.change("spec", completeSpec)
  }

  static func completeSpec(_ spec: inout JSONValue) {
    spec.setDefault("restartPolicy", "Always")
    spec.setDefault("terminationGracePeriodSeconds", 30)
    spec.setDefault("dnsPolicy", "ClusterFirst")
    spec.setDefault("securityContext", [:])
    spec.setDefault("schedulerName", "default-scheduler")
    if let name = spec["serviceAccountName"] ?? spec["serviceAccount"] {
      spec.setDefault("serviceAccountName", name)
      spec.setDefault("serviceAccount", name)
    }
    spec.changeEach("containers", completeContainer)
    spec.changeEach("initContainers", completeContainer)
    spec.changeEach("volumes", completeVolume)
  }

  private static func completeContainer(_ container: inout JSONValue) {
    container.setDefault("resources", [:])
    container.setDefault("terminationMessagePath", "/dev/termination-log")
    container.setDefault("terminationMessagePolicy", "File")
    let pullPolicy = isMovingTag(container["image"]?.string ?? "") ? "Always" : "IfNotPresent"
    container.setDefault("imagePullPolicy", .string(pullPolicy))
    container.changeEach("ports") { $0.setDefault("protocol", "TCP") }
    container.changeEach("env") { variable in
      variable.change("valueFrom") { source in
        source.change("fieldRef") { $0.setDefault("apiVersion", "v1") }
      }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] { container.change(probe, completeProbe) }
    container.change("lifecycle") { lifecycle in
      for hook in ["postStart", "preStop"] {
        lifecycle.change(hook) { $0.change("httpGet", completeHTTPGet) }
      }
    }
  }

  /// No tag at all means `latest`.
  private static func isMovingTag(_ image: String) -> Bool {
    if image.contains("@") { return false }
    let name = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let colon = name.firstIndex(of: ":") else { return true }
    return name[name.index(after: colon)...] == "latest"
  }

  private static func completeProbe(_ probe: inout JSONValue) {
    probe.setDefault("timeoutSeconds", 1)
    probe.setDefault("periodSeconds", 10)
    probe.setDefault("successThreshold", 1)
    probe.setDefault("failureThreshold", 3)
    probe.change("httpGet", completeHTTPGet)
  }

  private static func completeHTTPGet(_ action: inout JSONValue) {
    action.setDefault("path", "/")
    action.setDefault("scheme", "HTTP")
  }

  private static func completeVolume(_ volume: inout JSONValue) {
    for source in ["configMap", "secret", "projected", "downwardAPI"] {
      volume.change(source) { $0.setDefault("defaultMode", 420) }
    }
    volume.change("hostPath") { $0.setDefault("type", "") }
    if volume.object?.count == 1 { volume["emptyDir"] = [:] }
  }

  static func violations(_ spec: JSONValue, at path: String) -> [Status.Cause] {
    guard let containers = spec["containers"]?.array, !containers.isEmpty else {
      return [.required("\(path).containers")]
    }
    var causes: [Status.Cause] = []
    var names: Set<String> = []
    for (index, container) in containers.enumerated() {
      let name = container["name"]?.string ?? ""
      if name.isEmpty { causes.append(.required("\(path).containers[\(index)].name")) }
      if !name.isEmpty, !names.insert(name).inserted {
        causes.append(
          Status.Cause(
            reason: "FieldValueDuplicate", message: "Duplicate value: \"\(name)\"",
            field: "\(path).containers[\(index)].name"))
      }
      if (container["image"]?.string ?? "").isEmpty { causes.append(.required("\(path).containers[\(index)].image")) }
    }
    return causes
  }
}

/// Pods as v1 has them.
struct PodRules: KindRules {
  func normalize(_ object: inout JSONValue) throws(NormalizationError) {
    object.setDefault("spec", [:])
    object.setDefault("status", [:])
    object.change("spec") { spec in
      PodTemplate.completeSpec(&spec)
      spec.setDefault("enableServiceLinks", true)
    }
  }

  func prepareForCreate(_ object: inout JSONValue) {
    let quality = Self.quality(of: object["spec"] ?? [:])
    object["status"] = ["phase": "Pending", "qosClass": .string(quality)]
    object.change("spec") { spec in
      spec.setDefault("serviceAccountName", "default")
      let account = spec["serviceAccountName"] ?? "default"
      spec.setDefault("serviceAccount", account)
      spec.setDefault("priority", 0)
      spec.setDefault("preemptionPolicy", "PreemptLowerPriority")
      spec.setDefault("tolerations", [])
      for reason in ["not-ready", "unreachable"] {
        let toleration: JSONValue = [
          "key": .string("node.kubernetes.io/\(reason)"), "operator": "Exists", "effect": "NoExecute",
          "tolerationSeconds": 300,
        ]
        spec["tolerations"] = .array((spec["tolerations"]?.array ?? []) + [toleration])
      }
    }
  }

  /// The class of service: what is asked for and what is allowed, of processor and memory.
  private static func quality(of spec: JSONValue) -> String {
    let containers = (spec["containers"]?.array ?? []) + (spec["initContainers"]?.array ?? [])
    let names = ["cpu", "memory"]
    var hasAny = false
    var isGuaranteed = true
    for container in containers {
      let limits = container["resources"]?["limits"]
      let requests = container["resources"]?["requests"]
      if names.contains(where: { limits?[$0] != nil || requests?[$0] != nil }) { hasAny = true }
      if names.contains(where: { limits?[$0] == nil || (requests?[$0] ?? limits?[$0]) != limits?[$0] }) {
        isGuaranteed = false
      }
    }
    if !hasAny { return "BestEffort" }
    return isGuaranteed ? "Guaranteed" : "Burstable"
  }

  func prepareForUpdate(_ object: inout JSONValue, old: JSONValue) {
    object["status"] = old["status"]
  }

  func prepareForStatusUpdate(_ object: inout JSONValue, old: JSONValue) {
    object["spec"] = old["spec"]
    object["metadata"]?["ownerReferences"] = old["metadata"]?["ownerReferences"]
  }

  func violations(_ object: JSONValue, old: JSONValue?, isStatus: Bool) -> [Status.Cause] {
    guard !isStatus else { return [] }
    return PodTemplate.violations(object["spec"] ?? [:], at: "spec")
  }

  var announcesDeletion: Bool { true }

  func gracePeriod(_ object: JSONValue, wanted: Int64?) -> Int64 {
    let isBound = !(object["spec"]?["nodeName"]?.string ?? "").isEmpty
    let hasEnded = ["Failed", "Succeeded"].contains(object["status"]?["phase"]?.string)
    guard isBound, !hasEnded else { return 0 }
    return wanted ?? object["spec"]?["terminationGracePeriodSeconds"]?.int64 ?? 30
  }
}
