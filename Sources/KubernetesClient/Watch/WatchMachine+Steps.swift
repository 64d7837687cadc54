/// The arrows between the states.
extension WatchMachine {
  mutating func startList(jitter: Double) -> Step {
    listVersion = nil
    let wanted = freshness == .notOlderThanSeen ? seen : nil
    if usesStreamedLists {
      var step = open(request(wanted, initial: true, jitter: jitter))
      step.emissions = [.relistStarted]
      return step
    }
    var step = list(ListRequest(notOlderThan: wanted, continueToken: nil))
    step.emissions = [.relistStarted]
    return step
  }

  mutating func list(_ request: ListRequest) -> Step {
    state = .listing(request)
    return Step(operation: .list(request))
  }

  mutating func openWatch(jitter: Double) -> Step {
    open(request(seen, initial: false, jitter: jitter))
  }

  private mutating func open(_ request: WatchRequest) -> Step {
    state = .opening(request)
    openedAt = nil
    return Step(operation: .watch(request))
  }

  private func request(_ version: String?, initial: Bool, jitter: Double) -> WatchRequest {
    let duration = options.watchDuration * (1 + 0.25 * jitter)
    // Until a bookmark was seen, nothing says that the server sends any. Without jitter: a transport may hold
    // connections by their idle time-out.
    let longest = options.watchDuration * 1.25
    let idle = hasSeenBookmark ? min(options.bookmarkPatience, longest) : longest
    return WatchRequest(
      resourceVersion: version, sendsInitialEvents: initial, duration: duration, idleTimeout: idle + .seconds(15))
  }

  /// A list is whole: what was seen before counts no more.
  mutating func listed(_ version: String) {
    seen = version.isEmpty ? nil : version
    freshness = .notOlderThanSeen
    olderLists = 0
    refusals = 0
    listVersion = nil
  }

  mutating func refuseOlderList(_ version: String, jitter: Double) -> Step {
    let wasCheap = freshness == .notOlderThanSeen
    freshness = .newest
    olderLists += 1
    let error = failure(
      .unavailable, "LIST",
      "the server sent a list of resource version \(version), older than \(seen ?? "") seen before")
    guard wasCheap else {
      listFailures += 1
      return backOff(.list, error, jitter: jitter)
    }
    var step = startList(jitter: jitter)
    step.emissions.insert(.interrupted(error), at: 0)
    return step
  }

  mutating func streamedListFailed(_ error: KubernetesError, jitter: Double) -> Step {
    switch error.code {
    case .badRequest, .invalid, .forbidden, .methodNotAllowed, .notAcceptable, .unsupportedMediaType, .decoding:
      // Not served here: the paged list is, everywhere.
      usesStreamedLists = false
      return startList(jitter: jitter)
    default:
      if error.isGone || error.isResourceVersionTooLarge { freshness = .newest }
      listFailures += 1
      return backOff(.list, error, jitter: jitter)
    }
  }

  mutating func watchFailed(_ error: KubernetesError, jitter: Double) -> Step {
    if error.isGone || error.isResourceVersionTooLarge {
      if error.isResourceVersionTooLarge { freshness = .newest }
      return expired(error, jitter: jitter)
    }
    failures += 1
    if error.code != .transport && error.code != .credentials && error.code != .cancelled { refusals += 1 }
    guard refusals < Self.patience, options.afterInterruption == .resume else {
      refusals = 0
      return backOff(.list, error, jitter: jitter)
    }
    return backOff(.watch, error, jitter: jitter)
  }

  /// The first time at once; a server that says so again and again is given time.
  mutating func expired(_ error: KubernetesError, jitter: Double) -> Step {
    expirations += 1
    guard expirations > 1 else {
      var step = startList(jitter: jitter)
      step.emissions.insert(.interrupted(error), at: 0)
      return step
    }
    return backOff(.list, error, jitter: jitter)
  }

  mutating func backOff(_ resumption: Resumption, _ error: KubernetesError, jitter: Double) -> Step {
    let doublings = min(max(failures, listFailures, expirations) - 1, 20)
    var delay = min(options.firstDelay * (1 << max(doublings, 0)), options.maximumDelay) * (0.5 + 0.5 * jitter)
    if let asked = error.retryAfter { delay = max(delay, min(asked, options.maximumDelay)) }
    state = .backingOff(resumption)
    return Step(emissions: [.interrupted(error)], operation: .wait(delay))
  }
}
