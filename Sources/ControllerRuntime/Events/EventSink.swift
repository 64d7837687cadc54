import KubernetesClient

/// The two requests the recorder makes.
protocol EventSink: Sendable {
  func create(namespace: String, _ event: JSONValue) async throws(KubernetesError)
  func patch(namespace: String, name: String, _ changes: JSONValue) async throws(KubernetesError)
}

struct KubernetesEventSink: EventSink {
  var client: KubernetesClient

  func create(namespace: String, _ event: JSONValue) async throws(KubernetesError) {
    _ = try await client.create(.events, namespace: namespace, event)
  }

  func patch(namespace: String, name: String, _ changes: JSONValue) async throws(KubernetesError) {
    _ = try await client.patch(.events, namespace: namespace, name: name, .merge(changes))
  }
}
