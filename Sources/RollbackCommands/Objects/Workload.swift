import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator

/// A Deployment with its revisions, the policies that protect it and the events about it.
struct Workload: ObjectTree {
  var value: JSONValue
  /// Newest first.
  var revisions: [RevisionItem]
  var policies: [PolicyItem]
  /// Oldest first.
  var events: [EventItem]

  var hold: String? { annotation(Mark.hold) }
  var isPaused: Bool { value.at("/spec/paused")?.bool ?? false }

  /// The revision of the Deployment's template.
  var current: RevisionItem? {
    let number = annotation(Mark.revision).flatMap { Int64($0) }
    return revisions.first { $0.revision.number == number }
  }

  /// What the operator knows about versions, by the same rules.
  var book: RevisionBook {
    let undone = events.filter { $0.text("/status/actedAfter") != nil && $0.text("/spec/target/uid") == uid }
    return RevisionBook(
      revisions.map(\.revision), rememberedGoodHash: target?.value.at("/lastGood/hash")?.string,
      undoneHashes: Set(undone.compactMap { $0.text("/status/from/hash") }))
  }

  /// What the first policy's status says about this Deployment.
  var target: TargetItem? { policies.lazy.compactMap { $0.target(named: name) }.first }

  /// Where an undo would go now; `nil` when the controller has not numbered the current template yet.
  func choice(under policy: PolicyItem?) -> TargetChoice? {
    guard let current else { return nil }
    let typed = policy.flatMap { try? PolicyObject.decode($0.value.serialized()) }
    return book.choose(insteadOf: current.revision, typed?.validSpec?.lastGood ?? PolicySpec.LastGood())
  }

  /// The policy that a rollback of this Deployment goes by.
  var policy: PolicyItem? { policies.first }
}

/// A revision and the ReplicaSet that keeps it.
struct RevisionItem: Sendable {
  var revision: Revision
  var replicaSet: JSONValue

  func annotation(_ key: String) -> String? { replicaSet["metadata"]?["annotations"]?[key]?.string }

  var images: String { (revision.images ?? []).joined(separator: ",") }

  /// Whether annotations of the verdict are about this very template.
  private var hasOwnVerdict: Bool { revision.verdict != nil }

  var verdictSince: Date? { hasOwnVerdict ? annotation(Mark.verdictSince).flatMap(Timestamp.date) : nil }
  var verdictEvent: String? { hasOwnVerdict ? annotation(Mark.verdictEvent) : nil }
}

extension Session {
  /// Reads a Deployment and all that is known about it.
  func workload(_ name: String) async throws -> Workload {
    let deployment = try await read(ObjectReference(kind: .deployment, name: name))
    let uid = deployment.at("/metadata/uid")?.string
    let own = try await asking { () async throws(KubernetesError) in
      try await client.listValues(.replicaSets, namespace: namespace)
    }.filter { item in
      item.at("/metadata/ownerReferences")?.array?.contains {
        $0["uid"]?.string == uid && $0["controller"]?.bool == true
      } ?? false
    }
    let revisions = own.compactMap { item -> RevisionItem? in
      guard let metadata = try? ReplicaSetMetadata.decode(item.serialized()).metadata,
        let revision = Revision(metadata, template: item.at("/spec/template").map { TemplateFacts($0) })
      else { return nil }
      return RevisionItem(revision: revision, replicaSet: item)
    }
    var here = self
    here.isAllNamespaces = false
    let labels = deployment.at("/metadata/labels")
    return Workload(
      value: deployment, revisions: revisions.sorted { $0.revision.number > $1.revision.number },
      policies: try await here.policies().filter { $0.protects(name, labels: labels) },
      events: try await here.events(of: name))
  }
}
