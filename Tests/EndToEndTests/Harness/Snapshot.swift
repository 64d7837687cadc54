import KubernetesClient
import Testing

/// Everything that is in a namespace, but for what the control plane changes by itself.
struct Snapshot: Sendable, Equatable {
  /// The objects' text by kind and name.
  var objects: [String: String]

  /// The objects that differ, are missing or are new.
  func difference(to other: Snapshot) -> [String] {
    Set(objects.keys).union(other.objects.keys).sorted().filter { objects[$0] != other.objects[$0] }
  }
}

extension Scene {
  /// Reads all objects of the namespace, of whatever kind.
  ///
  /// - Parameter excluding: resource names that are left out, for example `rollbackevents.rollback-operator.io`.
  func snapshot(excluding: Set<String>) async throws -> Snapshot {
    // It fails, and tells of all others, while a kind that another test has made is on its way in or out.
    let kinds = try await world.kubectl(["api-resources", "--verbs=list", "--namespaced", "-o", "name"]).output
      .split(separator: "\n").map(String.init)
      // What is measured is another thing at each look.
      .filter { kind in
        !excluding.contains(kind) && ![".metrics.k8s.io", ".example.com"].contains { kind.hasSuffix($0) }
      }
    try #require(kinds.contains("deployments.apps") && kinds.contains("pods"))
    let text = try await world.kubectl("get", kinds.joined(separator: ","), "-n", namespace, "-o", "json")
    let items = try JSONValue(parsing: text)["items"]?.array ?? []
    var objects: [String: String] = [:]
    for item in items {
      var object = item
      for pointer in ["/status", "/metadata/resourceVersion", "/metadata/managedFields"] as [JSONPointer] {
        _ = object.set(pointer, to: nil)
      }
      let name =
        "\(item["apiVersion"]?.string ?? "")/\(item["kind"]?.string ?? "") \(item.at("/metadata/name")?.string ?? "")"
      objects[name] = String(decoding: object.serialized(), as: UTF8.self)
    }
    return Snapshot(objects: objects)
  }
}
