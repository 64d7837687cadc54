import ControllerRuntime
import KubernetesClient
import RollbackCore

/// Tells transitions as Kubernetes Events, on the policy and on the workload, so that `kubectl describe` of either
/// shows them.
struct Announcer: Sendable {
  var recorder: EventRecorder
  /// What stands for the operator itself.
  var subject: ObjectReference

  /// Tells, once for all of them, that breaches are held for a cause that they share.
  func announceSharedCause(_ message: String) {
    recorder.record(
      subject, .warning, reason: "SharedCause", message: "automatic rollbacks of these workloads are held: \(message)")
  }

  /// - Parameters:
  ///   - policyUID: of the policy that the event names, if it is there.
  ///   - workloadUID: of the workload that the event is about, if it is there.
  func announce(_ announcement: Announcement, event: EventObject, policyUID: String?, workloadUID: String?) {
    let namespace = event.metadata.namespace
    var objects: [ObjectReference] = []
    if let policy = event.spec.policy, let uid = policyUID {
      objects.append(
        ObjectReference(
          apiVersion: APIResource.rollbackPolicies.apiVersion, kind: APIResource.rollbackPolicies.kind,
          namespace: namespace, name: policy.name, uid: uid))
    }
    if let uid = workloadUID {
      objects.append(
        ObjectReference(
          apiVersion: APIResource.deployments.apiVersion, kind: APIResource.deployments.kind, namespace: namespace,
          name: event.spec.target.name, uid: uid))
    }
    for object in objects {
      recorder.record(
        object, announcement.isWarning ? .warning : .normal, reason: announcement.reason,
        message: "\(event.metadata.name): \(announcement.message)")
    }
  }
}
