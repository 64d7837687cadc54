import KubernetesClient
import RollbackCore

/// `kubectl rollback forgive deploy/NAME`: a revision that was rolled back may be tried and chosen again.
package struct ForgiveVerb: Sendable {
  var target: ObjectReference
  var revision: Int64?
  var hash: String?
  var reason: String

  package init(
    _ target: ObjectReference, revision: Int64?, hash: String?, reason: String
  ) throws(CommandFailure) {
    self.target = try target.resolved(.deployment)
    self.reason = try Session.reason(reason)
    guard revision == nil || hash == nil else {
      throw .error("--to-revision and --hash both name the revision; give one of them.")
    }
    self.revision = revision
    self.hash = hash
  }

  package func run(_ session: Session) async throws -> CommandStatus {
    let workload = try await session.workload(target.name)
    let chosen = try choose(in: workload)
    // A restart makes another revision of the same version, and what one of them did counts for all.
    let guilty = workload.revisions.filter { item in
      let alone = RevisionBook([item.revision], undoneHashes: workload.book.undoneHashes)
      return item.revision.isSameVersion(as: chosen.revision) && alone.isBad(item.revision)
    }
    let by = try await session.requester()
    for item in guilty { try await forgive(item, by: by, session) }
    session.console.line(
      "\(chosen.revision.reference.description) of Deployment \(workload.name) is forgiven: it may be deployed, judged "
        + "and returned to again.")
    return .done
  }

  private func choose(in workload: Workload) throws(CommandFailure) -> RevisionItem {
    let book = workload.book
    let bad = workload.revisions.filter { book.isBad($0.revision) }
    let list = bad.map { "\($0.revision.reference.description) \($0.images)" }.joined(separator: "; ")
    guard revision != nil || hash != nil else {
      guard let only = bad.first else {
        throw .refused("No revision of Deployment \(workload.name) is Bad, so there is nothing to forgive.")
      }
      guard bad.count == 1 else {
        throw .error(
          "\(bad.count) revisions of Deployment \(workload.name) are Bad; name one with --to-revision: \(list).")
      }
      return only
    }
    let named = workload.revisions.first { hash == nil ? $0.revision.number == revision : $0.revision.hash == hash }
    guard let named else {
      let known = workload.revisions.map { "\($0.revision.number)" }.joined(separator: ", ")
      throw .error("Deployment \(workload.name) keeps no such revision; it keeps \(known.isEmpty ? "none" : known).")
    }
    guard book.isBad(named.revision) else {
      throw .refused(
        "\(named.revision.reference.description) of Deployment \(workload.name) is not Bad"
          + (bad.isEmpty ? "; no revision is." : "; Bad is \(list)."))
    }
    return named
  }

  private func forgive(_ item: RevisionItem, by: String, _ session: Session) async throws {
    let annotations = item.replicaSet["metadata"]?["annotations"]
    var change: [JSONPatchOperation] = [.test(path: "/metadata/uid", value: .string(item.revision.uid))]
    // Tested as it was read, so that nobody's newer verdict is taken away.
    for key in [Mark.verdict, Mark.verdictHash, Mark.verdictSince, Mark.verdictEvent] {
      guard let value = annotations?[key] else { continue }
      change += [.test(path: Self.path(key), value: value), .remove(path: Self.path(key))]
    }
    change += [
      .test(path: Self.path(Mark.forgiven), value: annotations?[Mark.forgiven] ?? .null),
      .add(path: Self.path(Mark.forgiven), value: .string("\(item.revision.attempt + 1)")),
      .add(path: Self.path(Mark.forgivenBy), value: .string("\(Timestamp.seconds(session.now)) \(by): \(reason)")),
    ]
    _ = try await session.asking { [change] () async throws(KubernetesError) in
      try await session.client.patch(
        .replicaSets, namespace: session.namespace, name: item.revision.name, .json(change))
    }
  }

  private static func path(_ key: String) -> String { "/metadata/annotations/\(JSONPointer.escaped(key))" }
}
