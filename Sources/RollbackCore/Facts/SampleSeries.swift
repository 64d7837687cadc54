public import FoundationEssentials

/// What was read of one trigger at one moment.
public struct Sample: Hashable, Sendable {
  /// The moment that the reading is about, as its source says; not when it arrived.
  public var at: Date
  public var outcome: Outcome

  /// What was read.
  public enum Outcome: Hashable, Sendable {
    case value(Double)
    /// A source that says yes or no by itself. Indirect, so that values, of which there are many, take little room.
    indirect case check(passed: Bool, value: String, message: String)
    /// The source answered, with nothing that could be judged; the cause in a sentence.
    case noData(String)
    /// The source did not answer as it should; the cause in a sentence.
    case failed(String)
  }

  /// Whether the source has answered, be it that there is nothing. A number that is none is no answer.
  public var isAnswer: Bool {
    switch outcome {
    case .value(let value): value.isFinite
    case .check, .noData: true
    case .failed: false
    }
  }

  public init(at: Date, _ outcome: Outcome) {
    self.at = at
    self.outcome = outcome
  }
}

/// What is known of one trigger from sampling.
public struct SampleSeries: Hashable, Sendable {
  /// By time, ascending; each time once.
  public var samples: [Sample]
  /// Since when ``samples`` hold everything that the source still knows, without a gap; `nil` when nothing is known.
  public var knownSince: Date?
  /// Whether the source keeps a past that can be read.
  public var hasHistory: Bool
  /// Why nothing can be sampled at all; `nil` when it can.
  public var problem: String?
  /// What was read of the time before the rollout; `nil` when no rollout is judged.
  public var references: References?

  public init(
    samples: [Sample] = [], knownSince: Date? = nil, hasHistory: Bool = false, problem: String? = nil,
    references: References? = nil
  ) {
    self.samples = samples
    self.knownSince = knownSince
    self.hasHistory = hasHistory
    self.problem = problem
    self.references = references
  }

  /// Adds samples, in any order; of two about the same moment the later word stays.
  public mutating func add(_ new: [Sample]) {
    guard let first = new.map(\.at).min() else { return }
    // Only what is not older than the first of them has to be put in order again.
    let start = samples.lastIndex { $0.at < first }.map { $0 + 1 } ?? samples.startIndex
    guard start < samples.endIndex else {
      samples += new.sorted { $0.at < $1.at }
      return
    }
    var byTime = Dictionary(samples[start...].map { ($0.at, $0) }) { $1 }
    for sample in new { byTime[sample.at] = sample }
    samples.replaceSubrange(start..., with: byTime.values.sorted { $0.at < $1.at })
  }

  /// Whether more time lies between the newest answer and newer samples than a source that answers leaves: what it
  /// would have said in between is not known.
  public func leavesGap(before new: [Sample], interval: PolicyDuration, timeout: PolicyDuration?) -> Bool {
    guard let next = new.filter(\.isAnswer).map(\.at).min(), !samples.isEmpty else { return false }
    // Its last answer may have been forgotten meanwhile.
    guard let last = samples.last(where: \.isAnswer)?.at else { return true }
    return next.timeIntervalSince(last) > Evaluation.tolerance(interval, timeout)
  }

  /// Forgets what is older than `moment`, but for the newest sample before it, and no more than `most` are kept.
  ///
  /// - Parameter checks: so many of the newest ``Sample/Outcome/check(passed:value:message:)`` stay as well, as far as
  ///   there are not many times more samples between them that say nothing.
  public mutating func forget(before moment: Date, keeping most: Int, checks: Int = 1) {
    // Searched from the front, where it is soon found: what is older has been forgotten before.
    let older = samples.firstIndex { $0.at >= moment } ?? samples.endIndex
    if older > 1 {
      samples.removeFirst(min(older - 1, startOfNewest(checks: checks)))
      // What is forgotten is not known any more, should it be asked for again.
      if let first = samples.first?.at { knownSince = knownSince.map { max($0, first) } }
    }
    samples.removeFirst(max(0, samples.count - most))
  }

  private func startOfNewest(checks: Int) -> Int {
    var index = samples.endIndex
    var left = checks > 1 ? checks : 0
    let least = max(samples.startIndex, samples.endIndex - 8 * checks)
    while left > 0, index > least {
      index -= 1
      if case .check = samples[index].outcome { left -= 1 }
    }
    return index
  }

  /// Failed checks since the last one that passed; counted up to `most`.
  public func failedChecks(atMost most: Int) -> Int {
    var count = 0
    for sample in samples.reversed() {
      guard case .check(let passed, _, _) = sample.outcome else { continue }
      if passed || count == most { break }
      count += 1
    }
    return count
  }
}
