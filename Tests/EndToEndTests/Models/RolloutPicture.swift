import KubernetesClient

/// A Deployment and its ReplicaSets as lines that two clusters have in common: hashes are numbered, and what is one's
/// own by chance is left out.
struct RolloutPicture: Equatable {
  /// `path = value`, sorted.
  var lines: [String]

  init(deployment: JSONValue?, replicaSets: [JSONValue]) {
    let sets = replicaSets.sorted { Self.revision($0) < Self.revision($1) }
    let hashes = sets.map { $0["metadata"]?["labels"]?["pod-template-hash"]?.string ?? "" }
    var lines: [String] = []
    func add(_ name: String, _ object: JSONValue) {
      Self.walk(Self.bare(object, isDeployment: name == "deployment"), name) { path, value in
        var line = "\(path) = \(value)"
        for (index, hash) in hashes.enumerated() where !hash.isEmpty {
          line = line.split(separator: hash, omittingEmptySubsequences: false).joined(separator: "<hash \(index + 1)>")
        }
        lines.append(line)
      }
    }
    if let deployment { add("deployment", deployment) }
    for (index, set) in sets.enumerated() { add("replicaSet \(index + 1)", set) }
    self.lines = lines.sorted()
  }

  /// The lines that only one of two has.
  func difference(from other: RolloutPicture) -> (here: [String], there: [String]) {
    (lines.filter { !other.lines.contains($0) }, other.lines.filter { !lines.contains($0) })
  }

  private static func revision(_ object: JSONValue) -> Int {
    object["metadata"]?["annotations"]?["deployment.kubernetes.io/revision"]?.string.flatMap { Int($0) } ?? 0
  }

  private static func bare(_ object: JSONValue, isDeployment: Bool) -> JSONValue {
    var object = object
    // Not in what a list holds.
    object["apiVersion"] = nil
    object["kind"] = nil
    for key in ["uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink", "namespace"] {
      object["metadata"]?[key] = nil
    }
    object.set("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", to: nil)
    if object["spec"]?["template"]?.at("/metadata/annotations/kubectl.kubernetes.io~1restartedAt") != nil {
      object.set("/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt", to: "then")
    }
    if object["metadata"]?["ownerReferences"] != nil { object.set("/metadata/ownerReferences/0/uid", to: nil) }
    if !isDeployment {
      // How often a ReplicaSet was scaled depends on how fast the pods were.
      object["metadata"]?["generation"] = nil
      object["status"]?["observedGeneration"] = nil
    }
    let conditions = (object["status"]?["conditions"]?.array ?? []).map { condition in
      var condition = condition
      condition["lastUpdateTime"] = nil
      condition["lastTransitionTime"] = nil
      return condition
    }
    if !conditions.isEmpty { object["status"]?["conditions"] = .array(conditions) }
    return object
  }

  private static func walk(_ value: JSONValue, _ path: String, _ visit: (String, String) -> Void) {
    switch value {
    case .object(let members) where !members.isEmpty:
      for member in members { walk(member.value, "\(path)/\(member.key)", visit) }
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() { walk(element, "\(path)/\(index)", visit) }
    default:
      visit(path, String(decoding: value.serialized(), as: UTF8.self))
    }
  }
}
