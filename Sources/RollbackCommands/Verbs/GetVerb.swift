import KubernetesClient
import RollbackOperator

/// `kubectl rollback get [policies|events|NAME|deploy/NAME|event/NAME]`
package struct GetVerb: Sendable {
  /// What is asked for.
  enum Subject: Sendable, Equatable {
    case policies
    case events
    case one(ObjectReference)
  }

  var subject: Subject
  var watches: Bool

  /// - Parameter subject: `policies`, `events`, or the name of one object; nothing for all policies.
  package init(subject: String?, watches: Bool) throws(CommandFailure) {
    self.watches = watches
    guard let subject else {
      self.subject = .policies
      return
    }
    switch subject.contains("/") ? nil : ObjectReference.kind(subject) {
    case .policy: self.subject = .policies
    case .event: self.subject = .events
    case .deployment:
      throw .error("Name the Deployment: `kubectl rollback get deploy/NAME`; `kubectl get deployments` lists them.")
    case nil: self.subject = .one(try ObjectReference(subject))
    }
  }

  package func run(_ session: Session) async throws -> CommandStatus {
    if watches { return try await watch(session) }
    switch subject {
    case .policies:
      try list(try await session.policies(), kind: "RollbackPolicy", session)
      return .done
    case .events:
      try list(try await session.events(), kind: "RollbackEvent", session)
      return .done
    case .one(let reference):
      return try await describe(reference, session)
    }
  }

  private func list(_ objects: [some ObjectTree], kind: String, _ session: Session) throws(CommandFailure) {
    switch session.format {
    case .json, .yaml:
      try session.console.document(objects.map(\.value), isList: true, as: session.format)
    case .name:
      for object in objects { session.console.line(Self.resourceName(kind, object.name)) }
    case .table, .wide:
      guard !objects.isEmpty else {
        let place = session.scope.map { "namespace \($0)" } ?? "any namespace"
        return session.console.remark("There is no \(kind) in \(place).")
      }
      let table = ColumnTable(
        kind: kind, isWide: session.format == .wide, showsNamespace: session.isAllNamespaces)
      Table.print(table.headings, objects.map { table.row($0, at: session.now) }, to: session.console)
    }
  }

  /// As `kubectl get -o name` writes it.
  static func resourceName(_ kind: String, _ name: String) -> String {
    switch kind {
    case "Deployment": "deployment.apps/\(name)"
    default: "\(kind.lowercased()).\(APIResource.rollbackPolicies.group)/\(name)"
    }
  }

  private func describe(_ reference: ObjectReference, _ session: Session) async throws -> CommandStatus {
    guard !session.isAllNamespaces else {
      throw CommandFailure.error("One object lives in one namespace; give -n NAMESPACE instead of -A.")
    }
    let reference = reference.kind == nil ? try reference.resolved(.policy) : reference
    if session.format == .name {
      _ = try await session.read(reference)
      session.console.line(Self.resourceName(reference.kind?.rawValue ?? "", reference.name))
      return .done
    }
    switch reference.kind {
    case .event:
      let event = EventItem(try await session.read(reference))
      if session.format.isDocument {
        try session.console.document([event.value], isList: false, as: session.format)
        return .done
      }
      EventTable.print([event], session, ifNone: "")
      session.console.line()
      EventStory(event: event).print(to: session)
      return .done
    case .deployment:
      let workload = try await session.workload(reference.name)
      if session.format.isDocument {
        try session.console.document(
          workload.policies.map(\.value) + workload.events.map(\.value), isList: true, as: session.format)
        return .done
      }
      return Details(session: session).print(workload)
    case .policy, nil:
      let policy = PolicyItem(try await session.read(reference))
      if session.format.isDocument {
        try session.console.document([policy.value], isList: false, as: session.format)
        return .done
      }
      let events = try await session.events().filter { $0.policy == policy.name }
      return Details(session: session).print(policy, events: events)
    }
  }
}
