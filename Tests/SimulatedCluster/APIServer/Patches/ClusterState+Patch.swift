import KubernetesClient

/// A patch as a request brings it.
struct PatchRequest {
  enum Language: String {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategicMerge = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"
  }

  var language: Language
  var body: JSONValue
  var force = false
}

extension PatchRequest {
  init(_ patch: Patch) {
    switch patch {
    case .json(let operations): self.init(language: .json, body: .array(operations.map(\.value)))
    case .merge(let value): self.init(language: .merge, body: value)
    case .strategicMerge(let value): self.init(language: .strategicMerge, body: value)
    case .apply(let value, let force): self.init(language: .apply, body: value, force: force)
    }
  }
}

extension ClusterState {
  mutating func patch(
    _ kind: Int, _ namespace: String?, _ name: String, _ patch: PatchRequest, _ write: Write
  ) throws(Refusal) -> (object: StoredObject, isNew: Bool) {
    let served = kinds[kind]
    guard let old = tables[kind].object(ObjectTable.key(namespace, name)) else {
      if patch.language == .apply, write.subresource == nil {
        return (try applyNew(kind, namespace, name, patch, write), true)
      }
      throw .notFound(served, name)
    }
    let changed: JSONValue
    switch patch.language {
    case .json: changed = try Self.patched(old.value, byJSON: patch.body)
    case .merge:
      guard patch.body.object != nil else { throw .badRequest("a merge patch is an object") }
      changed = old.value.merged(with: patch.body)
    case .strategicMerge:
      guard !served.isCustom else {
        throw .unsupportedMediaType(
          [PatchRequest.Language.json, .merge, .apply].map(\.rawValue))
      }
      changed = StrategicMerge.merged(old.value, patch.body)
    case .apply: changed = try applied(patch, over: old, kind, write)
    }
    guard changed.objectName == name || changed.objectName.isEmpty else {
      throw .badRequest("the name of the object (\(changed.objectName)) does not match the name on the URL (\(name))")
    }
    var object = try normalized(changed, kind, namespace: namespace)
    if object["metadata"]?["name"] == nil { object["metadata"]?["name"] = .string(name) }
    return (try store(object, over: old, kind, write), false)
  }

  private static func patched(_ document: JSONValue, byJSON body: JSONValue) throws(Refusal) -> JSONValue {
    let patch: JSONPatchDocument
    do throws(JSONPatchDocument.Failure) {
      patch = try JSONPatchDocument(body)
    } catch {
      throw .badRequest(error.message)
    }
    do throws(JSONPatchDocument.Failure) {
      return try patch.apply(to: document)
    } catch {
      throw Refusal(422, "Invalid", "the server rejected our request due to an error in our request")
    }
  }
}
