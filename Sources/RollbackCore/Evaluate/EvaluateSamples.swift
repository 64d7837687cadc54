public import FoundationEssentials

/// The time that the samples of a trial are judged in.
struct SampledWindow {
  /// When the rollout began.
  var start: Date
  /// No breach counts from before this.
  var floor: Date
  /// Since when a trigger that nothing is remembered of has been healthy.
  var healthySince: Date
}

extension Evaluation {
  /// A sample counts for this many intervals; after that nothing is known.
  static let freshIntervals = 2.0

  /// Reads a sampled trigger by its newest sample, at the sample's own time (R5).
  static func read(_ trigger: Trigger, series: SampleSeries?, now: Date) -> Reading {
    guard let series else { return .unknown("nothing has been sampled yet") }
    if let problem = series.problem { return trigger.meaning(ofFailure: problem) }
    guard let last = series.samples.last else { return .unknown("nothing has been sampled yet") }
    if let stale = staleness(of: last, trigger, now: now) {
      // A source that takes its time to fail is told by what it failed with, not by how long ago that was.
      if case .failed(let cause) = last.outcome { return trigger.meaning(ofFailure: cause) }
      return trigger.meaning(ofFailure: stale)
    }
    return SampleJudge(trigger, series).reading(of: last)
  }

  /// Why a sample says nothing about now; `nil` when it does.
  private static func staleness(of sample: Sample, _ trigger: Trigger, now: Date) -> String? {
    staleness(of: sample.at, interval: trigger.interval, timeout: trigger.kind.timeout, now: now)
  }

  /// Why what was measured at `moment`, by the source's own clock, says nothing about now, in a sentence for people;
  /// `nil` when it does.
  ///
  /// - Parameters:
  ///   - interval: how often it is measured.
  ///   - timeout: how long measuring may take; `nil`: not long.
  public static func staleness(
    of moment: Date, interval: PolicyDuration, timeout: PolicyDuration? = nil, now: Date
  ) -> String? {
    let tolerance = tolerance(interval, timeout)
    let age = now.timeIntervalSince(moment)
    if age > tolerance {
      return "the newest sample is \(PolicyDuration(from: moment, to: now)) old, which is more than two intervals: "
        + "the source has stopped, or its clock is behind"
    }
    if age < -tolerance {
      return "the newest sample lies \(PolicyDuration(from: now, to: moment)) in the future: "
        + "the source's clock is ahead"
    }
    return nil
  }

  static func tolerance(_ trigger: Trigger) -> TimeInterval {
    tolerance(trigger.interval, trigger.kind.timeout)
  }

  /// How far a sample's time may be from now. Requests take their time, too, up to their time-out.
  static func tolerance(_ interval: PolicyDuration, _ timeout: PolicyDuration?) -> TimeInterval {
    max(interval.timeInterval * freshIntervals, interval.timeInterval + 2) + (timeout?.timeInterval ?? 0)
  }

  /// The verdict on a sampled trigger during a trial: the breach has held since the first sample of the unbroken run
  /// that ends with the newest one, and counts when that one is `for` later and the run has as many failures as the
  /// trigger needs in a row. Samples that say nothing are no break (R5).
  static func sampled(
    _ trigger: Trigger, _ facts: Facts, _ window: SampledWindow, previous: TriggerStatus?
  ) -> TriggerVerdict {
    let series = facts.samples[trigger.name]
    let reading = read(trigger, series: series, now: facts.now)
    func settled(_ reading: Reading) -> TriggerVerdict {
      settle(
        trigger, reading, previous: previous, floor: window.floor, healthySince: window.healthySince, now: facts.now)
    }
    func pending(_ cause: String) -> TriggerVerdict {
      var verdict = settled(.unknown(cause))
      verdict.isPending = true
      return verdict
    }
    guard let last = series?.samples.last else {
      var verdict = settled(reading)
      verdict.isPending = series?.problem == nil
      return verdict
    }
    let stale = last.at.addingTimeInterval(tolerance(trigger) + 0.001)
    guard last.at >= window.floor || reading.isUnknown else {
      // What was true of the revision before is not news that its trigger is broken.
      var verdict = settled(previous?.isBreach == true ? .unknown("") : .healthy)
      verdict.isUnknown = true
      verdict.isPending = true
      verdict.message = "nothing has been sampled since the rollout began"
      verdict.changesAt = stale
      return verdict
    }
    var verdict: TriggerVerdict
    if case .breached(let breach) = reading {
      verdict =
        breached(trigger, breach, at: last.at, series: series, window: window, previous: previous)
        ?? pending("the time before the rollout has not been read yet")
    } else {
      verdict = settled(reading)
      // A value that is no news is not written: metrics tell each one.
      if case .healthy = reading {
        verdict.status.value = previous?.state == .healthy ? previous?.value : trigger.describe(last)
      }
    }
    verdict.changesAt = stale
    return verdict
  }

