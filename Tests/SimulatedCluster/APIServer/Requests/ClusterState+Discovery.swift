import KubernetesClient

extension ClusterState {
  /// What is served beside resources: health, version, discovery.
  func document(_ segments: [String]) -> TransportResponse? {
    switch segments.first {
    case "livez"?, "readyz"?, "healthz"?:
      return TransportResponse(
        status: 200, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array("ok".utf8))
    case "version"? where segments.count == 1:
      let version: JSONValue = [
        "major": "1", "minor": "36", "gitVersion": "v1.36.0-simulated", "platform": "linux/amd64",
      ]
      return Self.answer(200, version.serialized())
    case "api"?: return coreDocument(Array(segments.dropFirst()))
    case "apis"?: return groupDocument(Array(segments.dropFirst()))
    default: return nil
    }
  }

  private func coreDocument(_ segments: [String]) -> TransportResponse? {
    if segments.isEmpty {
      return Self.answer(200, (["kind": "APIVersions", "versions": ["v1"]] as JSONValue).serialized())
    }
    return segments == ["v1"] ? resourceList(group: "", version: "v1") : nil
  }

  private func groupDocument(_ segments: [String]) -> TransportResponse? {
    let groups = groupNames
    switch segments.count {
    case 0:
      let list: JSONValue = [
        "kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map(groupValue)),
      ]
      return Self.answer(200, list.serialized())
    case 1 where groups.contains(segments[0]):
      var group = groupValue(segments[0])
      group["kind"] = "APIGroup"
      group["apiVersion"] = "v1"
      return Self.answer(200, group.serialized())
    case 2: return resourceList(group: segments[0], version: segments[1])
    default: return nil
    }
  }

  private var groupNames: [String] {
    var names: [String] = []
    for kind in kinds where !kind.resource.group.isEmpty && !names.contains(kind.resource.group) {
      names.append(kind.resource.group)
    }
    return names
  }

  private func groupValue(_ name: String) -> JSONValue {
    var versions: [JSONValue] = []
    for kind in kinds where kind.resource.group == name {
      let version: JSONValue = [
        "groupVersion": .string(kind.resource.apiVersion), "version": .string(kind.resource.version),
      ]
      if !versions.contains(version) { versions.append(version) }
    }
    return ["name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? .null]
  }

  private func resourceList(group: String, version: String) -> TransportResponse? {
    let served = kinds.filter { $0.resource.group == group && $0.resource.version == version }
    guard let first = served.first else { return nil }
    let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    var resources: [JSONValue] = []
    for kind in served {
      var entry: JSONValue = [
        "name": .string(kind.resource.plural), "singularName": .string(kind.singular),
        "namespaced": .bool(kind.resource.isNamespaced), "kind": .string(kind.resource.kind),
        "verbs": .array(verbs.map { .string($0) }),
      ]
      if !kind.shortNames.isEmpty { entry["shortNames"] = .array(kind.shortNames.map { .string($0) }) }
      resources.append(entry)
      for subresource in ["status", "scale"]
      where subresource == "status" && kind.hasStatus || subresource == "scale" && kind.hasScale {
        resources.append([
          "name": .string("\(kind.resource.plural)/\(subresource)"), "singularName": "",
          "namespaced": .bool(kind.resource.isNamespaced),
          "kind": .string(subresource == "scale" ? "Scale" : kind.resource.kind),
          "verbs": ["get", "patch", "update"],
        ])
      }
    }
    let list: JSONValue = [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(first.resource.apiVersion),
      "resources": .array(resources),
    ]
    return Self.answer(200, list.serialized())
  }
}
