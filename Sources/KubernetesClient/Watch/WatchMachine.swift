/// The protocol of list and watch as a value: it takes what happened and says what to do next. It does no I/O, knows no
/// objects, and never ends; ``Watcher`` runs it.
///
/// ```
///        ┌──────────── gone, or three failures without progress ◀────────────┐
///        ▼                                                                   │
/// idle ─▶ listing ──last page──▶ opening ──head──▶ watching ──ended────────▶ opening
///    └──▶ opening(streamed) ─head─▶ streaming list ─end bookmark─▶ watching  │
///              any failure ─▶ backing off ─timer─▶ back to where it was ◀────┘
/// ```
///
/// Guarantees: a watch resumes from the newest resource version seen; a list is never older than that, unless the
/// server insists (it was restored from a backup); delays grow until something was received; every step has exactly one
/// successor.
struct WatchMachine: Sendable {
  /// What is under way.
  enum State: Sendable, Equatable {
    case idle
    /// A page was asked for.
    case listing(ListRequest)
    /// A watch was asked for.
    case opening(WatchRequest)
    /// A watch sends the initial list.
    case streamingList(WatchRequest)
    /// A watch sends changes.
    case watching(WatchRequest)
    /// Waiting, and then doing what is named.
    case backingOff(Resumption)
  }

  /// What to go on with after a wait.
  enum Resumption: Sendable, Equatable {
    case list
    case page(ListRequest)
    case watch
  }

  /// One page of a list.
  struct ListRequest: Sendable, Equatable {
    /// The state that the list must have reached; `nil` asks for the newest.
    var notOlderThan: String?
    /// The token of the page before.
    var continueToken: String?
  }

  /// One watch.
  struct WatchRequest: Sendable, Equatable {
    var resourceVersion: String?
    /// The watch begins with everything there is.
    var sendsInitialEvents = false
    /// The time after which the server ends it.
    var duration: Duration
    /// The longest silence.
    var idleTimeout: Duration
  }

  /// What is to be told.
  enum Emission: Sendable {
    case relistStarted
    /// The items of the page just received.
    case page
    case relistDone(resourceVersion: String)
    case interrupted(KubernetesError)
  }

  /// The one thing to do next.
  enum Operation: Sendable, Equatable {
    case list(ListRequest)
    case watch(WatchRequest)
    case wait(Duration)
  }

  struct Step: Sendable {
    var emissions: [Emission] = []
    var operation: Operation
  }

  /// The way a re-list is asked for.
  enum Freshness: Sendable, Equatable {
    /// At least what was seen; cheap for the server.
    case notOlderThanSeen
    /// The newest, agreed upon by the server's data store.
    case newest
  }

  /// Failures of the same kind, with nothing received between them, after which a watch is given up for a list.
  static let patience = 3
  /// Lists older than what was seen that are refused before the server is believed.
  static let olderListsRefused = 5
  /// A watch that lived as long was a success, even if it carried nothing.
  static let decentLife: Duration = .seconds(10)

  let options: WatchOptions
  /// What is watched, in words, for errors.
  let subject: String
  var state = State.idle
  /// The newest resource version seen.
  var seen: String?
  /// The initial list is asked for as a watch.
  var usesStreamedLists = false
  var freshness = Freshness.notOlderThanSeen
  /// Failures of watches since one was of use.
  var failures = 0
  /// Failures of pages since one came.
  var listFailures = 0
  /// Refusals of a watch by the server since one was of use or a list was whole.
  var refusals = 0
  /// How often the server no longer had the state asked for, since a watch was of use.
  var expirations = 0
  var olderLists = 0
  /// The resource version of the list under way, from its first page.
  var listVersion: String?
  var hasSeenBookmark = false
  var openedAt: Duration?
  var hasReceived = false

  init(options: WatchOptions, subject: String) {
    self.options = options
    self.subject = subject
  }

  func failure(_ code: KubernetesError.Code, _ verb: String, _ reason: String) -> KubernetesError {
    KubernetesError(code, request: "\(verb) \(subject)", reason: reason)
  }