  /// - Returns: `nil` when whether the breach was there before the rollout began has not been read.
  private static func breached(
    _ trigger: Trigger, _ breach: Reading.Breach, at moment: Date, series: SampleSeries?, window: SampledWindow,
    previous: TriggerStatus?
  ) -> TriggerVerdict? {
    let run = Run(trigger, series, previous: previous)
    var began = run.began ?? moment
    // Creation times are whole seconds, cut off; and nothing that a rollout does is in a metric within a second. What
    // asks the workload itself sees it at once.
    // That there is nothing yet is no older value.
    // That is known by the operator's own clock, which may be a little behind the API server's.
    let earliest = window.start.addingTimeInterval(run.beganWithValue ? (series?.hasHistory ?? false ? 1 : 0) : -1)
    // Fewer failures than make a breach were none before the rollout.
    var wasBreach = trigger.failuresNeeded == 1 || run.count(before: earliest) >= trigger.failuresNeeded
    if let previous, run.continues(previous), let since = previous.since {
      // The samples begin later than the breach: it had been seen before a restart.
      began = min(began, since)
      if previous.state == .breached, since < earliest { wasBreach = true }
    }
    // What is read of the revision's own pods is its own doing, whenever it began.
    let precedes = !trigger.kind.isOfRevision && began < earliest && wasBreach
    if trigger.requiresAttribution, !precedes, run.lastHealthy.map({ $0 < window.start }) ?? true, let series,
      series.hasHistory, series.knownSince.map({ $0 > window.start }) ?? true
    {
      return nil
    }
    let since = max(began, window.floor)
    // What a source would have said in a gap is not known before it is read.
    let gapEnd = series.flatMap { $0.hasHistory ? $0.knownSince : nil } ?? since
    let isProven =
      max(since, gapEnd).addingTimeInterval(trigger.for.timeInterval) <= moment
      && run.isBreach(trigger, from: window.floor, previous: previous)
    var verdict = TriggerVerdict(
      trigger: trigger,
      status: TriggerStatus(
        name: trigger.name, state: isProven ? .breached : .breaching, value: breach.value, threshold: breach.threshold,
        since: (precedes ? began : since).wholeMilliseconds),
      message: breach.message)
    verdict.precedesRollout = precedes
    return verdict
  }

  /// The unbroken run of breached samples at the end of a series.
  struct Run {
    /// The run's first sample; `nil` when the newest that says something is healthy.
    var began: Date?
    /// The newest healthy sample.
    var lastHealthy: Date?
    /// Whether the first sample had a value, and was not only missing.
    private(set) var beganWithValue = false
    /// When each breached sample was taken, the newest first.
    private var breaches: [Date] = []

    /// - Parameter previous: what was concluded before.
    init(_ trigger: Trigger, _ series: SampleSeries?, previous: TriggerStatus?) {
      let judge = SampleJudge(trigger, series)
      let enough = Self.enough(trigger, series, previous)
      for sample in series?.samples.reversed() ?? [] {
        if let enough, sample.at < enough, began != nil { return }
        switch judge.sense(of: sample) {
        case .breached:
          began = sample.at
          beganWithValue = if case .value(let value) = sample.outcome { value.isFinite } else { false }
          breaches.append(sample.at)
        case .healthy:
          lastHealthy = sample.at
          return
        case .silent: break
        }
      }
    }

