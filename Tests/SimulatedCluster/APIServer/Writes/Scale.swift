import KubernetesClient

/// The scale subresource.
enum Scale {
  static func of(_ object: StoredObject) -> JSONValue {
    let metadata = object.value["metadata"]
    var own: JSONValue = [:]
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] { own[key] = metadata?[key] }
    let spec = object.value["spec"]
    var scaleSpec: JSONValue = [:]
    if let replicas = spec?["replicas"], replicas.int64 != 0 { scaleSpec["replicas"] = replicas }
    var status: JSONValue = ["replicas": object.value["status"]?["replicas"] ?? 0]
    let selector = (spec?["selector"]?["matchLabels"]?.object ?? [:])
      .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ",")
    if !selector.isEmpty { status["selector"] = .string(selector) }
    return ["kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": own, "spec": scaleSpec, "status": status]
  }
}

extension ClusterState {
  mutating func writeScale(
    _ resource: ResourceTarget, _ name: String, _ body: JSONValue, _ language: PatchRequest.Language?, _ write: Write
  ) throws(Refusal) -> JSONValue {
    let served = kinds[resource.kind]
    guard let old = tables[resource.kind].object(ObjectTable.key(resource.namespace, name)) else {
      throw .notFound(served, name)
    }
    var scale = body
    let before = Scale.of(old)
    switch language {
    case nil: break
    case .json?:
      do throws(JSONPatchDocument.Failure) {
        scale = try JSONPatchDocument(body).apply(to: before)
      } catch {
        throw Refusal(422, "Invalid", "the server rejected our request due to an error in our request")
      }
    case .merge?, .strategicMerge?: scale = before.merged(with: body)
    case .apply?: scale = before.merged(with: body)
    }
    let replicas = scale["spec"]?["replicas"]?.int64 ?? 0
    guard replicas >= 0 else {
      throw Refusal(
        422, "Invalid",
        "Scale.autoscaling \"\(name)\" is invalid: spec.replicas: Invalid value: \(replicas): must be "
          + "greater than or equal to 0",
        causes: [.invalidValue("spec.replicas", replicas, "must be greater than or equal to 0")])
    }
    var value = old.value
    value["spec"]?["replicas"] = JSONValue(replicas)
    if let version = scale["metadata"]?["resourceVersion"]?.string, UInt64(version) != old.resourceVersion {
      throw .conflict(served, name, Refusal.modified)
    }
    var whole = write
    whole.subresource = nil
    return Scale.of(try store(value, over: old, resource.kind, whole))
  }
}
