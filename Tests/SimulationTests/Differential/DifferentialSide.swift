import KubernetesClient

/// One of the two servers, with what was last seen of its objects.
struct DifferentialSide {
  let client: KubernetesClient
  let namespace: String
  private var seen: [String: JSONValue] = [:]
  private var firstVersions: [String: String] = [:]

  init(client: KubernetesClient, namespace: String) {
    self.client = client
    self.namespace = namespace
  }

  mutating func perform(_ operation: DifferentialOperation) async -> DifferentialAnswer {
    let key = "\(operation.resource.plural)/\(operation.name)"
    let before = seen[key]
    do throws(KubernetesError) {
      let value = try await send(operation, key: key, last: before)
      let version = Self.version(value)
      let isObject = value["kind"]?.string == operation.resource.kind
      if isObject, !isDryRun(operation) { remember(value, key) }
      let isChange = isObject && before != nil && !version.isEmpty && version != before.map(Self.version)
      let normalised = Self.normalised(value)
      return DifferentialAnswer(
        code: 200, reason: "", value: normalised, isChange: isChange,
        isOnlyBookkeeping: isChange && before.map(Self.normalised)?.isSemanticallyEqual(to: normalised) == true)
    } catch {
      if error.httpStatus == 404 { forget(key) }
      return DifferentialAnswer(
        code: error.httpStatus ?? 0, reason: error.status?.reason ?? "", value: .null, isChange: false,
        message: error.status?.message ?? "\(error)")
    }
  }

  private mutating func remember(_ value: JSONValue, _ key: String) {
    if seen[key]?.at("/metadata/uid") != value.at("/metadata/uid") { firstVersions[key] = Self.version(value) }
    seen[key] = value
  }

  private mutating func forget(_ key: String) {
    seen[key] = nil
    firstVersions[key] = nil
  }

  private func isDryRun(_ operation: DifferentialOperation) -> Bool {
    switch operation.action {
    case .create(_, let dryRun), .merge(_, _, _, _, let dryRun), .delete(_, _, _, let dryRun): dryRun
    default: false
    }
  }

  private func version(_ wanted: DifferentialOperation.Version, _ key: String) -> String? {
    switch wanted {
    case .none: nil
    case .current: seen[key].map(Self.version)
    case .stale: firstVersions[key] == seen[key].map(Self.version) ? "1" : firstVersions[key]
    }
  }

  private func identity(_ wanted: DifferentialOperation.Identity, _ key: String) -> String? {
    switch wanted {
    case .none: nil
    case .current: seen[key]?.at("/metadata/uid")?.string
    case .wrong: "00000000-0000-4000-a000-000000000000"
    }
  }

  private func send(
    _ operation: DifferentialOperation, key: String, last: JSONValue?
  ) async throws(KubernetesError) -> JSONValue {
    let resource = operation.resource
    let name = operation.name
    switch operation.action {
    case .create(let body, let dryRun):
      return try await client.create(resource, namespace: namespace, body, options: WriteOptions(dryRun: dryRun))
    case .get:
      return try await client.getValue(resource, namespace: namespace, name: name)
    case .replace(let changes, let version, let identity, let subresource):
      var body = merged(last ?? ["metadata": ["name": .string(name)]], changes)
      body["apiVersion"] = .string(resource.apiVersion)
      body["kind"] = .string(resource.kind)
      body["metadata"]?["managedFields"] = nil
      body["metadata"]?["resourceVersion"] = self.version(version, key).map { .string($0) }
      body["metadata"]?["uid"] = self.identity(identity, key).map { .string($0) }
      return try await client.replace(resource, namespace: namespace, name: name, subresource: subresource, body)
    case .merge(let changes, let version, let identity, let subresource, let dryRun):
      var body = changes
      var metadata = body["metadata"] ?? [:]
      metadata["resourceVersion"] = self.version(version, key).map { .string($0) }
      metadata["uid"] = self.identity(identity, key).map { .string($0) }
      if metadata.object?.isEmpty == false { body["metadata"] = metadata }
      return try await client.patch(
        resource, namespace: namespace, name: name, subresource: subresource, .merge(body),
        options: WriteOptions(dryRun: dryRun))
    case .strategic(let body):
      return try await client.patch(resource, namespace: namespace, name: name, .strategicMerge(body))
    case .json(let operations, let tests, let subresource):
      var all = operations
      if let version = self.version(tests, key) {
        all.insert(.test(path: "/metadata/resourceVersion", value: .string(version)), at: 0)
      }
      return try await client.patch(resource, namespace: namespace, name: name, subresource: subresource, .json(all))
    case .apply(let body):
      return try await client.patch(resource, namespace: namespace, name: name, .apply(body, force: true))
    case .scale(let replicas, let version):
      return try await client.scale(
        resource, namespace: namespace, name: name, replicas: replicas, resourceVersion: self.version(version, key))
    case .delete(let version, let identity, let propagation, let dryRun):
      return try await client.delete(
        resource, namespace: namespace, name: name,
        preconditions: Preconditions(
          uid: self.identity(identity, key), resourceVersion: self.version(version, key)),
        propagation: propagation, options: WriteOptions(dryRun: dryRun))
    case .list(let labels, let fields, let limit):
      let items = try await client.listValues(
        resource, namespace: namespace,
        options: ListOptions(labelSelector: labels, fieldSelector: fields, limit: limit))
      return .array(items)
    }
  }

  private func merged(_ value: JSONValue, _ patch: JSONValue) -> JSONValue {
    guard let changes = patch.object else { return patch }
    var result = value.object ?? JSONObject()
    for change in changes {
      result[change.key] = change.value.isNull ? nil : merged(result[change.key] ?? .null, change.value)
    }
    return .object(result)
  }

  /// What is left in the namespace at the end.
  func everything(_ resources: [APIResource]) async throws(KubernetesError) -> [(APIResource, JSONValue)] {
    var all: [(APIResource, JSONValue)] = []
    for resource in resources {
      all.append((resource, Self.normalised(.array(try await client.listValues(resource, namespace: namespace)))))
    }
    return all
  }

  static func version(_ value: JSONValue) -> String { value.at("/metadata/resourceVersion")?.string ?? "" }

  /// Without what each server chooses for itself: identities, versions, times, managed fields, namespaces.
  static func normalised(_ value: JSONValue) -> JSONValue {
    if let elements = value.array { return .array(elements.map(normalised)) }
    var value = value
    guard var metadata = value["metadata"] else { return value }
    for key in ["uid", "creationTimestamp", "deletionTimestamp", "resourceVersion"] where metadata[key] != nil {
      metadata[key] = "is there"
    }
    for key in ["managedFields", "selfLink", "namespace"] { metadata[key] = nil }
    value["metadata"] = metadata
    if value["kind"]?.string == "Status" { value["details"]?["uid"] = nil }
    return value
  }
}
