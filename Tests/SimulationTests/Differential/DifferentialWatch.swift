import KubernetesClient
import SimulatedCluster

/// The events of a namespace from its creation on, as a watch tells them.
struct DifferentialWatch {
  var namespace: String

  /// One event, without what each server chooses for itself.
  struct Event {
    var type: String
    var object: JSONValue

    var name: String { object.at("/metadata/name")?.string ?? "" }

    func isSame(as other: Event) -> Bool {
      type == other.type && object.isSemanticallyEqual(to: other.object)
    }
  }

  /// - Parameter seconds: how long the server tells; a busy one does not come to the end at once.
  /// - Returns: `nil` if the server no longer has what happened since `version`.
  func real(
    _ resource: APIResource, since version: String, _ client: KubernetesClient, for seconds: Int
  ) async throws -> [Event]? {
    Self.events(try await client.requestRaw("\(path(resource, since: version))&timeoutSeconds=\(seconds)"))
  }

  func simulated(_ resource: APIResource, since version: String, _ server: SimulatedAPIServer) throws -> [Event]? {
    let request = TransportRequest(method: "GET", path: path(resource, since: version))
    return Self.events(try server.openWatch(request, user: "tester").get().take() ?? [])
  }

  private func path(_ resource: APIResource, since version: String) -> String {
    "\(resource.path(namespace: namespace))?watch=true&resourceVersion=\(version)"
  }

  private static func events(_ bytes: [UInt8]) -> [Event]? {
    var events: [Event] = []
    var last: [String: JSONValue] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let value = try? JSONValue(parsing: Array(line)), let type = value["type"]?.string else { return nil }
      if type == "ERROR" { return nil }
      let event = Event(type: type, object: DifferentialSide.normalised(value["object"] ?? .null))
      let isNews = type != "MODIFIED" || last[event.name]?.isSemanticallyEqual(to: event.object) != true
      last[event.name] = event.object
      // Versions that differ in the record of managed fields alone exist on the real server only.
      if isNews { events.append(event) }
    }
    return events
  }

  /// The first difference, in words.
  static func difference(_ real: [Event], _ simulated: [Event]) -> String? {
    for (index, pair) in zip(real, simulated).enumerated() where !pair.0.isSame(as: pair.1) {
      let paths = DifferentialAnswer.paths(pair.0.object, pair.1.object, "").joined(separator: "; ")
      return "event \(index): real \(pair.0.type) \(pair.0.name), simulated \(pair.1.type) \(pair.1.name): \(paths)"
    }
    guard real.count != simulated.count else { return nil }
    return "real \(real.count) events, simulated \(simulated.count)"
  }
}
