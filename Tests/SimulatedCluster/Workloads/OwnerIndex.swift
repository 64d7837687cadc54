import KubernetesClient
import Synchronization

/// The name of an object of a kind that is known.
struct ObjectKey: Hashable, Sendable {
  var namespace: String
  var name: String
}

/// Which objects a controller's objects have, kept up to date from the changes.
final class OwnerIndex: Sendable {
  private struct State {
    /// Names by UID of the managing owner, in the order of their creation.
    var children: [String: [ObjectKey]] = [:]
    /// Names of objects that nobody manages, by kind and namespace, in the order in which they came to be so.
    var orphans: [OrphanPlace: [String]] = [:]
  }

  private struct OrphanPlace: Hashable {
    var plural: String
    var namespace: String
  }

  private let state = Mutex(State())

  func children(of uid: String) -> [ObjectKey] { state.withLock { $0.children[uid] ?? [] } }

  func orphans(_ resource: APIResource, _ namespace: String) -> [String] {
    state.withLock { $0.orphans[OrphanPlace(plural: resource.plural, namespace: namespace)] ?? [] }
  }

  func take(_ change: Change) {
    let before = change.old.flatMap(Self.controller)
    let after = change.verb == .deleted ? nil : Self.controller(of: change.new)
    let wasOrphan = change.old != nil && before == nil
    let isOrphan = change.verb != .deleted && after == nil
    if before == after, wasOrphan == isOrphan { return }
    let key = ObjectKey(namespace: change.namespace ?? "", name: change.name)
    let place = OrphanPlace(plural: change.resource.plural, namespace: key.namespace)
    state.withLock { state in
      if wasOrphan { state.orphans[place]?.removeAll { $0 == key.name } }
      if isOrphan { state.orphans[place, default: []].append(key.name) }
      if let before {
        state.children[before]?.removeAll { $0 == key }
        if state.children[before]?.isEmpty == true { state.children[before] = nil }
      }
      if let after { state.children[after, default: []].append(key) }
    }
  }

  /// The UID of the owner that manages an object.
  static func controller(of object: JSONValue) -> String? { controllerReference(of: object)?["uid"]?.string }

  static func controllerReference(of object: JSONValue) -> JSONValue? {
    object["metadata"]?["ownerReferences"]?.array?.first { $0["controller"]?.bool == true }
  }

  /// What makes an object the manager of another.
  static func reference(to owner: JSONValue, _ resource: APIResource) -> JSONValue {
    [
      "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
      "name": owner["metadata"]?["name"] ?? "", "uid": owner["metadata"]?["uid"] ?? "",
      "controller": true, "blockOwnerDeletion": true,
    ]
  }
}

/// Fingerprints of templates, each computed once.
final class TemplateFingerprints: Sendable {
  private let known = Mutex<[String: (generation: Int64, fingerprint: UInt64)]>([:])

  func fingerprint(uid: String, generation: Int64, _ template: JSONValue) -> UInt64 {
    if let entry = known.withLock({ $0[uid] }), entry.generation == generation { return entry.fingerprint }
    let fingerprint = TemplateHash.fingerprint(template)
    known.withLock { $0[uid] = (generation, fingerprint) }
    return fingerprint
  }

  func forget(_ uid: String) { known.withLock { $0[uid] = nil } }
}
