import KubernetesClient
import RollbackCore

/// `kubectl rollback history deploy/NAME`
package struct HistoryVerb: Sendable {
  var target: ObjectReference

  package init(_ target: ObjectReference) throws(CommandFailure) { self.target = try target.resolved(.deployment) }

  package func run(_ session: Session) async throws -> CommandStatus {
    let workload = try await session.workload(target.name)
    if session.format.isDocument {
      try session.console.document(
        workload.revisions.map(\.replicaSet) + workload.events.map(\.value), isList: true, as: session.format)
      return .done
    }
    if session.format == .name {
      for item in workload.revisions { session.console.line("replicaset.apps/\(item.revision.name)") }
      return .done
    }
    let choice = workload.choice(under: workload.policy)
    let book = workload.book
    let rows = workload.revisions.map { item in
      row(item, workload: workload, book: book, next: choice?.revision, session)
    }
    Table.print(
      ["REVISION", "TEMPLATE", "AGE", "VERDICT", "SINCE", "EVENT", "NOTE", "IMAGES"], rows, to: session.console)
    switch choice {
    case .revision(_, let reason)?: session.console.line("\nAn undo would return to it because \(reason).")
    case TargetChoice.none(let reason)?: session.console.line("\nAn undo has nowhere to go: \(reason).")
    case nil: session.console.line("\nThe Deployment's newest template has no revision yet; look again in a moment.")
    }
    session.console.line()
    EventTable.print(workload.events.reversed(), session, ifNone: "No RollbackEvent is about this Deployment.")
    return .done
  }

  private func row(
    _ item: RevisionItem, workload: Workload, book: RevisionBook, next: Revision?, _ session: Session
  ) -> [String] {
    let revision = item.revision
    var notes: [String] = []
    if revision.uid == workload.current?.revision.uid { notes.append("current") }
    if revision.uid == next?.uid { notes.append("an undo goes here") }
    if revision.attempt > 0 { notes.append("forgiven \(revision.attempt) \(revision.attempt == 1 ? "time" : "times")") }
    let isGood = book.isProven(revision)
    return [
      "\(revision.number)", revision.hash, Age.text(since: revision.createdAt, at: session.now),
      book.isBad(revision) ? "Bad" : isGood ? "Good" : "-",
      item.verdictSince.map { "\(Age.text(since: $0, at: session.now)) ago" } ?? "-", item.verdictEvent ?? "-",
      notes.isEmpty ? "-" : notes.joined(separator: ", "), item.images.isEmpty ? "-" : item.images,
    ]
  }
}
