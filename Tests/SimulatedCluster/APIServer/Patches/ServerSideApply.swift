import KubernetesClient

extension ClusterState {
  mutating func applyNew(
    _ kind: Int, _ namespace: String?, _ name: String, _ patch: PatchRequest, _ write: Write
  ) throws(Refusal) -> StoredObject {
    var body = patch.body
    var metadata = body["metadata"] ?? [:]
    metadata["name"] = .string(name)
    metadata["managedFields"] = .array([managedFields(patch.body, kind, write)])
    body["metadata"] = metadata
    return try create(kind, namespace, body, write)
  }

  /// What is applied is merged in; fields that the same manager applied before and leaves out now are removed.
  func applied(
    _ patch: PatchRequest, over old: StoredObject, _ kind: Int, _ write: Write
  ) throws(Refusal) -> JSONValue {
    let entries = old.value["metadata"]?["managedFields"]?.array ?? []
    let isOwn: (JSONValue) -> Bool = {
      $0["manager"]?.string == write.manager && $0["operation"]?.string == "Apply"
    }
    var value = old.value
    let fields = FieldTree(patch.body)
    for entry in entries {
      let held = FieldTree(fieldsV1: entry["fieldsV1"] ?? [:])
      if isOwn(entry) {
        held.subtracting(fields).remove(from: &value)
      } else if !patch.force, let path = held.firstConflict(with: patch.body, in: old.value) {
        throw conflict(kinds[kind], old.name, entry["manager"]?.string ?? "", path)
      }
    }
    value = StrategicMerge.merged(value, patch.body)
    var kept = entries.filter { !isOwn($0) }
    kept.append(managedFields(patch.body, kind, write))
    value["metadata"]?["managedFields"] = .array(kept)
    return value
  }

  private func conflict(_ served: ServedKind, _ name: String, _ manager: String, _ path: String) -> Refusal {
    let message = "conflict with \"\(manager)\": \(path)"
    return Refusal(
      409, "Conflict", "Apply failed with 1 conflict: \(message)", served, name: name,
      causes: [Status.Cause(reason: "FieldManagerConflict", message: "conflict with \"\(manager)\"", field: path)])
  }

  private func managedFields(_ body: JSONValue, _ kind: Int, _ write: Write) -> JSONValue {
    [
      "manager": .string(write.manager), "operation": "Apply",
      "apiVersion": .string(kinds[kind].resource.apiVersion), "time": .string(Timestamp.seconds(now())),
      "fieldsType": "FieldsV1", "fieldsV1": FieldTree(body).fieldsV1,
    ]
  }
}

/// The fields that a manager owns: a tree whose leaves are fields. Lists count as one field.
struct FieldTree {
  private var children: [(name: String, tree: FieldTree)] = []

  /// The fields that an applied object sets.
  init(_ object: JSONValue) {
    children = (object.object ?? [:]).filter { !["apiVersion", "kind"].contains($0.key) }.map {
      ($0.key, $0.key == "metadata" ? FieldTree(metadata: $0.value) : FieldTree(inner: $0.value))
    }
  }

  private init(metadata: JSONValue) {
    let names = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"]
    children = (metadata.object ?? [:]).filter { !names.contains($0.key) }
      .map { ($0.key, FieldTree(inner: $0.value)) }
  }

  private init(inner value: JSONValue) {
    children = (value.object ?? [:]).map { ($0.key, FieldTree(inner: $0.value)) }
  }

  init(fieldsV1: JSONValue) {
    children = (fieldsV1.object ?? [:]).filter { $0.key.hasPrefix("f:") }.map {
      (String($0.key.dropFirst(2)), FieldTree(fieldsV1: $0.value))
    }
  }

  private init(_ children: [(name: String, tree: FieldTree)]) {
    self.children = children
  }

  var fieldsV1: JSONValue {
    .object(JSONObject(children.map { .init(key: "f:\($0.name)", value: $0.tree.fieldsV1) }))
  }

  var isLeaf: Bool { children.isEmpty }

  private subscript(name: String) -> FieldTree? { children.first { $0.name == name }?.tree }

  /// What is here and not there.
  func subtracting(_ other: FieldTree) -> FieldTree {
    FieldTree(
      children.compactMap { child in
        guard let same = other[child.name] else { return child }
        if child.tree.isLeaf || same.isLeaf { return nil }
        let rest = child.tree.subtracting(same)
        return rest.isLeaf ? nil : (child.name, rest)
      })
  }

  func remove(from value: inout JSONValue) {
    for child in children {
      if child.tree.isLeaf {
        value[child.name] = nil
      } else {
        value.change(child.name) { child.tree.remove(from: &$0) }
      }
    }
  }

  /// The first field of this manager that `wanted` sets to something else.
  func firstConflict(with wanted: JSONValue, in held: JSONValue, at path: String = "") -> String? {
    for child in children {
      guard let new = wanted[child.name] else { continue }
      let here = "\(path).\(child.name)"
      if child.tree.isLeaf {
        if let old = held[child.name], !old.isSemanticallyEqual(to: new) { return here }
      } else if let conflict = child.tree.firstConflict(with: new, in: held[child.name] ?? .null, at: here) {
        return conflict
      }
    }
    return nil
  }
}
