import KubernetesClient

extension ClusterState {
  mutating func openWatch(
    _ request: TransportRequest, user: String, server: SimulatedAPIServer, asOf: UInt64?
  ) throws(Refusal) -> SimulatedWatch {
    let target = RequestTarget(path: request.path)
    guard let resource = resourceTarget(target.segments) else { throw .notServed }
    guard resource.subresource == nil else { throw .methodNotAllowed() }
    let served = kinds[resource.kind]
    try authorize(user, "watch", resource.kind, subresource: nil, resource.namespace, resource.name)
    var filter = try objectFilter(target, resource.kind, namespace: resource.namespace)
    if let name = resource.name {
      filter.fields.append(FieldRequirement(path: ["metadata", "name"], value: name, isNegated: false))
    }
    let version = try Self.version(target)
    let sendsInitialEvents = target.isSet("sendInitialEvents")
    if sendsInitialEvents, target.parameter("resourceVersionMatch") != "NotOlderThan" {
      throw .invalid(
        served, "",
        [.forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")])
    }
    let isExpired = version.map { $0 != 0 && $0 < oldestVersion } ?? false
    let watch = SimulatedWatch(
      server: server, id: nextWatch, kind: resource.kind, filter: filter,
      isMetadataOnly: Self.wantsMetadataOnly(request), wantsBookmarks: target.isSet("allowWatchBookmarks"),
      timeout: target.parameter("timeoutSeconds").flatMap(Int.init).map { .seconds($0) })
    nextWatch += 1
    if isExpired, !sendsInitialEvents {
      let refusal = Refusal.expired("too old resource version: \(version ?? 0) (\(oldestVersion))")
      let line: JSONValue = ["type": "ERROR", "object": refusal.status.json]
      watch.post(text: line.serialized() + [UInt8(ascii: "\n")])
      _ = watch.end()
      return watch
    }
    // Who begins with a list must be told all that changed since: no list is older than the oldest change that is kept.
    let listed = asOf.map { max($0, oldestVersion) }
    fill(watch, from: sendsInitialEvents ? nil : version, served, marksEnd: sendsInitialEvents, asOf: listed)
    tables[resource.kind].watches.append(watch)
    return watch
  }

  private func fill(
    _ watch: SimulatedWatch, from version: UInt64?, _ served: ServedKind, marksEnd: Bool, asOf: UInt64?
  ) {
    let table = tables[watch.kind]
    if let version, version > 0 {
      for event in table.events(after: version) { _ = watch.offer(event) }
      return
    }
    for key in table.keys(namespace: watch.filter.namespace, after: nil, everKnown: asOf != nil) {
      let object = asOf.map { table.object(key, at: $0) } ?? table.object(key)
      guard let object, watch.filter.matches(object) else { continue }
      watch.post(.added, object)
    }
    if marksEnd {
      watch.post(
        text: watch.bookmarkLine(served.resource, version: asOf ?? resourceVersion, endsInitialEvents: true))
    }
    watch.endInitialEvents()
    guard let asOf else { return }
    for event in table.events(after: asOf) { _ = watch.offer(event) }
  }

  /// The versions at which what a watch begins with became another, oldest first.
  func versions(listedBy request: TransportRequest) throws(Refusal) -> [UInt64] {
    let target = RequestTarget(path: request.path)
    guard let resource = resourceTarget(target.segments) else { throw .notServed }
    let filter = try objectFilter(target, resource.kind, namespace: resource.namespace)
    return tables[resource.kind].events.filter { event in
      filter.matches(event.object) || event.old.map { filter.matches($0) } ?? false
    }.map(\.resourceVersion)
  }

  mutating func close(_ watch: SimulatedWatch) {
    tables[watch.kind].watches.removeAll { $0.id == watch.id }
    if watch.end() { untold.append(.watch(watch)) }
  }

  mutating func dropWatches() {
    for kind in tables.indices {
      for watch in tables[kind].watches where watch.end() { untold.append(.watch(watch)) }
      tables[kind].watches = []
    }
  }
}
