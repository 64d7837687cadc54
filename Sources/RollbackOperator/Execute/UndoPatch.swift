import KubernetesClient
import RollbackCore

/// The one write that undoes a rollout: the whole template by JSON patch with tests, as `kubectl rollout undo` does it,
/// because merging templates loses and strands list entries (kubernetes#58477, #77058). Nothing else of the Deployment
/// changes but `kubernetes.io/change-cause`.
struct UndoPatch {
  var operations: [JSONPatchOperation]
  /// The resource version that is tested.
  var resourceVersion: String

  /// - Returns: `nil` when what was read lacks what the patch has to test or to write.
  init?(_ live: LiveWorkload, to revision: Revision, event: EventObject) {
    guard let template = live.templates[revision.uid] else { return nil }
    let metadata = live.deployment.metadata
    resourceVersion = metadata.resourceVersion
    operations = [
      .test(path: "/metadata/uid", value: .string(metadata.uid)),
      .test(path: "/metadata/resourceVersion", value: .string(metadata.resourceVersion)),
      .replace(path: "/spec/template", value: template),
    ]
    let cause = JSONValue.string(
      "rollback to \(revision.reference.description)\(Self.signature(of: event))")
    guard let annotations = live.document.at("/metadata/annotations")?.object else {
      operations.append(.add(path: "/metadata/annotations", value: [Annotation.changeCause: cause]))
      return
    }
    operations.append(.add(path: Self.path(Annotation.changeCause), value: cause))
    operations += Self.removals(of: annotations)
  }

  /// Whether the undo of an event was accepted: it has signed the workload, and who puts a template back leaves that.
  static func isRecorded(on live: LiveWorkload, event: EventObject) -> Bool {
    let cause = live.document.at("/metadata/annotations/kubernetes.io~1change-cause")?.string
    return cause?.hasSuffix(signature(of: event)) ?? false
  }

  /// The name of the event whose undo signed the workload last; `nil` when none did.
  static func signer(of live: LiveWorkload) -> String? {
    let cause = live.document.at("/metadata/annotations/kubernetes.io~1change-cause")?.string
    guard let cause, let start = cause.firstRange(of: signaturePrefix)?.upperBound else { return nil }
    let name = String(cause[start...])
    return ObjectName.isSubdomain(name) ? name : nil
  }

  /// How the change cause that an undo leaves ends: by it the undo is known again.
  private static func signature(of event: EventObject) -> String { signaturePrefix + event.metadata.name }

  private static let signaturePrefix = " by RollbackEvent "

  /// `kubectl rollout undo` copies a ReplicaSet's verdict to the Deployment, and the Deployment controller copies it on
  /// to every later ReplicaSet, over and over. There it means nothing, and it goes.
  static func removals(of annotations: JSONObject) -> [JSONPatchOperation] {
    Annotation.verdicts.filter { annotations[$0] != nil }.map { .remove(path: path($0)) }
  }

  static func path(_ annotation: String) -> String {
    "/metadata/annotations/\(JSONPointer.escaped(annotation))"
  }
}
