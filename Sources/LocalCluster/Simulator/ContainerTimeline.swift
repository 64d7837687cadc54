public import FoundationEssentials

/// What the first container of a pod does at a moment, and when that changes next.
struct ContainerMoment: Equatable {
  enum State: Equatable {
    case running(since: Date)
    case terminated(startedAt: Date, finishedAt: Date)
    /// Waiting with the kubelet's reason, after a back-off of so many seconds was chosen.
    case waiting(reason: String, backOff: Int)
  }

  var state: State
  var isReady = false
  var restartCount = 0
  /// The run before, if there was one.
  var lastRun: (startedAt: Date, finishedAt: Date)?
  /// When this changes; `nil` for never.
  var until: Date?

  static func == (left: Self, right: Self) -> Bool {
    left.state == right.state && left.isReady == right.isReady && left.restartCount == right.restartCount
      && left.lastRun?.startedAt == right.lastRun?.startedAt && left.lastRun?.finishedAt == right.lastRun?.finishedAt
      && left.until == right.until
  }
}

/// The life of a pod's first container, as a function of time alone.
public struct ContainerTimeline {
  /// How long a bad container runs before it ends, and an image pull takes to fail.
  static let attempt: TimeInterval = 0.3
  /// How long the end of a run shows as such before the kubelet acts on it.
  static let pause: TimeInterval = 0.2

  var behaviour: PodBehaviour
  /// When the containers started.
  var start: Date
  /// When the behaviour was changed on the running pod, if it was.
  var changed: Date?

  /// - Parameters:
  ///   - start: when the containers started.
  ///   - changed: when the behaviour was changed on the running pod, if it was.
  public init(behaviour: PodBehaviour, start: Date, changed: Date? = nil) {
    self.behaviour = behaviour
    self.start = start
    self.changed = changed
  }

  /// When the pod turns from good to bad; `start` for one that was never good, `nil` for one that stays good.
  var turn: Date? {
    guard behaviour.kind != .ready || behaviour.failAfter != nil && behaviour.badKind != .ready else { return nil }
    return signalsTurn
  }

  /// When the pod starts to show its own signals.
  var signalsTurn: Date {
    let changed = changed ?? start
    return behaviour.failAfter.map { max(start + $0.timeInterval, changed) } ?? changed
  }

  /// When the pod becomes ready, unless it turned bad before.
  var readyAt: Date { start + behaviour.readyAfter.timeInterval }

  /// What is measured of the pod at a moment.
  func signals(at now: Date) -> PodSignals {
    now >= signalsTurn ? behaviour.signals ?? .good : .good
  }

  func moment(at now: Date) -> ContainerMoment {
    guard let turn, now >= turn else { return goodMoment(at: now) }
    // The first run of a container that was never good has restart count 0, and ends without having been ready.
    let isFirstRun = turn == start
    switch behaviour.badKind {
    case .unready, .ready, .pending:
      return ContainerMoment(state: .running(since: start))
    case .crashLoop, .oomKilled:
      return isFirstRun ? crashLoop(from: start, run: 0, at: now) : crash(of: start, at: turn, now: now)
    case .succeed, .fail:
      let end = max(turn, isFirstRun ? readyAt : turn)
      return now < end
        ? ContainerMoment(state: .running(since: start), until: end)
        : ContainerMoment(state: .terminated(startedAt: start, finishedAt: end))
    case .imagePull:
      let lastRun = isFirstRun ? nil : (startedAt: start, finishedAt: turn)
      return imagePull(from: turn, lastRun: lastRun, at: now)
    }
  }

  private func goodMoment(at now: Date) -> ContainerMoment {
    let isReady = now >= readyAt
    let next = isReady ? turn : min(readyAt, turn ?? readyAt)
    return ContainerMoment(state: .running(since: start), isReady: isReady, until: next)
  }