  // MARK: Inputs

  /// Begins; also what a `wait` is answered with.
  ///
  /// - Parameter jitter: here and elsewhere, a number from 0 to 1.
  mutating func resume(jitter: Double) -> Step {
    switch state {
    case .backingOff(.watch): openWatch(jitter: jitter)
    case .backingOff(.page(let request)): list(request)
    case .backingOff(.list), .idle, .listing, .opening, .streamingList, .watching: startList(jitter: jitter)
    }
  }

  /// A page came.
  mutating func pageReceived(resourceVersion: String, continueToken: String?, jitter: Double) -> Step {
    guard case .listing(let request) = state else { return resume(jitter: jitter) }
    if request.continueToken == nil {
      if let seen, ResourceVersions.isOlder(resourceVersion, than: seen), olderLists < Self.olderListsRefused {
        return refuseOlderList(resourceVersion, jitter: jitter)
      }
      listVersion = resourceVersion
    }
    listFailures = 0
    if let continueToken, !continueToken.isEmpty {
      var step = list(ListRequest(notOlderThan: nil, continueToken: continueToken))
      step.emissions.insert(.page, at: 0)
      return step
    }
    let version = listVersion ?? resourceVersion
    listed(version)
    var step = openWatch(jitter: jitter)
    step.emissions = [.page, .relistDone(resourceVersion: version)] + step.emissions
    return step
  }

  /// A page did not come.
  mutating func pageFailed(_ error: KubernetesError, jitter: Double) -> Step {
    guard case .listing(let request) = state else { return resume(jitter: jitter) }
    if error.isGone || error.isResourceVersionTooLarge {
      // A continue token is too old, or the server has less than was seen: only the newest state helps.
      freshness = .newest
      return expired(error, jitter: jitter)
    }
    listFailures += 1
    return backOff(request.continueToken == nil ? .list : .page(request), error, jitter: jitter)
  }

  /// A watch was accepted; its lines follow.
  mutating func streamOpened(at now: Duration) {
    guard case .opening(let request) = state else { return }
    openedAt = now
    hasReceived = false
    state = request.sendsInitialEvents ? .streamingList(request) : .watching(request)
  }

  /// A watch ended by itself.
  ///
  /// - Parameter cutLine: the last line has no end, so it was lost.
  mutating func streamEnded(cutLine: KubernetesError?, at now: Duration, jitter: Double) -> Step {
    let lived = openedAt.map { now - $0 } ?? .zero
    switch state {
    case .watching where cutLine == nil && (hasReceived || lived >= Self.decentLife):
      wasOfUse()
      return openWatch(jitter: jitter)
    case .watching, .opening, .streamingList:
      let error = cutLine ?? failure(.transport, "WATCH", "the server ended the watch at once")
      return streamFailed(error, at: now, jitter: jitter)
    case .idle, .listing, .backingOff:
      return resume(jitter: jitter)
    }
  }

  /// A watch was refused, broke, or its server said that something is wrong.
  mutating func streamFailed(_ error: KubernetesError, at now: Duration, jitter: Double) -> Step {
    if let openedAt, now - openedAt >= Self.decentLife { wasOfUse() }
    switch state {
    case .opening(let request) where request.sendsInitialEvents: return streamedListFailed(error, jitter: jitter)
    case .streamingList: return streamedListFailed(error, jitter: jitter)
    case .opening, .watching: return watchFailed(error, jitter: jitter)
    case .idle, .listing, .backingOff: return resume(jitter: jitter)
    }
  }
}
extension WatchMachine {
  /// A streamed initial list has been silent for too long: the server may not know what was asked of it.
  mutating func initialListOverdue(jitter: Double) -> Step? {
    guard case .streamingList = state else { return nil }
    return streamedListFailed(
      failure(.badRequest, "WATCH", "the server does not finish the initial list"), jitter: jitter)
  }

  mutating func wasOfUse() {
    failures = 0
    refusals = 0
    expirations = 0
  }
}
