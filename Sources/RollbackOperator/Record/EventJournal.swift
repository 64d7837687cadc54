import ControllerRuntime
import KubernetesClient
import RollbackCore

/// Creates RollbackEvents and writes their journals.
struct EventJournal: Sendable {
  var client: KubernetesClient
  var tracker: WriteTracker

  /// Creates the event, or reads the one of that name that is there already: from the API server, not from the cache
  /// (R1).
  func open(_ name: NamespacedName, _ spec: EventSpec) async throws(KubernetesError) -> (
    event: EventObject, isNew: Bool
  ) {
    let document: JSONValue = [
      "apiVersion": .string(APIResource.rollbackEvents.apiVersion),
      "kind": .string(APIResource.rollbackEvents.kind),
      "metadata": [
        "name": .string(name.name), "namespace": .string(name.namespace),
        "labels": JSONValue(spec.target.uid.map { [Label.targetUID: $0] } ?? [:]),
      ],
      "spec": try encode(spec),
    ]
    do throws(KubernetesError) {
      let created = try await client.create(.rollbackEvents, namespace: name.namespace, document)
      return (try take(created), true)
    } catch {
      guard error.code == .alreadyExists || error.isOutcomeUnknown else { throw error }
      return (try await read(name), false)
    }
  }

  /// Reads an event from the API server; what is cached of it counts again when it has come as far.
  func read(_ name: NamespacedName) async throws(KubernetesError) -> EventObject {
    let event = try await client.get(EventObject.self, namespace: name.namespace, name: name.name)
    tracker.expects(.rollbackEvents, name, resourceVersion: event.metadata.resourceVersion)
    return event
  }

  /// Reads all events that operators have made about a workload from the API server.
  func events(aboutUID uid: String, in namespace: String?) async throws(KubernetesError) -> [EventObject] {
    try await client.list(
      EventObject.self, namespace: namespace, options: ListOptions(labelSelector: "\(Label.targetUID)=\(uid)")
    ).items.compactMap(\.object)
  }

  /// Writes a status over the one that was read.
  ///
  /// - Throws: `conflict` when somebody has written since; then it must be read and decided anew.
  func write(_ status: EventStatus, over event: EventObject) async throws(KubernetesError) -> EventObject {
    var new = try encode(status)
    // A merge patch keeps what it does not name.
    for key in try encode(event.status).object?.keys ?? [] where new[key] == nil { new[key] = .null }
    let written = try await client.patch(
      .rollbackEvents, namespace: event.metadata.namespace, name: event.metadata.name, subresource: "status",
      .merge([
        "metadata": [
          "uid": .string(event.metadata.uid), "resourceVersion": .string(event.metadata.resourceVersion),
        ],
        "status": new,
      ]))
    return try take(written)
  }

  private func take(_ document: JSONValue) throws(KubernetesError) -> EventObject {
    do {
      let event = try EventObject(document)
      tracker.expects(
        .rollbackEvents, event.metadata.namespacedName, resourceVersion: event.metadata.resourceVersion)
      return event
    } catch {
      throw KubernetesError(.decoding, request: "write of a RollbackEvent", reason: "the answer is not one: \(error)")
    }
  }

  private func encode(_ value: some Encodable) throws(KubernetesError) -> JSONValue {
    do {
      return try JSONValue(encoding: value)
    } catch {
      throw KubernetesError(.decoding, request: "write of a RollbackEvent", reason: "it cannot be encoded: \(error)")
    }
  }
}
