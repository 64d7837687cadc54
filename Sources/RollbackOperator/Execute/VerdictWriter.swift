import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Writes verdicts on ReplicaSets, where they outlive the operator and the policy.
struct VerdictWriter: Sendable {
  var client: KubernetesClient
  var tracker: WriteTracker
  var clock: any RuntimeClock

  /// Writes made in vain because somebody else changed the ReplicaSet at the same time.
  private static let attempts = 5

  /// Writes a verdict once, however often it is asked for: what stands there already is not written again, and a
  /// request that is executed late, when another operator has written, changes nothing. Good never takes the place of
  /// Bad.
  ///
  /// - Throws: also when the ReplicaSet is another one by now; a ReplicaSet that is gone is none.
  func write(
    _ verdict: Revision.Verdict, on revision: Revision, namespace: String, event: String?
  ) async throws(KubernetesError) {
    var annotations: JSONValue = [
      Annotation.verdict: .string(verdict.rawValue),
      Annotation.verdictHash: .string(revision.hash),
      Annotation.verdictSince: .string(Timestamp.seconds(clock.wallTime)),
    ]
    annotations[Annotation.verdictEvent] = event.map { .string($0) } ?? .null
    var attempt = 1
    while true {
      do throws(KubernetesError) {
        return try await writeOnce(verdict, annotations, on: revision, namespace: namespace, event: event)
      } catch {
        if error.code == .notFound { return }
        guard error.code == .conflict, attempt < Self.attempts else { throw error }
        attempt += 1
      }
    }
  }

  private func writeOnce(
    _ verdict: Revision.Verdict, _ annotations: JSONValue, on revision: Revision, namespace: String, event: String?
  ) async throws(KubernetesError) {
    let live = try await client.get(ReplicaSetMetadata.self, namespace: namespace, name: revision.name).metadata
    let isOwn = live.annotations[Annotation.verdictHash] == revision.hash
    let known = isOwn ? live.annotations[Annotation.verdict].flatMap(Revision.Verdict.init(rawValue:)) : nil
    let isThere =
      live.uid == revision.uid && known == verdict && live.annotations[Annotation.verdictEvent] == event
    var version = live.resourceVersion
    if !isThere, known != .bad || verdict == .bad {
      let written = try await client.patch(
        .replicaSets, namespace: namespace, name: revision.name,
        .merge([
          "metadata": [
            "uid": .string(revision.uid), "resourceVersion": .string(version), "annotations": annotations,
          ]
        ]))
      version = written.at("/metadata/resourceVersion")?.string ?? version
    }
    tracker.expects(
      .replicaSets, NamespacedName(namespace: namespace, name: revision.name), resourceVersion: version)
  }

  /// Removes a verdict that was copied to the Deployment, which would be copied to every new ReplicaSet again.
  func cleanUp(_ deployment: Deployment) async throws(KubernetesError) {
    let metadata = deployment.metadata
    guard Annotation.verdicts.contains(where: { metadata.annotations[$0] != nil }) else { return }
    let nothing = JSONObject(Annotation.verdicts.map { JSONObject.Member(key: $0, value: .null) })
    let written = try await client.patch(
      .deployments, namespace: metadata.namespace, name: metadata.name,
      .merge(["metadata": ["uid": .string(metadata.uid), "annotations": .object(nothing)]]))
    if let version = written.at("/metadata/resourceVersion")?.string {
      tracker.expects(.deployments, metadata.namespacedName, resourceVersion: version)
    }
  }
}
