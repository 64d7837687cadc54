import KubernetesClient

extension ClusterState {
  mutating func respond(
    to request: TransportRequest, user: String, asOf: UInt64?
  ) throws(Refusal) -> TransportResponse {
    let target = RequestTarget(path: request.path)
    guard let resource = resourceTarget(target.segments) else {
      if request.method == "GET", let body = document(target.segments) { return body }
      throw missing(target.segments)
    }
    switch request.method {
    case "GET": return try read(request, target, resource, user, asOf)
    case "POST", "PUT", "PATCH": return try write(request, target, resource, user)
    case "DELETE": return try delete(request, target, resource, user)
    default: throw .methodNotAllowed()
    }
  }

  private func read(
    _ request: TransportRequest, _ target: RequestTarget, _ resource: ResourceTarget, _ user: String, _ asOf: UInt64?
  ) throws(Refusal) -> TransportResponse {
    let isMetadataOnly = Self.wantsMetadataOnly(request)
    guard let name = resource.name else {
      try authorize(user, "list", resource.kind, subresource: nil, resource.namespace, nil)
      return Self.answer(200, try list(target, resource, isMetadataOnly: isMetadataOnly, asOf: asOf))
    }
    let served = kinds[resource.kind]
    try checkSubresource(resource.subresource, served)
    try authorize(user, "get", resource.kind, subresource: resource.subresource, resource.namespace, name)
    let key = ObjectTable.key(resource.namespace, name)
    let table = tables[resource.kind]
    guard let object = asOf.map({ table.object(key, at: $0) }) ?? table.object(key) else {
      throw .notFound(served, name)
    }
    if resource.subresource == "scale" { return Self.answer(200, Scale.of(object).serialized()) }
    return Self.answer(200, object.bytes(metadataOnly: isMetadataOnly))
  }

  private mutating func write(
    _ request: TransportRequest, _ target: RequestTarget, _ resource: ResourceTarget, _ user: String
  ) throws(Refusal) -> TransportResponse {
    let served = kinds[resource.kind]
    try checkSubresource(resource.subresource, served)
    let type = Self.contentType(request)
    let write = Write(
      user: user, subresource: resource.subresource, isDryRun: target.parameter("dryRun") == "All",
      manager: target.parameter("fieldManager") ?? "unknown")
    let (verb, language) = try Self.verb(request.method, type, resource)
    if language == .strategicMerge, served.isCustom {
      throw .unsupportedMediaType([PatchRequest.Language.json, .merge, .apply].map(\.rawValue))
    }
    try authorize(user, verb, resource.kind, subresource: resource.subresource, resource.namespace, resource.name)
    let body = try Self.body(request)
    guard let name = resource.name else {
      let object = try create(resource.kind, resource.namespace, body, write)
      return Self.answer(201, object.bytes(metadataOnly: Self.wantsMetadataOnly(request)))
    }
    if resource.subresource == "scale" {
      return Self.answer(200, try writeScale(resource, name, body, language, write).serialized())
    }
    let result: (object: StoredObject, isNew: Bool)
    if let language {
      let patch = PatchRequest(language: language, body: body, force: target.parameter("force") == "true")
      result = try self.patch(resource.kind, resource.namespace, name, patch, write)
    } else {
      result = try update(resource.kind, resource.namespace, name, body, write)
    }
    return Self.answer(
      result.isNew ? 201 : 200, result.object.bytes(metadataOnly: Self.wantsMetadataOnly(request)))
  }

  private static func verb(
    _ method: String, _ type: String, _ resource: ResourceTarget
  ) throws(Refusal) -> (String, PatchRequest.Language?) {
    switch (method, resource.name) {
    case ("POST", nil), ("PUT", _?):
      guard type.isEmpty || type == "application/json" else {
        throw .unsupportedMediaType(["application/json"])
      }
      return (method == "POST" ? "create" : "update", nil)
    case ("PATCH", _?):
      guard let language = PatchRequest.Language(rawValue: type) else {
        let all: [PatchRequest.Language] = [.json, .merge, .strategicMerge, .apply]
        throw .unsupportedMediaType(all.map(\.rawValue))
      }
      return ("patch", language)
    default: throw .methodNotAllowed()
    }
  }