  /// A container that ran well ends, and is in the loop from then on.
  private func crash(of started: Date, at turn: Date, now: Date) -> ContainerMoment {
    let restart = turn + Self.pause
    guard now >= restart else {
      return ContainerMoment(state: .terminated(startedAt: started, finishedAt: turn), until: restart)
    }
    return crashLoop(from: restart, run: 1, lastRun: (started, turn), at: now)
  }

  /// Runs that end soon: the second follows at once, those after it wait for 10 s, 20 s, 40 s and so on up to 5 min.
  private func crashLoop(
    from start: Date, run: Int, lastRun: (startedAt: Date, finishedAt: Date)? = nil, at now: Date
  ) -> ContainerMoment {
    var begin = start
    var run = run
    var lastRun = lastRun
    var endOfTry: Date?
    while true {
      if run > Self.increases {
        let tries = EqualTries(from: begin, each: Self.attempt + Self.pause + Self.longestBackOff, at: now)
        run += tries.count
        if tries.count > 0 { lastRun = (tries.before, tries.before + Self.attempt) }
        begin = tries.begin
        endOfTry = tries.end
      }
      let end = begin + Self.attempt
      if now < end {
        return ContainerMoment(state: .running(since: begin), restartCount: run, lastRun: lastRun, until: end)
      }
      let shown = end + Self.pause
      if now < shown {
        return ContainerMoment(
          state: .terminated(startedAt: begin, finishedAt: end), restartCount: run, lastRun: lastRun, until: shown)
      }
      lastRun = (begin, end)
      let backOff = run == 0 ? 0 : Self.backOff(run)
      let next = endOfTry ?? shown + TimeInterval(backOff)
      if now < next {
        return ContainerMoment(
          state: .waiting(reason: "CrashLoopBackOff", backOff: backOff), restartCount: run, lastRun: lastRun,
          until: next)
      }
      begin = next
      run += 1
    }
  }

  private func imagePull(
    from start: Date, lastRun: (startedAt: Date, finishedAt: Date)?, at now: Date
  ) -> ContainerMoment {
    var begin = start
    var pull = 1
    var endOfTry: Date?
    while true {
      if pull > Self.increases {
        let tries = EqualTries(from: begin, each: Self.attempt + Self.longestBackOff, at: now)
        begin = tries.begin
        endOfTry = tries.end
      }
      let failed = begin + Self.attempt
      let backOff = Self.backOff(pull)
      let next = endOfTry ?? failed + TimeInterval(backOff)
      if now < next {
        let isBackingOff = now >= failed
        return ContainerMoment(
          state: .waiting(reason: isBackingOff ? "ImagePullBackOff" : "ErrImagePull", backOff: backOff),
          lastRun: lastRun, until: isBackingOff ? next : failed)
      }
      begin = next
      pull += 1
    }
  }

  /// The kubelet's back-off before a try, in seconds.
  static func backOff(_ count: Int) -> Int { count > increases ? Int(longestBackOff) : 10 << (count - 1) }

  private static let longestBackOff: TimeInterval = 300
  /// How many tries wait for less than the longest back-off.
  private static let increases = 5
}

/// Tries that all take the same time, from the first of them to the present one: a pod that fails for a month is not
/// followed try by try.
private struct EqualTries {
  private var first: Date
  private var period: TimeInterval
  /// How many there were before the present one.
  private(set) var count: Int

  init(from first: Date, each period: TimeInterval, at now: Date) {
    self.first = first
    self.period = period
    count = max(0, Int(exactly: (now.timeIntervalSince(first) / period).rounded(.down)) ?? 0)
    // A division that was rounded must not put the last moment of a try into the next, or the other way round.
    if begin > now { count = max(0, count - 1) }
    if end <= now { count += 1 }
  }

  var begin: Date { first + Double(count) * period }
  var end: Date { first + Double(count + 1) * period }
  var before: Date { first + Double(count - 1) * period }
}

extension Duration {
  var timeInterval: TimeInterval {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
