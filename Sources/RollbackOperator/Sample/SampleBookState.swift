import ControllerRuntime
import FoundationEssentials
import RollbackCore

extension SampleBook {
  struct Pair: Hashable {
    var policyUID: String
    var workloadUID: String
  }

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

  /// One subject's part of what is read, with those who want it.
  struct Share {
    var readers: Set<Reader> = []
    var series: SampleSeries

    func lacksPast(since: Date?) -> Bool {
      guard series.hasHistory, let since else { return false }
      return series.knownSince.map { $0 > since } ?? true
    }

    /// - Parameters:
    ///   - isPast: the samples are all there are of a time that is over.
    ///   - checks: so many of the newest are looked at together.
    mutating func take(_ samples: [Sample], since: Date?, knownSince: Date?, replacing isPast: Bool, checks: Int) {
      guard !isPast else {
        series.samples = samples
        return
      }
      series.add(samples)
      if let knownSince { series.knownSince = min(knownSince, series.knownSince ?? knownSince) }
      series.forget(
        before: since ?? series.samples.last?.at ?? .distantPast, keeping: SampleBook.most, checks: checks)
    }
  }

  struct Entry {
    /// By subject; empty for an answer that is not divided.
    var shares: [String: Share] = [:]
  }

  struct State {
    var subscriptions: [Pair: [String: Subscription]] = [:]
    var entries: [Measurement: Entry] = [:]
    /// The policies that ask for a workload, by its UID.
    var policies: [String: Set<String>] = [:]
  }
}

extension SampleBook.State {
  mutating func remove(_ pair: SampleBook.Pair) {
    for (trigger, subscription) in subscriptions.removeValue(forKey: pair) ?? [:] {
      for (part, measurement) in subscription.measurements {
        let reader = SampleBook.Reader(
          policyUID: pair.policyUID, workloadUID: pair.workloadUID, trigger: trigger, part: part)
        leave(measurement, reader, subscription.subject)
      }
    }
    note(pair)
  }

  /// Keeps the index of policies by workload.
  mutating func note(_ pair: SampleBook.Pair) {
    if subscriptions[pair] != nil {
      policies[pair.workloadUID, default: []].insert(pair.policyUID)
    } else if policies[pair.workloadUID]?.remove(pair.policyUID) != nil, policies[pair.workloadUID]?.isEmpty == true {
      policies[pair.workloadUID] = nil
    }
  }

  /// - Returns: whether it must be read now: nobody needed it before, or its past is needed.
  mutating func join(
    _ measurement: Measurement, _ reader: SampleBook.Reader, _ subscription: SampleBook.Subscription
  ) -> Bool {
    let subject = subscription.subject
    // Of an answer that is divided a newcomer gets his part with the next reading, unless there is none.
    let isNew = measurement.isPast ? entries[measurement]?.shares[subject] == nil : entries[measurement] == nil
    var share =
      entries[measurement]?.shares[subject]
      ?? SampleBook.Share(series: SampleSeries(hasHistory: measurement.hasHistory))
    share.readers.insert(reader)
    entries[measurement, default: SampleBook.Entry()].shares[subject] = share
    return isNew || share.lacksPast(since: reader.part == .now ? subscription.since : nil)
  }

  mutating func leave(_ measurement: Measurement, _ reader: SampleBook.Reader, _ subject: String) {
    entries[measurement]?.shares[subject]?.readers.remove(reader)
    if entries[measurement]?.shares[subject]?.readers.isEmpty == true { entries[measurement]?.shares[subject] = nil }
    if entries[measurement]?.shares.isEmpty == true { entries[measurement] = nil }
  }

  /// From when on somebody needs the samples of a share.
  func since(_ share: SampleBook.Share) -> Date? {
    share.readers.compactMap { reader in
      subscriptions[SampleBook.Pair(policyUID: reader.policyUID, workloadUID: reader.workloadUID)]?[reader.trigger]?
        .since
    }.min()
  }

  /// What a trigger is compared with.
  func references(_ subscription: SampleBook.Subscription) -> References? {
    guard let need = subscription.references else { return nil }
    func reference(_ part: SampleBook.Part) -> References.Reference {
      var result = References.Reference.pending
      if let problem = subscription.referenceProblems[part] {
        result = .noData(problem.cause)
      } else if let measurement = subscription.measurements[part],
        let series = entries[measurement]?.shares[subscription.subject]?.series
      {
        result = series.reference
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

extension SampleSeries {
  /// Whether two series end with the same kind of answer: what the newest value is matters only to those who watch.
  ///
  /// - Parameter failuresNeeded: up to so many, one more failure in a row is another answer.
  func saysTheSame(as other: SampleSeries, failuresNeeded: Int = 1) -> Bool {
    guard let last = samples.last, let before = other.samples.last else {
      return samples.isEmpty == other.samples.isEmpty
    }
    switch (last.outcome, before.outcome) {
    case (.value, .value): return true
    case (.check(let one, _, _), .check(let two, _, _)):
      return one == two && failedChecks(atMost: failuresNeeded) == other.failedChecks(atMost: failuresNeeded)
    case (.noData(let one), .noData(let two)), (.failed(let one), .failed(let two)): return one == two
    default: return false
    }
  }

  /// The samples of a time that is over as what others are compared with.
  var reference: References.Reference {
    let values = samples.compactMap { sample in if case .value(let value) = sample.outcome { value } else { nil } }
    guard values.isEmpty else { return .values(values) }
    switch samples.last?.outcome {
    case .noData(let cause): return .noData("nothing to compare with was read of the time before the rollout: \(cause)")
    case .failed(let cause): return .failed("the time before the rollout cannot be read: \(cause)")
    case .value, .check, nil: return .pending
    }
  }
}
