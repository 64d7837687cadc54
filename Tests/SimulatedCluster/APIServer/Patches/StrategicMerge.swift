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
    var changed: [JSONValue] = []
    var untouched = held
    for change in changes {
      let old = held.first { $0[key] == change[key] }
      untouched.removeAll { $0[key] == change[key] }
      guard change["$patch"]?.string != "delete" else { continue }
      changed.append(old.map { merged($0, change) } ?? change)
    }
    return .array(ordered(changed, untouched, as: held.map { $0[key] }, by: key))
  }

  /// What is patched and what is not, in the order they had; what is new comes before what it cannot be compared with.
  private static func ordered(
    _ changed: [JSONValue], _ untouched: [JSONValue], as order: [JSONValue?], by key: String
  ) -> [JSONValue] {
    var result: [JSONValue] = []
    var rest = untouched[...]
    for element in changed {
      let place = order.firstIndex { $0 == element[key] }
      while let place, let next = rest.first, let other = order.firstIndex(where: { $0 == next[key] }), other < place {
        result.append(next)
        rest.removeFirst()
      }
      result.append(element)
    }
    return result + rest
  }
}