  private mutating func delete(
    _ request: TransportRequest, _ target: RequestTarget, _ resource: ResourceTarget, _ user: String
  ) throws(Refusal) -> TransportResponse {
    var options = DeletionOptions(request.body.isEmpty ? .null : try Self.body(request))
    if target.parameter("dryRun") == "All" { options.isDryRun = true }
    if let policy = target.parameter("propagationPolicy").flatMap(PropagationPolicy.init(rawValue:)) {
      options.propagation = policy
    }
    if let grace = target.parameter("gracePeriodSeconds").flatMap(Int64.init) { options.gracePeriodSeconds = grace }
    let write = Write(user: user)
    guard resource.subresource == nil else { throw .methodNotAllowed() }
    guard let name = resource.name else {
      try authorize(user, "deletecollection", resource.kind, subresource: nil, resource.namespace, nil)
      return try deleteCollection(target, resource, options, write)
    }
    try authorize(user, "delete", resource.kind, subresource: nil, resource.namespace, name)
    switch try delete(resource.kind, resource.namespace, name, options, write) {
    case .pending(let object): return Self.answer(200, object.bytes(metadataOnly: false))
    case .gone(let object):
      if kinds[resource.kind].returnsDeleted { return Self.answer(200, object.bytes(metadataOnly: false)) }
      var details: JSONValue = ["name": .string(name)]
      let group = kinds[resource.kind].resource.group
      if !group.isEmpty { details["group"] = .string(group) }
      details["kind"] = .string(kinds[resource.kind].resource.plural)
      details["uid"] = .string(object.uid)
      let status: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details,
      ]
      return Self.answer(200, status.serialized())
    }
  }

  private mutating func deleteCollection(
    _ target: RequestTarget, _ resource: ResourceTarget, _ options: DeletionOptions, _ write: Write
  ) throws(Refusal) -> TransportResponse {
    let filter = try objectFilter(target, resource.kind, namespace: resource.namespace)
    let body = try list(target, resource, isMetadataOnly: false, asOf: nil)
    for key in tables[resource.kind].keys(namespace: resource.namespace, after: nil, everKnown: false) {
      guard let object = tables[resource.kind].object(key), filter.matches(object) else { continue }
      _ = try delete(resource.kind, object.namespace, object.name, options, write)
    }
    return Self.answer(200, body)
  }

  /// Groups that the server serves itself answer with a Status, others are not known at all.
  private func missing(_ segments: [String]) -> Refusal {
    let group = segments.first == "api" ? "" : segments.count > 1 ? segments[1] : "?"
    guard kinds.contains(where: { $0.resource.group == group && !$0.isCustom }), segments.count > 2 else {
      return .notServed
    }
    return Refusal(404, "NotFound", "the server could not find the requested resource")
  }

  private func checkSubresource(_ subresource: String?, _ served: ServedKind) throws(Refusal) {
    switch subresource {
    case nil: return
    case "status"? where served.hasStatus: return
    case "scale"? where served.hasScale: return
    default: throw Refusal(404, "NotFound", "the server could not find the requested resource")
    }
  }

  private static func contentType(_ request: TransportRequest) -> String {
    let value = request.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
    return String(value.split(separator: ";").first ?? "")
  }

  private static func body(_ request: TransportRequest) throws(Refusal) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(parsing: request.body)
    } catch {
      throw .badRequest("the body cannot be read: \(error)")
    }
  }

  static func answer(_ status: Int, _ body: [UInt8]) -> TransportResponse {
    TransportResponse(status: status, headers: [("Content-Type", "application/json")], body: body)
  }
}
