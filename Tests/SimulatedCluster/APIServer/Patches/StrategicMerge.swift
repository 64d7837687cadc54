import KubernetesClient

/// Strategic merge patches: lists of named things are merged by their names.
enum StrategicMerge {
  /// What the elements of a list are known by; other lists are replaced whole.
  private static let keys = [
    "containers": "name", "initContainers": "name", "volumes": "name", "env": "name", "ports": "containerPort",
    "volumeMounts": "mountPath", "imagePullSecrets": "name", "conditions": "type", "ownerReferences": "uid",
    "hostAliases": "ip", "secrets": "name",
  ]
  /// Lists of plain values that are united.
  private static let sets: Set<String> = ["finalizers"]

  static func merged(_ value: JSONValue, _ patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    if changes["$patch"]?.string == "replace" {
      return .object(JSONObject(changes.filter { $0.key != "$patch" }))
    }
    var result = value.object ?? JSONObject()
    for change in changes where !change.key.hasPrefix("$") {
      if change.value.isNull {
        result[change.key] = nil
      } else if case .array(let elements) = change.value {
        result[change.key] = list(result[change.key]?.array ?? [], elements, named: change.key)
      } else {
        result[change.key] = merged(result[change.key] ?? .null, change.value)
      }
    }
    for change in changes where change.key.hasPrefix("$deleteFromPrimitiveList/") {
      let name = String(change.key.dropFirst("$deleteFromPrimitiveList/".count))
      let gone = change.value.array ?? []
      result[name] = .array((result[name]?.array ?? []).filter { !gone.contains($0) })
    }
    return .object(result)
  }

  private static func list(_ held: [JSONValue], _ changes: [JSONValue], named name: String) -> JSONValue {
    if sets.contains(name) { return .array(held + changes.filter { !held.contains($0) }) }
    guard let key = keys[name] else { return .array(changes) }
    if changes.contains(where: { $0["$patch"]?.string == "replace" }) {
      return .array(changes.filter { $0["$patch"] == nil })
    }
    var result = held
    for change in changes {
      let place = result.firstIndex { $0[key] == change[key] }
      if change["$patch"]?.string == "delete" {
        if let place { result.remove(at: place) }
      } else if let place {
        result[place] = merged(result[place], change)
      } else {
        result.append(change)
      }
    }
    return .array(result)
  }
}
