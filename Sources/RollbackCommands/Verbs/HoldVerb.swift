import KubernetesClient
import RollbackCore

/// `kubectl rollback hold deploy/NAME|POLICY`
package struct HoldVerb: Sendable {
  var subject: ObjectReference
  var reason: String

  package init(_ subject: ObjectReference, reason: String) throws(CommandFailure) {
    self.subject = try subject.resolved(.policy, .deployment)
    self.reason = try Session.reason(reason)
  }

  package func run(_ session: Session) async throws -> CommandStatus {
    let object = PolicyItem(try await session.read(subject))
    if let hold = object.hold {
      throw CommandFailure.refused(
        "\(subject) is held already: \(hold). `kubectl rollback release \(subject.argument)` ends that.")
    }
    let annotations = object.value.at("/metadata/annotations")
    let path = "/metadata/annotations"
    // Tested as it was read: who holds it meanwhile is not overwritten.
    let change: [JSONPatchOperation] =
      annotations == nil
      ? [.test(path: path, value: .null), .add(path: path, value: [Mark.hold: .string(reason)])]
      : [
        .test(path: "\(path)/\(JSONPointer.escaped(Mark.hold))", value: .null),
        .add(path: "\(path)/\(JSONPointer.escaped(Mark.hold))", value: .string(reason)),
      ]
    try await session.patch(subject, uid: object.uid, change)
    session.console.line("\(subject) is held: \(reason)")
    session.console.line(
      "No automatic rollback of \(subject.kind == .policy ? "its Deployments" : "it") is begun until "
        + "`kubectl rollback release \(subject.argument)`; rollbacks by hand go on.")
    return .done
  }
}

/// `kubectl rollback release deploy/NAME|POLICY|EVENT`
package struct ReleaseVerb: Sendable {
  var subject: ObjectReference
  var reason: String?

  package init(_ subject: ObjectReference, reason: String?) {
    self.subject = subject
    self.reason = reason
  }

  package func run(_ session: Session) async throws -> CommandStatus {
    var subject = subject
    if subject.kind == nil {
      let policy = ObjectReference(kind: .policy, name: subject.name)
      let isPolicy = try await session.find(policy) != nil
      subject = isPolicy ? policy : ObjectReference(kind: .event, name: subject.name)
    }
    guard subject.kind != .event else { return try await releaseEvent(subject, session) }
    let object = PolicyItem(try await session.read(subject))
    guard let hold = object.hold else {
      session.console.line("\(subject) was not held.")
      return .done
    }
    let path = "/metadata/annotations/\(JSONPointer.escaped(Mark.hold))"
    try await session.patch(
      subject, uid: object.uid, [.test(path: path, value: .string(hold)), .remove(path: path)])
    if subject.kind == .deployment { await forgetCopies(of: object, session) }
    session.console.line("\(subject) is no longer held (it was: \(hold)).")
    return .done
  }

  /// Kubernetes copies a Deployment's annotations to its ReplicaSet, and `kubectl rollout undo` copies them back: what
  /// is left there would hold the Deployment again one day.
  private func forgetCopies(of deployment: PolicyItem, _ session: Session) async {
    do {
      for item in try await session.workload(deployment.name).revisions where item.annotation(Mark.hold) != nil {
        try await session.client.patch(
          .replicaSets, namespace: session.namespace, name: item.revision.name,
          .merge(["metadata": ["uid": .string(item.revision.uid), "annotations": [Mark.hold: .null]]]))
      }
    } catch {
      session.console.remark(
        "A copy of the hold is left on a ReplicaSet, from where `kubectl rollout undo` may bring it back: \(error)")
    }
  }

  /// A person says: go on.
  private func releaseEvent(_ subject: ObjectReference, _ session: Session) async throws -> CommandStatus {
    guard let reason else {
      throw CommandFailure.error("To release a held event is to approve it; say why with --reason.")
    }
    let event = EventItem(try await session.read(subject))
    guard event.outcome == "Held" || event.isFinal || event.decision != nil else {
      throw CommandFailure.refused(
        "RollbackEvent \(event.name) is not held; `kubectl rollback explain \(event.name)` tells what it waits for.")
    }
    return try await DecideVerb(subject, .approved, reason: reason).run(session)
  }
}

extension ObjectReference {
  /// As it is written on the command line.
  var argument: String {
    switch kind {
    case .deployment: "deploy/\(name)"
    case .policy: "policy/\(name)"
    case .event: "event/\(name)"
    case nil: name
    }
  }
}

extension Session {
  /// Changes an object if it is still the one that was read.
  func patch(_ reference: ObjectReference, uid: String, _ change: [JSONPatchOperation]) async throws {
    _ = try await asking { () async throws(KubernetesError) in
      try await client.patch(
        Self.resource(of: reference.kind), namespace: namespace, name: reference.name,
        .json([.test(path: "/metadata/uid", value: .string(uid))] + change))
    }
  }
}
