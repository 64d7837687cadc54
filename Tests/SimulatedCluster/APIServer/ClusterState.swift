import FoundationEssentials
import KubernetesClient

/// Everything that the simulated API server knows. A value without a lock; ``SimulatedAPIServer`` owns it.
struct ClusterState {
  typealias Authorizer =
    @Sendable (
      _ user: String, _ verb: String, _ resource: APIResource, _ subresource: String?, _ namespace: String?,
      _ name: String?
    ) -> Bool

  let now: @Sendable () -> Date
  let number: @Sendable () -> UInt64

  private(set) var kinds: [ServedKind] = []
  /// By group, version and plural.
  private(set) var kindIndex: [String: Int] = [:]
  private var kindOfResource: [APIResource: Int] = [:]
  var tables: [ObjectTable] = []
  var resourceVersion: UInt64 = 1
  /// States before this one are forgotten.
  var oldestVersion: UInt64 = 0
  var journal: [Change] = []
  var isAllowed: Authorizer?
  var garbage = GarbageIndex()
  var nextWatch: UInt64 = 0

  /// What is to be told when the lock is open again.
  var untold: [Notice] = []

  enum Notice: Sendable {
    case change(Change)
    case watch(SimulatedWatch)
  }

  init(now: @escaping @Sendable () -> Date, number: @escaping @Sendable () -> UInt64) {
    self.now = now
    self.number = number
    for kind in BuiltInKinds.all { serve(kind) }
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] { addNamespace(name) }
  }

  mutating func serve(_ kind: ServedKind) {
    if let index = kindIndex[kind.path] {
      kinds[index] = kind
      return
    }
    kindIndex[kind.path] = kinds.count
    kindOfResource[kind.resource] = kinds.count
    kinds.append(kind)
    tables.append(ObjectTable())
  }

  func kind(of resource: APIResource) throws(Refusal) -> Int {
    if let index = kindOfResource[resource] ?? kindIndex["\(resource.apiVersion)/\(resource.plural)"] { return index }
    throw .notServed
  }

  private mutating func addNamespace(_ name: String) {
    guard let kind = try? kind(of: .namespaces) else { return }
    let object: JSONValue = ["metadata": ["name": .string(name)]]
    _ = try? create(kind, nil, object, Write(user: "system:apiserver"))
  }

  /// Carries out one change, and tells it to everybody.
  @discardableResult
  mutating func commit(
    _ verb: Change.Verb, _ kind: Int, old: StoredObject?, value: JSONValue, user: String
  ) -> StoredObject {
    resourceVersion += 1
    var value = value
    let version = String(resourceVersion)
    value.change("metadata") { $0["resourceVersion"] = .string(version) }
    let metadata = value["metadata"]
    let object = StoredObject(
      value, resourceVersion: resourceVersion, namespace: metadata?["namespace"]?.string,
      name: metadata?["name"]?.string ?? "")
    let event = ObjectTable.Event(
      verb: verb, key: ObjectTable.key(object.namespace, object.name), object: object, old: old,
      resourceVersion: resourceVersion)
    tables[kind].append(event)
    for watch in tables[kind].watches where watch.offer(event) { untold.append(.watch(watch)) }
    let change = Change(
      resourceVersion: resourceVersion, verb: verb, resource: kinds[kind].resource, namespace: object.namespace,
      name: object.name, old: old?.value, new: value, user: user)
    journal.append(change)
    untold.append(.change(change))
    garbage.note(event, kind: kind)
    return object
  }

  mutating func makeUID() -> String {
    let high = number()
    let low = number()
    let digits = Array(Self.hexadecimal(high, digits: 16) + Self.hexadecimal(low, digits: 16))
    let groups = [0..<8, 8..<12, 13..<16, 17..<20, 20..<32].map { String(digits[$0]) }
    return "\(groups[0])-\(groups[1])-4\(groups[2])-a\(groups[3])-\(groups[4])"
  }

  private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }

  mutating func makeSuffix() -> String {
    let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    var value = number()
    var suffix = ""
    for _ in 0..<5 {
      suffix.append(letters[Int(value % UInt64(letters.count))])
      value /= UInt64(letters.count)
    }
    return suffix
  }

  func authorize(
    _ user: String, _ verb: String, _ kind: Int, subresource: String?, _ namespace: String?, _ name: String?
  ) throws(Refusal) {
    guard let isAllowed else { return }
    let resource = kinds[kind].resource
    if isAllowed(user, verb, resource, subresource, namespace, name) { return }
    let what = subresource.map { "\(resource.plural)/\($0)" } ?? resource.plural
    let place = namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
    throw .forbidden(
      kinds[kind], name ?? "",
      "User \"\(user)\" cannot \(verb) resource \"\(what)\" in API group \"\(resource.group)\" \(place)")
  }
}

/// Who writes, and how.
struct Write {
  var user: String
  var subresource: String?
  var isDryRun = false
  var manager = ""
}
