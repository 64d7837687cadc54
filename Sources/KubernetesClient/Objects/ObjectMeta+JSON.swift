extension ObjectMeta {
  /// As a manifest writes it; fields that are not set are left out.
  public var json: JSONValue {
    var value: JSONValue = [:]
    if !name.isEmpty { value["name"] = .string(name) }
    if let namespace { value["namespace"] = .string(namespace) }
    if !uid.isEmpty { value["uid"] = .string(uid) }
    if !resourceVersion.isEmpty { value["resourceVersion"] = .string(resourceVersion) }
    if generation != 0 { value["generation"] = JSONValue(generation) }
    if let creationTimestamp { value["creationTimestamp"] = .string(Timestamp.seconds(creationTimestamp)) }
    if let deletionTimestamp { value["deletionTimestamp"] = .string(Timestamp.seconds(deletionTimestamp)) }
    if !labels.isEmpty { value["labels"] = labels.json }
    if !annotations.isEmpty { value["annotations"] = annotations.json }
    if !ownerReferences.isEmpty { value["ownerReferences"] = .array(ownerReferences.map(\.json)) }
    return value
  }
}

extension OwnerReference {
  /// As a manifest writes it.
  public var json: JSONValue {
    var value: JSONValue = [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
    ]
    if isController { value["controller"] = true }
    return value
  }
}
