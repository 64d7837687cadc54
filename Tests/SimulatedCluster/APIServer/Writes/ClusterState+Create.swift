import KubernetesClient

extension ClusterState {
  mutating func create(
    _ kind: Int, _ namespace: String?, _ body: JSONValue, _ write: Write
  ) throws(Refusal) -> StoredObject {
    let served = kinds[kind]
    var object = try normalized(body, kind, namespace: namespace)
    let base = object["metadata"]?["generateName"]?.string ?? ""
    if object.objectName.isEmpty, !base.isEmpty {
      object["metadata"]?["name"] = .string(String(base.prefix(58)) + makeSuffix())
    }
    let name = object.objectName
    try checkNamespace(namespace, kind, name)
    var metadata = object["metadata"] ?? [:]
    for key in ["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
      metadata[key] = nil
    }
    metadata["uid"] = .string(makeUID())
    metadata["creationTimestamp"] = .string(Timestamp.seconds(now()))
    if served.resource.isNamespaced { metadata["namespace"] = namespace.map { .string($0) } }
    object["metadata"] = metadata
    served.rules.prepareForCreate(&object)
    if served.rules.isNewGeneration(object, old: object) != nil { object["metadata"]?["generation"] = 1 }
    let causes =
      MetadataRules.violations(object, old: nil, served) + served.rules.violations(object, old: nil, isStatus: false)
    guard causes.isEmpty else { throw .invalid(served, name, causes) }
    let key = ObjectTable.key(namespace, name)
    if let version = body["metadata"]?["resourceVersion"]?.string, !version.isEmpty, version != "0" {
      throw Refusal(500, "", "resourceVersion should not be set on objects to be created")
    }
    guard tables[kind].object(key) == nil else { throw .alreadyExists(served, name) }
    if write.isDryRun { return StoredObject(object, resourceVersion: 0, namespace: namespace, name: name) }
    return commit(.added, kind, old: nil, value: object, user: write.user)
  }

  /// The object that a body stands for, in the form of its kind.
  func normalized(_ body: JSONValue, _ kind: Int, namespace: String?) throws(Refusal) -> JSONValue {
    let served = kinds[kind]
    guard let members = body.object else { throw .badRequest("the object provided is not an object") }
    if served.isCustom, body["kind"]?.string == nil || body["apiVersion"]?.string == nil {
      throw .badRequest(
        "the object provided is unrecognized (must be of type \(served.resource.kind)): Object 'Kind' is missing")
    }
    for (key, wanted) in [("kind", served.resource.kind), ("apiVersion", served.resource.apiVersion)] {
      if let held = body[key]?.string, !held.isEmpty, held != wanted {
        if served.isCustom, key == "kind" {
          throw .invalid(served, body.objectName, [.invalidValue("kind", "\"\(held)\"", "must be \(wanted)")])
        }
        throw .badRequest("the object provided has \(key) \(held), which does not match the expected \(wanted)")
      }
    }
    if let held = body["metadata"]?["namespace"]?.string, !held.isEmpty, held != (namespace ?? "") {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
    // What every object begins with comes first, so that lists can leave it out.
    var ordered: [JSONObject.Member] = [
      .init(key: "kind", value: .string(served.resource.kind)),
      .init(key: "apiVersion", value: .string(served.resource.apiVersion)),
      .init(key: "metadata", value: MetadataRules.normalized(body["metadata"] ?? [:])),
    ]
    for member in members where !["kind", "apiVersion", "metadata"].contains(member.key) {
      ordered.append(served.isCustom ? member : .init(key: member.key, value: member.value.withoutNulls))
    }
    var object = JSONValue.object(JSONObject(ordered))
    do throws(NormalizationError) {
      try served.rules.normalize(&object)
    } catch {
      throw .badRequest(error.message)
    }
    return object
  }

  private func checkNamespace(_ namespace: String?, _ kind: Int, _ name: String) throws(Refusal) {
    let served = kinds[kind]
    guard served.resource.isNamespaced else { return }
    guard let namespace else { throw .badRequest("an empty namespace may not be set during creation") }
    let namespaces = try self.kind(of: .namespaces)
    guard let held = tables[namespaces].object(namespace) else { throw .notFound(kinds[namespaces], namespace) }
    guard held.value["metadata"]?["deletionTimestamp"] == nil else {
      throw .forbidden(
        served, name, "unable to create new content in namespace \(namespace) because it is being terminated",
        causes: [
          Status.Cause(
            reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
            field: "metadata.namespace")
        ])
    }
  }
}
