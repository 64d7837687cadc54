/// The lines of a watch: the hot path, without allocations.
extension WatchMachine {
  /// What became of one line.
  enum Verdict: Sendable {
    /// Tell the object as part of the new whole.
    case relisted
    /// Tell the change.
    case changed
    case bookmark(resourceVersion: String)
    /// The streamed initial list is whole.
    case relistDone(resourceVersion: String)
    case ignore
    /// Close the stream and go on with the step.
    case leave(Step)
  }

  /// What a line says about an object.
  enum Change: Sendable {
    case applied
    case deleted
  }

  /// A line with an object came.
  ///
  /// - Parameter resourceVersion: the object's; empty when it cannot be read.
  mutating func object(_ change: Change, resourceVersion: String, jitter: Double) -> Verdict {
    switch state {
    case .streamingList:
      // Initial objects are in no order of versions; only the closing bookmark says how far they reach.
      return change == .applied ? .relisted : .changed
    case .watching:
      if let seen, ResourceVersions.isOlder(resourceVersion, than: seen) {
        return .leave(timeJumpedBack(resourceVersion, seen, jitter: jitter))
      }
      received()
      if !resourceVersion.isEmpty { seen = resourceVersion }
      return .changed
    case .idle, .listing, .opening, .backingOff:
      return .ignore
    }
  }

  /// A bookmark came.
  mutating func bookmark(resourceVersion: String, endsInitialEvents: Bool, jitter: Double) -> Verdict {
    hasSeenBookmark = true
    switch state {
    case .streamingList(let request):
      guard endsInitialEvents else {
        // A server that does not know `sendInitialEvents` sends ordinary bookmarks and never this one.
        let error = failure(
          .badRequest, "WATCH", "the server does not mark the end of the initial list")
        return .leave(streamedListFailed(error, jitter: jitter))
      }
      if let seen, ResourceVersions.isOlder(resourceVersion, than: seen), olderLists < Self.olderListsRefused {
        return .leave(refuseOlderList(resourceVersion, jitter: jitter))
      }
      received()
      listed(resourceVersion)
      state = .watching(request)
      return .relistDone(resourceVersion: resourceVersion)
    case .watching:
      received()
      // A bookmark never leads back: what was seen since is known to be newer.
      if let seen, ResourceVersions.isOlder(resourceVersion, than: seen) { return .ignore }
      seen = resourceVersion
      return .bookmark(resourceVersion: resourceVersion)
    case .idle, .listing, .opening, .backingOff:
      return .ignore
    }
  }

  private mutating func received() {
    guard !hasReceived else { return }
    hasReceived = true
    wasOfUse()
  }

  private mutating func timeJumpedBack(_ version: String, _ seen: String, jitter: Double) -> Step {
    freshness = .newest
    expirations += 1
    let error = failure(
      .unavailable, "WATCH", "the server sent resource version \(version), older than \(seen) seen before")
    return backOff(.list, error, jitter: jitter)
  }
}
