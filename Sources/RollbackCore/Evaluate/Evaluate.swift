public import FoundationEssentials

/// A trigger with its state after `for` has been taken into account.
public struct TriggerVerdict: Sendable, Hashable {
  public var trigger: Trigger
  public var status: TriggerStatus
  /// The proof, when the state is `Breaching` or `Breached`; the cause, when nothing could be read.
  public var message: String?
  /// When the state changes if nothing else does.
  public var changesAt: Date?
  /// Whether nothing could be read now; the status is then what was known before.
  public var isUnknown: Bool
  /// Whether nothing could be judged yet, since what is needed for it has not been read.
  public var isPending = false
  /// Whether the breach goes back, without a break, to before the rollout began.
  public var precedesRollout = false

  public init(
    trigger: Trigger, status: TriggerStatus, message: String? = nil, changesAt: Date? = nil, isUnknown: Bool = false
  ) {
    self.trigger = trigger
    self.status = status
    self.message = message
    self.changesAt = changesAt
    self.isUnknown = isUnknown
  }

  /// Whether the breach is proven now.
  public var isBreached: Bool { status.state == .breached && !isUnknown }

  /// The breach in the form in which an event records it.
  public var reading: EventSpec.TriggerReading {
    EventSpec.TriggerReading(
      name: trigger.name, severity: trigger.severity, value: status.value, threshold: status.threshold,
      since: status.since, message: message)
  }
}

/// Facts → verdicts: the only place where triggers are read.
public enum Evaluation {
  /// Judges every armed trigger. Before `start` plus the policy's initial delay nothing counts.
  ///
  /// - Parameter wasBreached: whether a breach of this revision is on record, so that being healthy counts from now on
  ///   only.
  public static func verdicts(_ facts: Facts, trialStart start: Date, wasBreached: Bool) -> [TriggerVerdict] {
    let counts = start.addingTimeInterval(facts.policy.spec.trial.initialDelay.timeInterval)
    let floor = max(counts, facts.now.addingTimeInterval(-PolicyDuration.longest.timeInterval))
    // What happened to the pods, or was said of the rollout, before the trial is not its result.
    let pods = facts.suspectPods?.map { $0.forgetting(before: floor) }
    var workload = facts.workload
    if let transition = workload.progressing?.lastTransition, transition < start { workload.progressing?.isTrue = true }
    let healthySince = wasBreached ? facts.now : floor
    return facts.policy.spec.armedTriggers.map { trigger in
      let previous = facts.memory.triggers.first { $0.name == trigger.name }
      guard facts.now >= counts else {
        return settle(
          trigger, .healthy, previous: previous, floor: counts, healthySince: counts, now: facts.now
        ).changing(at: counts)
      }
      if trigger.kind.isSampled {
        return sampled(
          trigger, facts, SampledWindow(start: start, floor: floor, healthySince: healthySince), previous: previous)
      }
      let reading = read(trigger, workload: workload, pods: pods, series: nil, now: facts.now)
      var verdict = settle(
        trigger, reading, previous: previous, floor: floor, healthySince: healthySince, now: facts.now)
      if verdict.changesAt == nil, case .healthy = reading {
        verdict.changesAt = trigger.rollout?.stalls(facts.workload)
      }
      return verdict
    }
  }

  /// Reads one trigger at one moment.
  ///
  /// - Parameter series: what was sampled, for a trigger that is.
  public static func read(
    _ trigger: Trigger, workload: WorkloadFacts, pods: [PodFacts]?, series: SampleSeries? = nil, now: Date
  ) -> Reading {
    switch trigger.kind {
    case .pods(let kind): kind.read(pods, now: now)
    case .rollout(let kind): kind.read(workload, now: now)
    case .query, .probe, .usage, .job, .value, .alert, .logs: read(trigger, series: series, now: now)
    }
  }

  /// Applies `for`: a breach counts once it has held that long without a break. Unknown is no break: it neither acts
  /// nor clears (R5).
  ///
  /// - Parameters:
  ///   - floor: no breach began before this.
  ///   - healthySince: since when a trigger that nothing is remembered of has been healthy.
  static func settle(
    _ trigger: Trigger, _ reading: Reading, previous: TriggerStatus?, floor: Date, healthySince: Date, now: Date
  ) -> TriggerVerdict {
    let wasBreaching = previous?.state == .breaching || previous?.state == .breached
    func status(_ state: TriggerStatus.State, since: Date) -> TriggerStatus {
      TriggerStatus(
        name: trigger.name, state: state,
        since: (previous?.state == state ? previous?.since ?? since : since).wholeMilliseconds)
    }
    switch reading {
    case .healthy:
      return TriggerVerdict(trigger: trigger, status: status(.healthy, since: wasBreaching ? now : healthySince))
    case .unknown(let cause), .failed(let cause):
      if wasBreaching, let previous {
        return TriggerVerdict(trigger: trigger, status: previous, message: cause, isUnknown: true)
      }
      let state: TriggerStatus.State = if case .failed = reading { .error } else { .noData }
      return TriggerVerdict(trigger: trigger, status: status(state, since: now), message: cause, isUnknown: true)
    case .breached(let breach):
      let began = (wasBreaching ? previous?.since : nil) ?? breach.since ?? now
      let since = min(max(began, floor), now).wholeMilliseconds
      let counts = since.addingTimeInterval(trigger.for.timeInterval)
      let state: TriggerStatus.State = counts <= now ? .breached : .breaching
      return TriggerVerdict(
        trigger: trigger,
        status: TriggerStatus(
          name: trigger.name, state: state, value: breach.value, threshold: breach.threshold, since: since),
        message: breach.message, changesAt: state == .breaching ? counts : nil)
    }
  }
}

extension TriggerVerdict {
  fileprivate func changing(at moment: Date) -> TriggerVerdict {
    var verdict = self
    verdict.changesAt = moment
    return verdict
  }
}
