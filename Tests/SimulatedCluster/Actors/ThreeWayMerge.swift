import KubernetesClient

/// What `kubectl apply` makes of a manifest and of what is there: the manifest's values win, what was in the manifest
/// before and is no longer goes, and everything else stays as somebody else made it.
///
/// Lists are merged element by element where Kubernetes gives them a key, and replaced elsewhere.
enum ThreeWayMerge {
  static func merge(_ live: JSONValue, _ wanted: JSONValue, last: JSONValue?) -> JSONValue {
    switch (live, wanted) {
    case (.object(let members), .object(let changes)):
      var result = members
      for member in last?.object ?? [:] where changes[member.key] == nil { result[member.key] = nil }
      for change in changes {
        result[change.key] =
          members[change.key].map { merge($0, change.value, last: last?[change.key], at: change.key) } ?? change.value
      }
      return .object(result)
    default:
      return wanted
    }
  }

  private static let keys = [
    "containers": "name", "initContainers": "name", "env": "name", "volumes": "name", "imagePullSecrets": "name",
    "ports": "containerPort", "volumeMounts": "mountPath",
  ]

  private static func merge(_ live: JSONValue, _ wanted: JSONValue, last: JSONValue?, at member: String) -> JSONValue {
    guard let key = keys[member], let elements = live.array, let changes = wanted.array else {
      return merge(live, wanted, last: last)
    }
    func element(_ list: [JSONValue], like other: JSONValue) -> JSONValue? { list.first { $0[key] == other[key] } }
    let before = last?.array ?? []
    // The manifest's order, then what others have added.
    let merged = changes.map { change in
      element(elements, like: change).map { merge($0, change, last: element(before, like: change)) } ?? change
    }
    let foreign = elements.filter { element(changes, like: $0) == nil && element(before, like: $0) == nil }
    return .array(merged + foreign)
  }
}
