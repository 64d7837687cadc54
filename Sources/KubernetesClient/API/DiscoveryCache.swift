/// What is known about the kinds an API server serves, and since when. A value; ``Discovery`` fills it.
struct DiscoveryCache: Sendable {
  /// One group with its versions, the server's preferred one first.
  struct Group: Sendable, Equatable {
    var name: String
    var versions: [String]
  }

  private struct Entry<Value: Sendable>: Sendable {
    var value: Value
    var since: Duration
  }

  /// Age at which an entry is asked for again.
  static let lifetime: Duration = .seconds(600)
  /// Age below which a kind that is not there is believed not to be: a policy that names nonsense must not cost
  /// requests.
  static let missLifetime: Duration = .seconds(10)

  private var groups: Entry<[Group]>?
  private var resources: [String: Entry<[APIResource]>] = [:]
  private var version: Entry<ServerVersion>?

  func groups(at now: Duration, maximumAge: Duration) -> [Group]? { Self.fresh(groups, now, maximumAge) }

  func resources(of groupVersion: String, at now: Duration, maximumAge: Duration) -> [APIResource]? {
    Self.fresh(resources[groupVersion], now, maximumAge)
  }

  func version(at now: Duration, maximumAge: Duration) -> ServerVersion? { Self.fresh(version, now, maximumAge) }

  mutating func store(groups value: [Group], at now: Duration) {
    groups = Entry(value: value, since: now)
    let served = Set(value.flatMap { group in group.versions.map { Self.groupVersion(group.name, $0) } })
    resources = resources.filter { served.contains($0.key) }
  }

  mutating func store(resources value: [APIResource], of groupVersion: String, at now: Duration) {
    resources[groupVersion] = Entry(value: value, since: now)
  }

  mutating func store(version value: ServerVersion, at now: Duration) { version = Entry(value: value, since: now) }

  private static func fresh<Value>(_ entry: Entry<Value>?, _ now: Duration, _ maximumAge: Duration) -> Value? {
    guard let entry, now - entry.since <= maximumAge else { return nil }
    return entry.value
  }

  static func groupVersion(_ group: String, _ version: String) -> String {
    group.isEmpty ? version : "\(group)/\(version)"
  }
}

extension DiscoveryCache.Group {
  /// One element of an APIGroupList.
  init?(_ value: JSONValue) {
    guard let name = value["name"]?.string, !name.isEmpty else { return nil }
    var versions = (value["versions"]?.array ?? []).compactMap { $0["version"]?.string }
    if let preferred = value["preferredVersion"]?["version"]?.string {
      versions.removeAll { $0 == preferred }
      versions.insert(preferred, at: 0)
    }
    self.init(name: name, versions: versions)
  }
}

extension APIResource {
  /// One element of an APIResourceList; `nil` for subresources.
  init?(_ value: JSONValue, group: String, version: String) {
    guard let plural = value["name"]?.string, let kind = value["kind"]?.string, !plural.isEmpty,
      !plural.contains("/")
    else { return nil }
    self.init(
      group: group, version: version, plural: plural, kind: kind, isNamespaced: value["namespaced"]?.bool ?? false)
  }
}
