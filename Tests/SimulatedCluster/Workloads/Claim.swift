import KubernetesClient

/// Which objects a controller's object has: those it manages and selects, and those it selects that nobody manages,
/// which it takes over. What it manages and no longer selects it lets go.
struct Claim {
  let server: SimulatedAPIServer
  let owners: OwnerIndex
  let user: String

  /// - Parameters:
  ///   - kind: of the owner.
  ///   - resource: what it may have.
  func objects(_ resource: APIResource, of owner: JSONValue, _ kind: APIResource) throws(Refusal) -> [JSONValue] {
    let metadata = owner["metadata"]
    let namespace = metadata?["namespace"]?.string ?? ""
    let isBeingDeleted = metadata?["deletionTimestamp"] != nil
    let selector = owner["spec"]?["selector"] ?? .null
    var claimed: [JSONValue] = []
    for key in owners.children(of: metadata?["uid"]?.string ?? "") {
      guard let object = server.object(resource, key.namespace, key.name) else { continue }
      if Self.selects(selector, object) {
        claimed.append(object)
      } else if !isBeingDeleted {
        try release(object, resource)
      }
    }
    if isBeingDeleted { return claimed }
    for name in owners.orphans(resource, namespace) {
      guard let object = server.object(resource, namespace, name), Self.selects(selector, object),
        object["metadata"]?["deletionTimestamp"] == nil
      else { continue }
      claimed.append(try adopt(object, resource, by: OwnerIndex.reference(to: owner, kind)))
    }
    return claimed
  }

  private func adopt(_ object: JSONValue, _ resource: APIResource, by owner: JSONValue) throws(Refusal) -> JSONValue {
    var object = object
    let others = object["metadata"]?["ownerReferences"]?.array ?? []
    object["metadata"]?["ownerReferences"] = .array(others + [owner])
    return try server.update(resource, object["metadata"]?["namespace"]?.string, object, user: user)
  }

  private func release(_ object: JSONValue, _ resource: APIResource) throws(Refusal) {
    var object = object
    let others = (object["metadata"]?["ownerReferences"]?.array ?? []).filter { $0["controller"]?.bool != true }
    object["metadata"]?["ownerReferences"] = others.isEmpty ? JSONValue?.none : .array(others)
    try server.update(resource, object["metadata"]?["namespace"]?.string, object, user: user)
  }

  /// Whether a label selector selects an object; an empty one selects none here.
  static func selects(_ selector: JSONValue, _ object: JSONValue) -> Bool {
    let labels = object["metadata"]?["labels"]
    let pairs = selector["matchLabels"]?.object ?? [:]
    let requirements = selector["matchExpressions"]?.array ?? []
    if pairs.isEmpty, requirements.isEmpty { return false }
    return pairs.allSatisfy { labels?[$0.key] == $0.value }
      && requirements.allSatisfy { isMet($0, labels?[$0["key"]?.string ?? ""]) }
  }

  private static func isMet(_ requirement: JSONValue, _ value: JSONValue?) -> Bool {
    let isAmong = value.map { requirement["values"]?.array?.contains($0) ?? false } ?? false
    return switch requirement["operator"]?.string {
    case "In": isAmong
    case "NotIn": !isAmong
    case "Exists": value != nil
    case "DoesNotExist": value == nil
    default: false
    }
  }
}
