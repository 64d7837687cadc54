import ControllerRuntime
import FoundationEssentials
import RollbackCore

extension SampleBook {
  /// What a trigger of a pair needs.
  struct Subscription {
    var workload: NamespacedName
    var measurements: [Part: Measurement] = [:]
    var problem: SampleProblem?
    /// Why there is nothing to compare with.
    var referenceProblems: [Part: SampleProblem] = [:]
    var references: ReferenceNeed?
    var since: Date?
    var subject: String
    var isWatched: Bool

    init(_ workload: NamespacedName, _ need: Need) {
      self.workload = workload
      since = need.since
      subject = need.subject
      isWatched = need.isWatched
      references = need.references
      switch need.measurement {
      case .success(let measurement): measurements[.now] = measurement
      case .failure(let cause):
        problem = cause
        return
      }
      for (part, wanted) in need.references?.measurements ?? [:] {
        switch wanted {
        case .success(let measurement): measurements[part] = measurement
        case .failure(let cause): referenceProblems[part] = cause
        }
      }
    }
  }

  /// One subject's part of what is read, with those who want it. A class, so that samples are added where they are, and
  /// a reader to where all of them are.
  final class Share {
    var readers: Set<Reader> = []
    var series: SampleSeries
    /// What others are compared with, if it is of a time that is over.
    private(set) var reference = References.Reference.pending
    /// From when on the past was asked for and has not come yet.
    private var awaited: Date?

    init(hasHistory: Bool) { series = SampleSeries(hasHistory: hasHistory) }

    func lacksPast(since: Date?) -> Bool {
      guard series.hasHistory, let since else { return false }
      return series.knownSince.map { $0 > since } ?? true
    }

    /// Whether the past from a moment on is not known and was not asked for either: what did not come at once is asked
    /// for again with the next reading, and not with each look at the workload.
    func newlyLacksPast(since: Date?) -> Bool {
      guard let since, lacksPast(since: since) else { return false }
      let isNew = awaited.map { since < $0 } ?? true
      awaited = min(since, awaited ?? since)
      return isNew
    }

    /// Takes all there is of a time that is over. Only the values are used again.
    func replace(with samples: [Sample]) {
      reference = References.Reference(samples)
      series.samples = samples.suffix(1)
    }

    /// - Parameters:
    ///   - knownSince: from when on these samples are all that the source knows; `nil`: they are only the newest.
    ///   - checks: so many of the newest are looked at together.
    func take(
      _ samples: [Sample], of measurement: Measurement, since: Date?, knownSince: Date?, keeping most: Int, checks: Int
    ) {
      var samples = samples
      // The same sentence again and again is kept once.
      if samples.count == 1, let last = series.samples.last?.outcome, last == samples[0].outcome {
        samples[0].outcome = last
      }
      let isAfterGap = series.leavesGap(before: samples, interval: measurement.interval, timeout: measurement.timeout)
      series.add(samples)
      if series.hasHistory, let first = knownSince ?? samples.first(where: \.isAnswer)?.at {
        series.knownSince = isAfterGap ? first : min(first, series.knownSince ?? first)
      }
      series.forget(before: since ?? series.samples.last?.at ?? .distantPast, keeping: most, checks: checks)
      if !lacksPast(since: since) { awaited = nil }
    }
  }

  final class Entry {
    /// By subject; empty for an answer that is not divided.
    var shares: [String: Share] = [:]
  }

  struct State {
    let budget: Int
    /// By trigger.
    var subscriptions = PairTable<[String: Subscription]>()
    var entries: [Measurement: Entry] = [:]
    /// Of all entries.
    var shareCount = 0

    init(budget: Int) { self.budget = budget }

    /// Samples kept of each share.
    var most: Int { min(SampleBook.most, max(SampleBook.least, budget / max(1, shareCount))) }
  }
}

extension SampleBook.State {
  mutating func remove(_ pair: PolicyWorkload) {
    guard let old = subscriptions[pair] else { return }
    subscriptions[pair] = nil
    for (trigger, subscription) in old {
      for (part, measurement) in subscription.measurements {
        let reader = SampleBook.Reader(
          policyUID: pair.policyUID, workloadUID: pair.workloadUID, trigger: trigger, part: part)
        leave(measurement, reader, subscription.subject)
      }
    }
  }

  /// - Returns: whether it must be read now: nobody needed it before, or its past is needed.
  mutating func join(
    _ measurement: Measurement, _ reader: SampleBook.Reader, _ subscription: SampleBook.Subscription
  ) -> Bool {
    let known = entries[measurement]
    let entry = known ?? SampleBook.Entry()
    if known == nil { entries[measurement] = entry }
    let share: SampleBook.Share
    var isNew = known == nil
    if let there = entry.shares[subscription.subject] {
      share = there
    } else {
      share = SampleBook.Share(hasHistory: measurement.hasHistory)
      entry.shares[subscription.subject] = share
      shareCount += 1
      // Of an answer that is divided a newcomer gets his part with the next reading, unless there is none.
      isNew = isNew || measurement.isPast
    }
    share.readers.insert(reader)
    guard reader.part == .now else { return isNew }
    // Of an answer that is divided each has his past with the next reading, so that it is not read for everyone alone.
    return entry.shares.count == 1 && share.newlyLacksPast(since: subscription.since) || isNew
  }

  mutating func leave(_ measurement: Measurement, _ reader: SampleBook.Reader, _ subject: String) {
    guard let entry = entries[measurement], let share = entry.shares[subject] else { return }
    share.readers.remove(reader)
    guard share.readers.isEmpty else { return }
    entry.shares[subject] = nil
    shareCount -= 1
    if entry.shares.isEmpty { entries[measurement] = nil }
  }

  /// From when on somebody needs the samples of a share.
  func since(_ share: SampleBook.Share) -> Date? {
    var earliest: Date?
    for reader in share.readers {
      let pair = PolicyWorkload(policyUID: reader.policyUID, workloadUID: reader.workloadUID)
      guard let since = subscriptions[pair]?[reader.trigger]?.since else { continue }
      earliest = min(since, earliest ?? since)
    }
    return earliest
  }

  /// What a trigger is compared with.
  func references(_ subscription: SampleBook.Subscription) -> References? {
    guard let need = subscription.references else { return nil }
    func reference(_ part: SampleBook.Part) -> References.Reference {
      var result = References.Reference.pending
      if let problem = subscription.referenceProblems[part] {
        result = .noData(problem.cause)
      } else if let measurement = subscription.measurements[part],
        let share = entries[measurement]?.shares[subscription.subject]
      {
        result = share.reference
      }
      if need.isFirst, case .noData = result { return .first }
      return result
    }
    return References(
      baseline: reference(.baseline), anomaly: reference(.anomaly), comparison: reference(.comparison),
      comparesSince: need.comparesSince)
  }
}

extension Measurement {
  /// Whether its source keeps a past that can be read.
  var hasHistory: Bool {
    switch kind {
    case .query: true
    case .past, .probe, .usage, .job, .value, .logs: false
    }
  }

  /// So many failures in a row are looked at together.
  var failuresNeeded: Int {
    if case .probe(let probe) = kind { return max(1, probe.probe.failureThreshold) }
    return 1
  }

  /// Whether it is of a time that is over.
  var isPast: Bool {
    if case .past = kind { return true }
    return false
  }
}
