import KubernetesClient
import SimulatedCluster

extension World {
  /// What there is in the end, a line for each object, without what may differ between two runs of one scenario.
  public var endState: [String] {
    let namespace = Self.namespace
    let deployments = server.objects(.deployments, namespace).map { object in
      line(
        "deployment", object,
        ["/spec/replicas", "/spec/paused", "/spec/template/spec/containers/0/image", "/metadata/generation"])
    }
    let replicaSets = server.objects(.replicaSets, namespace).map { object in
      let verdict = object.at("/metadata/annotations/rollback-operator.io~1verdict")?.string ?? "-"
      let image = object.at("/spec/template/spec/containers/0/image")?.string ?? ""
      return "replicaset \(image) \(verdict) \(object.at("/spec/replicas")?.int ?? 0)"
    }
    let events = server.objects(Undo.events, namespace).map { object in
      let steps = (object.at("/status/steps")?.array ?? []).map { $0["state"]?.string ?? "" }
      return line(
        "event", object, ["/status/outcome", "/status/from/revision", "/status/to/revision", "/spec/trigger/name"])
        + " \(steps)"
    }
    return deployments + replicaSets.sorted() + events
  }

  /// What each RollbackEvent says of itself in the end: its outcome with the reason, and the way there.
  public var stories: [String] {
    server.objects(Undo.events, Self.namespace).map { event in
      let ends = (event.at("/status/conditions")?.array ?? []).filter { $0["type"]?.string == "Succeeded" }
      let reason = ends.first.map { "\($0["reason"]?.string ?? ""): \($0["message"]?.string ?? "")" } ?? ""
      let way = (event.at("/status/timeline")?.array ?? []).map {
        "\n    \($0["at"]?.string ?? "") \($0["what"]?.string ?? "")"
      }
      return "\(event.at("/metadata/name")?.string ?? "") \(event.at("/status/outcome")?.string ?? "open") \(reason)"
        + way.joined()
    }
  }

  private func line(_ kind: String, _ object: JSONValue, _ paths: [JSONPointer]) -> String {
    let values = paths.map { path in
      object.at(path).map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "-"
    }
    return "\(kind) \(object.at("/metadata/name")?.string ?? "") \(values.joined(separator: " "))"
  }
}
