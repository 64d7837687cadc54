/// The revisions of one workload with what is known about their versions.
public struct RevisionBook: Sendable {
  public var revisions: [Revision]
  /// A revision that the policy's status remembers as good, for where no verdict is written (`mode: Observe`).
  public var rememberedGoodHash: String?

  /// Template hashes that events have undone: where the verdict Bad could not be written, they are all that says so.
  public var undoneHashes: Set<String>

  public init(_ revisions: [Revision], rememberedGoodHash: String? = nil, undoneHashes: Set<String> = []) {
    self.revisions = revisions
    self.rememberedGoodHash = rememberedGoodHash
    self.undoneHashes = undoneHashes
  }

  /// The ReplicaSet of the workload's current template.
  ///
  /// - Parameter number: the revision number that the Deployment controller wrote on the Deployment.
  public func current(number: Int64?) -> Revision? {
    guard let number else { return nil }
    return revisions.first { $0.number == number && !$0.isBeingDeleted }
  }

  /// A version is bad when any revision of it was rolled back and not forgiven.
  public func isBad(_ revision: Revision) -> Bool {
    revisions.contains { wasRolledBack($0) && $0.isSameVersion(as: revision) }
  }

  /// Which attempt an event was about is not known, so what was ever forgiven is judged by its verdict alone.
  private func wasRolledBack(_ revision: Revision) -> Bool {
    revision.verdict == .bad || (revision.attempt == 0 && undoneHashes.contains(revision.hash))
  }

  /// A version is good when any revision of it was proven good and none was rolled back.
  public func isGood(_ revision: Revision) -> Bool {
    goodRevision(of: revision) != nil && !isBad(revision)
  }

  /// Whether this very revision was proven good, not only another one of its version.
  public func isProven(_ revision: Revision) -> Bool {
    (revision.verdict == .good || (revision.verdict == nil && revision.hash == rememberedGoodHash)) && !isBad(revision)
  }

  /// The revision that proved the version of `revision` good: itself, or else the newest of its version.
  public func goodRevision(of revision: Revision) -> Revision? {
    if isProven(revision) { return revision }
    return revisions.filter { isProven($0) && $0.isSameVersion(as: revision) }.max { $0.number < $1.number }
  }

  /// The newest revision that was itself proven good and not rolled back since, the current one included.
  public var newestGood: Revision? {
    revisions.filter(isProven).max { $0.number < $1.number }
  }
}
