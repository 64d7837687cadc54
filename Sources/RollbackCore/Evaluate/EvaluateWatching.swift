import FoundationEssentials

/// What is known of the triggers while no revision is on trial.
extension Evaluation {
  /// The verdicts on what counts at any time, and of the other sampled triggers whether they return data.
  public static func watching(_ facts: Facts) -> [TriggerVerdict] {
    facts.policy.spec.armedTriggers.compactMap { trigger in
      if trigger.during == .always { return atAnyTime(trigger, facts) }
      return trigger.kind.isSampled ? selfTest(trigger, facts) : nil
    }
  }

  /// Without a rollout a breach counts from its own beginning.
  private static func atAnyTime(_ trigger: Trigger, _ facts: Facts) -> TriggerVerdict {
    let previous = facts.memory.triggers.first { $0.name == trigger.name }
    guard trigger.kind.isSampled else {
      // What happened before anybody looked is nobody's news.
      let floor = previous?.since ?? facts.now
      let pods = facts.suspectPods?.map { $0.forgetting(before: floor) }
      let reading = read(trigger, workload: facts.workload, pods: pods, now: facts.now)
      return settle(trigger, reading, previous: previous, floor: floor, healthySince: facts.now, now: facts.now)
    }
    var own = trigger
    own.attribution = .ignore
    var verdict = sampled(
      own, facts, SampledWindow(start: .distantPast, floor: .distantPast, healthySince: facts.now), previous: previous)
    verdict.trigger = trigger
    return verdict
  }

  /// Whether a trigger that waits for the next rollout returns data now.
  private static func selfTest(_ trigger: Trigger, _ facts: Facts) -> TriggerVerdict {
    let previous = facts.memory.triggers.first { $0.name == trigger.name }
    let series = facts.samples[trigger.name]
    let reading = read(trigger, series: series, now: facts.now)
    let run = Run(trigger, series, previous: previous)
    var verdict = settle(
      trigger, reading, previous: previous, floor: run.began ?? facts.now, healthySince: facts.now, now: facts.now)
    if verdict.isBreached, !run.isBreach(trigger, previous: previous) { verdict.status.state = .breaching }
    // A value that is no news is not written.
    if case .healthy = reading, verdict.status.value == nil {
      verdict.status.value =
        previous?.state == .healthy ? previous?.value : series?.samples.last.flatMap(trigger.describe)
    }
    verdict.changesAt = series?.samples.last.map { $0.at.addingTimeInterval(tolerance(trigger) + 0.001) }
    return verdict
  }
}
