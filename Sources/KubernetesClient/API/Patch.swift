/// A change to one object, in one of the four languages the API server speaks.
public enum Patch: Sendable, Equatable {
  /// JSON Patch (RFC 6902): all operations or none; `.test` makes it conditional.
  case json([JSONPatchOperation])
  /// JSON Merge Patch (RFC 7386): `null` removes, lists are replaced whole.
  case merge(JSONValue)
  /// Kubernetes' strategic merge; not served for custom resources.
  case strategicMerge(JSONValue)
  /// Server-side apply under the client's field manager; `force` takes fields over from other managers.
  case apply(JSONValue, force: Bool)

  var contentType: String {
    switch self {
    case .json: "application/json-patch+json"
    case .merge: "application/merge-patch+json"
    case .strategicMerge: "application/strategic-merge-patch+json"
    // JSON is YAML; servers before 1.30 know no other name for it.
    case .apply: "application/apply-patch+yaml"
    }
  }

  var body: JSONValue {
    switch self {
    case .json(let operations): .array(operations.map(\.value))
    case .merge(let value), .strategicMerge(let value), .apply(let value, force: _): value
    }
  }
}

/// One step of a JSON Patch; paths are JSON Pointers (RFC 6901), for which ``JSONPointer`` escapes keys.
public enum JSONPatchOperation: Sendable, Equatable {
  /// The whole patch fails unless the value at `path` equals `value`.
  case test(path: String, value: JSONValue)
  /// Inserts into a list, or sets a member, which may be there already.
  case add(path: String, value: JSONValue)
  /// Sets what must be there already.
  case replace(path: String, value: JSONValue)
  /// Removes what must be there.
  case remove(path: String)
  case move(from: String, path: String)
  case copy(from: String, path: String)

  /// The operation as RFC 6902 writes it.
  public var value: JSONValue {
    switch self {
    case .test(let path, let value): ["op": "test", "path": .string(path), "value": value]
    case .add(let path, let value): ["op": "add", "path": .string(path), "value": value]
    case .replace(let path, let value): ["op": "replace", "path": .string(path), "value": value]
    case .remove(let path): ["op": "remove", "path": .string(path)]
    case .move(let from, let path): ["op": "move", "from": .string(from), "path": .string(path)]
    case .copy(let from, let path): ["op": "copy", "from": .string(from), "path": .string(path)]
    }
  }
}
