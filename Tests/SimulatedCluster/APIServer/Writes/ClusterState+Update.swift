import KubernetesClient

extension ClusterState {
  /// - Returns: what is stored now, and whether it was created by this.
  mutating func update(
    _ kind: Int, _ namespace: String?, _ name: String, _ body: JSONValue, _ write: Write
  ) throws(Refusal) -> (object: StoredObject, isNew: Bool) {
    let served = kinds[kind]
    let sent = body.objectName
    guard !sent.isEmpty else {
      throw .badRequest(
        "the name of the object (\(name) based on URL) was undeterminable: name must be provided")
    }
    guard sent == name else {
      throw .badRequest("the name of the object (\(sent)) does not match the name on the URL (\(name))")
    }
    guard let old = tables[kind].object(ObjectTable.key(namespace, name)) else {
      // The precondition comes before the question whether there is anything at all.
      if !served.isCustom, let uid = body["metadata"]?["uid"]?.string, !uid.isEmpty {
        throw .conflict(served, name, "Precondition failed: UID in precondition: \(uid), UID in object meta: ")
      }
      guard served.createsOnUpdate, write.subresource == nil else { throw .notFound(served, name) }
      var body = body
      body["metadata"]?["resourceVersion"] = nil
      return (try create(kind, namespace, body, write), true)
    }
    var object = try normalized(body, kind, namespace: namespace)
    if served.resource.isNamespaced { object["metadata"]?["namespace"] = namespace.map { .string($0) } }
    let uid = object["metadata"]?["uid"]?.string
    if let uid, uid != old.uid {
      throw .conflict(
        served, name, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uid)")
    }
    if object["metadata"]?["resourceVersion"] == nil, !served.updatesUnconditionally {
      throw .invalid(
        served, name, [.invalidValue("metadata.resourceVersion", "0", "must be specified for an update")])
    }
    return (try store(object, over: old, kind, write), false)
  }

  /// Puts a changed object in the place of `old`, if all rules allow it.
  mutating func store(
    _ changed: JSONValue, over old: StoredObject, _ kind: Int, _ write: Write
  ) throws(Refusal) -> StoredObject {
    let served = kinds[kind]
    let name = old.name
    var object = changed
    if let version = object["metadata"]?["resourceVersion"]?.string, UInt64(version) != old.resourceVersion {
      throw .conflict(served, name, Refusal.modified)
    }
    let isStatus = write.subresource == "status"
    keepMetadata(&object, old)
    if isStatus {
      served.rules.prepareForStatusUpdate(&object, old: old.value)
    } else {
      served.rules.prepareForUpdate(&object, old: old.value)
      if served.rules.isNewGeneration(object, old: old.value) == true {
        object["metadata"]?["generation"] = JSONValue((old.value["metadata"]?["generation"]?.int64 ?? 0) + 1)
      }
    }
    let causes =
      MetadataRules.violations(object, old: old.value, served)
      + served.rules.violations(object, old: old.value, isStatus: isStatus)
    guard causes.isEmpty else { throw .invalid(served, name, causes) }
    if write.isDryRun {
      return StoredObject(object, resourceVersion: old.resourceVersion, namespace: old.namespace, name: name)
    }
    object["metadata"]?["resourceVersion"] = old.value["metadata"]?["resourceVersion"]
    if isReadyToGo(object) {
      // Watches are told the last state that was stored, with the finalizer that was just removed.
      commit(.deleted, kind, old: old, value: old.value, user: write.user)
      // The answer shows the version before.
      return StoredObject(object, resourceVersion: old.resourceVersion, namespace: old.namespace, name: name)
    }
    if object == old.value || object.isSemanticallyEqual(to: old.value) { return old }
    return commit(.modified, kind, old: old, value: object, user: write.user)
  }

  /// What nobody can change by an update.
  private func keepMetadata(_ object: inout JSONValue, _ old: StoredObject) {
    guard let before = old.value["metadata"], var metadata = object["metadata"] else {
      object["metadata"] = old.value["metadata"]
      return
    }
    for key in ["deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink"] {
      metadata[key] = before[key]
    }
    for key in ["uid", "creationTimestamp", "name", "namespace", "managedFields"] where metadata[key] == nil {
      metadata[key] = before[key]
    }
    object["metadata"] = metadata
  }

  /// Whether it is being deleted and nothing holds it any more.
  func isReadyToGo(_ object: JSONValue) -> Bool {
    let metadata = object["metadata"]
    return metadata?["deletionTimestamp"]?.string != nil && (metadata?["finalizers"]?.array ?? []).isEmpty
      && (metadata?["deletionGracePeriodSeconds"]?.int64 ?? 0) == 0
  }
}
