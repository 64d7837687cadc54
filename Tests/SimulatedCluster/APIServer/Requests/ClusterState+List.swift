import KubernetesClient

extension ClusterState {
  func list(
    _ target: RequestTarget, _ resource: ResourceTarget, isMetadataOnly: Bool, asOf: UInt64?
  ) throws(Refusal) -> [UInt8] {
    let filter = try objectFilter(target, resource.kind, namespace: resource.namespace)
    var limit = target.parameter("limit").flatMap(Int.init) ?? 0
    var start: String?
    var version = asOf ?? resourceVersion
    if let text = target.parameter("continue") {
      guard let token = ContinueToken(text) else { throw .badRequest("continue key is not valid") }
      guard token.resourceVersion >= oldestVersion else {
        throw .expired(
          "The provided continue parameter is too old to display a consistent list result. You can start a new list "
            + "without the continue parameter.")
      }
      version = token.resourceVersion
      start = token.start
    } else if let match = target.parameter("resourceVersionMatch"), target.parameter("resourceVersion") == nil {
      throw Refusal(
        422, "Invalid", "resourceVersionMatch: Forbidden: \(match) is forbidden unless resourceVersion is provided",
        causes: [
          .forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided")
        ])
    } else if let wanted = try Self.version(target) {
      guard wanted <= resourceVersion else { throw .tooLarge(wanted, current: resourceVersion) }
      let match = target.parameter("resourceVersionMatch")
      if match == "Exact" || match == nil && limit > 0 && wanted > 0 {
        guard wanted >= oldestVersion else { throw .expired("The resourceVersion for the provided list is too old.") }
        version = wanted
      }
      // The cache that answers this knows no pages.
      if wanted == 0, match == nil { limit = 0 }
    }
    if asOf != nil, version < oldestVersion {
      throw .expired("The resourceVersion for the provided list is too old.")
    }
    return page(resource, filter, version: version, start: start, limit: limit, isMetadataOnly: isMetadataOnly)
  }

  private func page(
    _ resource: ResourceTarget, _ filter: ObjectFilter, version: UInt64, start: String?, limit: Int,
    isMetadataOnly: Bool
  ) -> [UInt8] {
    let table = tables[resource.kind]
    let isNewest = version >= resourceVersion
    var items: [UInt8] = []
    var count = 0
    var last: String?
    var remaining = 0
    // Items of built-in kinds do not say what they are; the list does.
    let served = kinds[resource.kind]
    let skipped = isMetadataOnly || served.isCustom ? 0 : served.itemPrefixLength
    for key in table.keys(namespace: filter.namespace, after: start, everKnown: !isNewest) {
      let object = isNewest ? table.object(key) : table.object(key, at: version)
      guard let object, filter.matches(object) else { continue }
      guard limit <= 0 || count < limit else {
        remaining += 1
        if filter.isSelective { break }
        continue
      }
      if count > 0 { items.append(UInt8(ascii: ",")) }
      let bytes = object.bytes(metadataOnly: isMetadataOnly)
      if skipped > 0 {
        items.append(UInt8(ascii: "{"))
        items.append(contentsOf: bytes[skipped...])
      } else {
        items.append(contentsOf: bytes)
      }
      count += 1
      last = key
    }
    var metadata: JSONValue = ["resourceVersion": .string(String(version))]
    if remaining > 0, let last {
      metadata["continue"] = .string(ContinueToken(resourceVersion: version, start: last).text)
      if !filter.isSelective { metadata["remainingItemCount"] = JSONValue(remaining) }
    }
    let kind = isMetadataOnly ? "PartialObjectMetadataList" : served.listKind
    let apiVersion = isMetadataOnly ? "meta.k8s.io/v1" : served.resource.apiVersion
    var body = Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":\(metadata),\"items\":[".utf8)
    body.reserveCapacity(body.count + items.count + 2)
    body.append(contentsOf: items)
    body.append(contentsOf: "]}".utf8)
    return body
  }

  func objectFilter(_ target: RequestTarget, _ kind: Int, namespace: String?) throws(Refusal) -> ObjectFilter {
    var filter = ObjectFilter(namespace: namespace)
    if let text = target.parameter("labelSelector") {
      guard let labels = SelectorText.labels(text) else { throw .badRequest("unable to parse requirement: \(text)") }
      filter.labels = labels
    }
    if let text = target.parameter("fieldSelector") {
      guard let fields = SelectorText.fields(text) else { throw .badRequest("invalid field selector: \(text)") }
      let known = ["metadata.name", "metadata.namespace"] + kinds[kind].selectableFields
      for field in fields where !known.contains(field.path.joined(separator: ".")) {
        throw .badRequest("\"\(field.path.joined(separator: "."))\" is not a known field selector")
      }
      filter.fields = fields
    }
    return filter
  }

  /// The resource version that a request names.
  static func version(_ target: RequestTarget) throws(Refusal) -> UInt64? {
    guard let text = target.parameter("resourceVersion") else { return nil }
    guard let version = UInt64(text) else { throw .badRequest("resourceVersion: Invalid value: \"\(text)\"") }
    return version
  }

  static func wantsMetadataOnly(_ request: TransportRequest) -> Bool {
    guard let accept = request.headers.first(where: { $0.name.lowercased() == "accept" })?.value else { return false }
    let first = accept.split(separator: ",").first ?? ""
    return first.contains("as=PartialObjectMetadata")
  }
}

extension ServedKind {
  /// The length of `{"kind":…,"apiVersion":…,`, which begins every object.
  var itemPrefixLength: Int {
    "{\"kind\":\"\(resource.kind)\",\"apiVersion\":\"\(resource.apiVersion)\",".utf8.count
  }
}

/// Where the next page of a list begins.
struct ContinueToken {
  var resourceVersion: UInt64
  /// The last key of the page before.
  var start: String

  init(resourceVersion: UInt64, start: String) {
    self.resourceVersion = resourceVersion
    self.start = start
  }

  init?(_ text: String) {
    let parts = text.split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let version = parts.first.flatMap({ UInt64($0) }) else { return nil }
    self.init(resourceVersion: version, start: String(parts[1]))
  }

  var text: String { "\(resourceVersion)~\(start)" }
}
