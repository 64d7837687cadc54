public import FoundationEssentials

/// What the sampled triggers of a (policy, workload) pair are to be asked about now.
public struct SamplingScope: Sendable, Hashable {
  /// The revision that runs.
  public var current: Revision
  /// The revision a rollback would return to, as far as one was proven good.
  public var good: RevisionStatus?
  /// When the trial of ``current`` began; `nil` when it is not on trial.
  public var trialStart: Date?
  /// The time before this is what new values are compared with: the beginning of the trial, or of the breach that an
  /// undo under way is the answer to; `nil` when no rollout is judged.
  public var rolloutStart: Date?
  /// Whether ``current`` is there to be compared with ``good``: it is on trial and not what an undo has brought back.
  public var isCompared: Bool
  /// Whether something is decided on each sample: a trial, or a rollback that is not over.
  public var isWatched: Bool

  /// - Returns: `nil` when it is not known which revision runs; what was asked before is then still the best to ask.
  public init?(_ facts: Facts) {
    let book = RevisionBook(
      facts.revisions, rememberedGoodHash: facts.memory.lastGood?.hash, undoneHashes: facts.undoneHashes)
    guard facts.workload.isObserved, let current = book.current(number: facts.workload.revision) else { return nil }
    self.current = current
    let known = facts.memory.lastGood
    good =
      book.newestGood.map {
        RevisionStatus(revision: $0.number, hash: $0.hash, images: $0.images ?? known?.images, since: known?.since)
      }
      ?? known
    if !book.isBad(current), !book.isProven(current) { trialStart = Trial(facts, current: current).start }
    let returned = facts.history.filter { !$0.isFinal && $0.actedAt != nil }
    rolloutStart = (returned.map(\.began) + [trialStart]).compactMap(\.self).min()
    isCompared = trialStart != nil && returned.isEmpty
    isWatched = trialStart != nil || facts.history.contains { !$0.isFinal }
  }
}