    /// From when on the samples are judged of a breach that is known already; `nil`: all of them.
    ///
    /// To compare two samples takes long, and with each new sample it would be done again for every one before it: of
    /// those that are older than `for`, and some more, it is remembered what they said.
    private static func enough(_ trigger: Trigger, _ series: SampleSeries?, _ previous: TriggerStatus?) -> Date? {
      guard trigger.criteria?.comparison != nil, previous?.isBreach == true, let since = previous?.since,
        let last = series?.samples.last?.at
      else { return nil }
      let enough = last.addingTimeInterval(
        -trigger.for.timeInterval - remembered * trigger.interval.timeInterval)
      return since < enough ? enough : nil
    }

    /// So many intervals more than `for`, in case that some samples were not looked at when they came.
    private static let remembered = 10.0

    func count(before moment: Date) -> Int { breaches.count { $0 < moment } }

    /// Whether what was concluded before is about this run.
    func continues(_ previous: TriggerStatus) -> Bool {
      guard previous.isBreach, let since = previous.since else { return false }
      return lastHealthy.map { $0 < since } ?? true
    }

    /// Whether the run has as many samples as the trigger needs.
    ///
    /// - Parameters:
    ///   - floor: no sample counts from before this.
    ///   - previous: what was concluded before; a breach that had been proven is not counted anew after a restart.
    func isBreach(_ trigger: Trigger, from floor: Date = .distantPast, previous: TriggerStatus?) -> Bool {
      // Without a sample of its own the breach is what a missing one means, which no count makes truer.
      guard trigger.failuresNeeded > 1, began != nil else { return true }
      if let previous, previous.state == .breached, continues(previous) { return true }
      return breaches.count { $0 >= floor } >= trigger.failuresNeeded
    }
  }
}

extension Trigger {
  /// What one sample says, before anything is known of others.
  func reading(of sample: Sample) -> Reading {
    switch sample.outcome {
    case .value(let value): return judge(value)
    case .check(passed: true, _, _): return .healthy
    case .check(passed: false, let value, let message):
      return .breached(Reading.Breach(value: value, threshold: threshold, message: message))
    case .noData(let cause): return meaning(ofNoData: cause)
    case .failed(let cause): return meaning(ofFailure: cause)
    }
  }

  private func judge(_ value: Double) -> Reading {
    guard value.isFinite else { return meaning(ofNoData: "the source answered \(value.isNaN ? "NaN" : "infinity")") }
    return criteria?.judge(value) ?? .unknown("it is not measured")
  }

  func meaning(ofNoData cause: String) -> Reading {
    switch noData {
    case .hold: .unknown(cause)
    case .healthy: .healthy
    case .breach:
      .breached(Reading.Breach(value: "no data", threshold: threshold, message: "\(cause), and noData is Breach"))
    }
  }

  func meaning(ofFailure cause: String) -> Reading {
    switch onError {
    case .hold: .failed(cause)
    case .breach:
      .breached(Reading.Breach(value: "error", threshold: threshold, message: "\(cause), and onError is Breach"))
    }
  }

  /// What a reading is held against, for people.
  private var threshold: String {
    switch kind {
    case .probe: "healthy"
    case .job: "succeeded"
    default: criteria?.description ?? ""
    }
  }

  /// A sample's value for people.
  func describe(_ sample: Sample) -> String? {
    switch sample.outcome {
    case .value(let value): criteria?.measure.describe(value)
    case .check(_, let value, _): value
    case .noData, .failed: nil
    }
  }
}

extension SampleSeries {
  /// Without the samples up to and with `moment`.
  func forgetting(before moment: Date) -> SampleSeries {
    var series = self
    series.samples.removeAll { $0.at <= moment }
    return series
  }
}

extension TriggerStatus {
  /// Whether it says that the trigger is breached, for long enough or not.
  public var isBreach: Bool { state == .breaching || state == .breached }
}
