import Crypto
import FoundationEssentials
package import KubernetesClient
package import RollbackCore

extension Revision {
  /// A revision from the metadata of its ReplicaSet; `nil` for one that no Deployment numbered.
  package init?(_ metadata: ObjectMeta, template: TemplateFacts?) {
    guard let hash = metadata.labels["pod-template-hash"],
      let number = metadata.annotations[Annotation.revision].flatMap({ Int64($0) }), number > 0
    else { return nil }
    let isOwnVerdict = metadata.annotations[Annotation.verdictHash] == hash
    self.init(
      name: metadata.name, uid: metadata.uid, number: number, hash: hash, createdAt: metadata.creationTimestamp,
      isReused: metadata.annotations[Annotation.revisionHistory] != nil,
      isBeingDeleted: metadata.deletionTimestamp != nil,
      verdict: isOwnVerdict ? metadata.annotations[Annotation.verdict].flatMap(Verdict.init(rawValue:)) : nil,
      attempt: metadata.annotations[Annotation.forgiven].flatMap { Int($0) }.map { max(0, $0) } ?? 0,
      version: template?.version, images: template?.images)
  }
}

/// What is kept of a pod template once it has been read: templates of a ReplicaSet do not change.
package struct TemplateFacts: Sendable, Hashable {
  /// Fingerprint of the whole template without the hash label that the Deployment controller adds.
  var exact: String
  /// The same without restart annotations.
  var version: String
  var images: [String]
  /// ConfigMaps and Secrets that a pod of it cannot start without.
  var references: [Reference]

  package struct Reference: Sendable, Hashable {
    var resource: APIResource
    var name: String
  }

  /// - Parameter template: `spec.template` of a Deployment or ReplicaSet.
  package init(_ template: JSONValue) {
    let bare = template.withoutHashLabel()
    exact = Self.fingerprint(bare)
    var version = bare
    version.removeMember(Annotation.restartedAt, of: "/metadata/annotations")
    self.version = Self.fingerprint(version)
    let spec = template["spec"]
    // As many and as long as the schema of events and statuses takes.
    images = (spec?["containers"]?.array ?? []).prefix(100).compactMap {
      $0["image"]?.string.map { String($0.prefix(1_024)) }
    }
    references = Self.references(of: spec)
  }

  /// SHA-256 over the members in sorted order, so that two servers' orders of the same template are the same.
  private static func fingerprint(_ value: JSONValue) -> String {
    let digest = SHA256.hash(data: value.canonical().serialized())
    return digest.prefix(12).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  private static func references(of spec: JSONValue?) -> [Reference] {
    var found: Set<Reference> = []
    func add(_ resource: APIResource, _ source: JSONValue?, _ key: String) {
      guard let source, source["optional"]?.bool != true, let name = source[key]?.string else { return }
      found.insert(Reference(resource: resource, name: name))
    }
    for volume in spec?["volumes"]?.array ?? [] {
      add(.configMaps, volume["configMap"], "name")
      add(.secrets, volume["secret"], "secretName")
      for source in volume["projected"]?["sources"]?.array ?? [] {
        add(.configMaps, source["configMap"], "name")
        add(.secrets, source["secret"], "name")
      }
    }
    for container in (spec?["initContainers"]?.array ?? []) + (spec?["containers"]?.array ?? []) {
      for source in container["envFrom"]?.array ?? [] {
        add(.configMaps, source["configMapRef"], "name")
        add(.secrets, source["secretRef"], "name")
      }
      for variable in container["env"]?.array ?? [] {
        add(.configMaps, variable["valueFrom"]?["configMapKeyRef"], "name")
        add(.secrets, variable["valueFrom"]?["secretKeyRef"], "name")
      }
    }
    return found.sorted { ($0.resource.plural, $0.name) < ($1.resource.plural, $1.name) }
  }
}

extension JSONValue {
  /// A ReplicaSet's template as the Deployment had it: without the label that the controller adds to tell pods apart.
  func withoutHashLabel() -> JSONValue {
    var value = self
    value.removeMember("pod-template-hash", of: "/metadata/labels")
    return value
  }

  /// Removes one member of an object; an object that is empty then goes too, since the API server keeps none.
  mutating func removeMember(_ key: String, of pointer: JSONPointer) {
    guard var members = at(pointer)?.object, members[key] != nil else { return }
    members[key] = nil
    _ = set(pointer, to: members.isEmpty ? nil : .object(members))
  }

  /// The same value with all members in sorted order and without empty ones of metadata that mean nothing.
  func canonical() -> JSONValue {
    switch self {
    case .object(let members):
      let sorted = members.filter { !($0.key == "creationTimestamp" && $0.value.isNull) }
        .sorted { $0.key < $1.key }
        .map { JSONObject.Member(key: $0.key, value: $0.value.canonical()) }
      return .object(JSONObject(sorted))
    case .array(let elements):
      return .array(elements.map { $0.canonical() })
    default:
      return self
    }
  }
}
