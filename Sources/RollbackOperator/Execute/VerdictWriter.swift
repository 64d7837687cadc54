import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Writes verdicts on ReplicaSets, where they outlive the operator and the policy.
struct VerdictWriter: Sendable {
  var client: KubernetesClient
  var tracker: WriteTracker
  var clock: any RuntimeClock

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
    do throws(KubernetesError) {
      let written = try await client.patch(
        .replicaSets, namespace: namespace, name: revision.name,
        .merge(["metadata": ["uid": .string(revision.uid), "annotations": annotations]]))
      if let version = written.at("/metadata/resourceVersion")?.string {
        tracker.expects(
          .replicaSets, NamespacedName(namespace: namespace, name: revision.name), resourceVersion: version)
      }
    } catch {
      guard error.code != .notFound else { return }
      throw error
    }
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
