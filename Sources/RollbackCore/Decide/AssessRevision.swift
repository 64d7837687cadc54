import FoundationEssentials

/// The facts with what was derived from them, for the three stories a current revision can have: known to be bad,
/// proven good, on trial.
struct Context {
  var facts: Facts
  var book: RevisionBook
  var current: Revision
  var trial: Trial
  var memory: TargetMemory

  /// A template that was rolled back before is held and reported at once, never fought (R6).
  func knownBad() -> Assessment? {
    guard book.isBad(current) else { return nil }
    let ownName = rollbackName
    let own = facts.history.first { $0.name == ownName }
    // Put back so fast that the Deployment controller never numbered what it was undone to, it has its old number.
    let isPutBack = own?.outcome == .superseded
    if let own, own.suspectRevision == current.number && !isPutBack || !own.isFinal {
      // The undo is under way, or the caches have not yet seen it.
      return assessment(.rollingBack, "rollback \(own.name) is under way", quiet: true)
    }
    // One report for each time it is deployed.
    let name = EventName.knownBad(
      policyUID: facts.policy.uid, targetUID: facts.workload.uid, target: facts.workload.name,
      suspectHash: current.hash, attempt: current.attempt, revision: current.number)
    let message =
      "\(current.reference.description) runs a template that was rolled back before; it is held, not undone again. "
      + "Deploy another template, or roll back by hand"
    let intent = Intent(
      eventName: name, suspect: current, target: nil, targetReason: message,
      trigger: EventSpec.TriggerReading(
        name: Trigger.knownBad, severity: .high, value: "Bad", threshold: "Good", since: trial.start, message: message))
    var result = assessment(.held, message, quiet: true)
    // Once it is told, what always counts is looked at as well.
    if facts.history.contains(where: { $0.name == name }) { watch(&result) }
    if case .none = result.decision {
      result.decision = .open(intent, .hold(Hold(reason: "KnownBad", message: message)))
    }
    return result
  }

  /// A revision that was proven good is not judged again.
  func proven() -> Assessment {
    var result = assessment(.watching, "\(current.reference.description) was proven good", quiet: true)
    if current.verdict == nil, facts.policy.spec.mode != .observe {
      result.decision = .markGood(current)
      addVerdicts(Evaluation.watching(facts).map { $0.keepingIncident(of: facts.memory) }, to: &result)
    } else {
      watch(&result)
    }
    return result
  }

  /// Without a suspect: what always counts is judged, and whether the other triggers return data is known before the
  /// incident, not in it.
  private func watch(_ result: inout Assessment) {
    let verdicts = Evaluation.watching(facts).map { $0.keepingIncident(of: facts.memory) }
    addVerdicts(verdicts, to: &result)
    judgeIncident(verdicts.filter { $0.trigger.during == .always }, into: &result)
  }

  private func addVerdicts(_ verdicts: [TriggerVerdict], to result: inout Assessment) {
    result.verdicts = verdicts
    result.memory.triggers = verdicts.map(\.status)
    result.reconsiderAt = verdicts.compactMap(\.changesAt).filter { $0 > facts.now }.min()
    result.watchesPods = facts.policy.spec.watchesPods
    result.cleared = cleared(verdicts)
  }

  func onTrial(isUsable: (Revision) -> String?) -> Assessment {
    let verdicts = Evaluation.verdicts(
      facts, trialStart: trial.start,
      wasBreached: facts.history.contains { $0.suspectHash == current.hash && $0.isAutomatic }
    ).map { $0.keepingIncident(of: facts.memory) }
    var result = assessment(.onTrial, "", quiet: false)
    result.isOnTrial = true
    addVerdicts(verdicts, to: &result)
    result.memory.trialEndsAt = trial.end
    if let worst = JudgedBreach.worst(verdicts, facts.policy.spec, now: facts.now) {
      let breach = worst.verdict
      if breach.trigger.during == .always, breach.isDismissed || isAfterTrial(breach) {
        judgeIncident([breach], into: &result)
        return result
      }
      if isAfterTrial(breach) {
        result.state = .breaching
        result.explanation =
          "trigger \(breach.trigger.name): \(breach.message ?? ""); it began after the trial of "
          + "\(current.reference.description) was over, so the release is not to blame"
        return result
      }
      if let raisedAt = worst.raisedAt { result.reconsiderAt = min(result.reconsiderAt ?? raisedAt, raisedAt) }
      decide(worst, isUsable: isUsable, into: &result)
      return result
    }
    if let breaching = verdicts.first(where: { $0.status.state == .breaching }) {
      result.state = .breaching
      result.explanation =
        "trigger \(breaching.trigger.name) is breached since \(PolicyDuration(from: breaching.status.since ?? facts.now, to: facts.now)), "
        + "it counts after \(breaching.trigger.proof)"
      return result
    }
    if let reason = notYetGood(verdicts, &result) {
      result.explanation = reason
      return result
    }
    result.explanation = "the trial of \(current.reference.description) ended with nothing breached"
    result.state = .watching
    result.isOnTrial = false
    result.memory.trialEndsAt = nil
    result.memory.lastGood = RevisionStatus(
      revision: current.number, hash: current.hash, images: current.images, since: facts.now.wholeSeconds)
    // In Observe mode only our own kinds change: there the status is the memory.
    result.decision = facts.policy.spec.mode != .observe ? .markGood(current) : .none
    return result
  }

  /// A rollout that was once complete has had its trial; what begins after the window is not its doing.
  private func isAfterTrial(_ breach: TriggerVerdict) -> Bool {
    let wasComplete = facts.workload.isComplete || facts.workload.progressing?.reason == "NewReplicaSetAvailable"
    return wasComplete && (breach.status.since ?? facts.now) >= trial.end && facts.now >= trial.end
  }

  /// Why the revision is not proven good yet; `nil` when it is.
  private func notYetGood(_ verdicts: [TriggerVerdict], _ result: inout Assessment) -> String? {
    let window = facts.policy.spec.trial.window.timeInterval
    // A breach that cleared asks for a whole quiet window: a container that crashes every minute runs in between.
    let quiet = verdicts.compactMap(\.status.since).max().map { $0.addingTimeInterval(window) }
    let end = max(trial.end, quiet ?? trial.end)
    guard facts.now >= end else {
      result.reconsiderAt = min(result.reconsiderAt ?? end, end)
      return "\(current.reference.description) is on trial"
    }
    if let unknown = verdicts.first(where: \.isUnknown) {
      return "the trial is over, but trigger \(unknown.trigger.name) cannot be read: \(unknown.message ?? "")"
    }
    guard facts.workload.isComplete else { return "the trial is over, but the rollout is not complete" }
    guard facts.workload.desiredReplicas > 0 else {
      return "nothing is proven while no replica is wanted"
    }
    if let open = facts.history.first(where: { $0.suspectHash == current.hash && $0.hasStarted && !$0.isFinal }) {
      return "rollback \(open.name) is under way"
    }
    return nil
  }

  private func decide(_ worst: JudgedBreach, isUsable: (Revision) -> String?, into result: inout Assessment) {
    let breach = worst.verdict
    result.state = .breaching
    let what = "trigger \(breach.trigger.name): \(breach.message ?? "breached")"
    let name = openName(worst)
    let existing = facts.history.first { $0.name == name }
    if let existing, existing.isFinal {
      if existing.outcome != .observed, existing.outcome != .notCausedByRollout { result.state = .held }
      result.explanation =
        "\(what); rollback \(existing.name) of this template ended \(existing.outcome?.rawValue ?? "")"
      return
    }
    if let existing, existing.hasStarted {
      result.state = .rollingBack
      result.explanation = "\(what); rollback \(existing.name) is under way"
      return
    }
    if breach.isDismissed, let undo = facts.history.first(where: { $0.hasStarted && !$0.isFinal || $0.answers(breach) })
    {
      // What the pods before the undo did is still in the window of the query, or in what another operator read last.
      result.explanation = "\(what); rollback \(undo.name) is the answer to it"
      return
    }
    if let settled = settled(breach, isNew: existing == nil), settled > facts.now {
      result.reconsiderAt = min(result.reconsiderAt ?? settled, settled)
      result.explanation = "\(what); looking whether other workloads breach as well"
      return
    }
    let choice = book.choose(insteadOf: current, facts.policy.spec.lastGood, isUsable: isUsable)
    if choice.revision == nil, let undo = facts.history.first(where: { $0.isUnderWay(insteadOf: current) }) {
      // Its verification looks at the same triggers, and says whether what was returned to is any better.
      result.state = .rollingBack
      result.explanation = "\(what); rollback \(undo.name), which brought it back, is being verified"
      return
    }
    let intent = Intent(
      eventName: name, suspect: current, target: choice.revision, targetReason: choice.reason,
      trigger: breach.reading)
    result.explanation = what
    let permission = permission(intent, worst)
    if case .hold(let hold) = permission {
      result.state = .held
      result.explanation = "\(what); held: \(hold.message)"
      if let until = hold.until { result.reconsiderAt = min(result.reconsiderAt ?? until, until) }
    }
    if case .ask(let ask) = permission {
      result.state = .held
      result.explanation = "\(what); \(ask.reason), so a person is asked"
    }
    if case .act = permission { result.state = .rollingBack }
    result.decision = .open(intent, permission)
  }

  /// When it is known whether the breach is one of many; `nil` when that does not matter.
  func settled(_ breach: TriggerVerdict, isNew: Bool) -> Date? {
    guard !breach.isDismissed, facts.policy.spec.mode != .observe else { return nil }
    let time = Guards.settlingTime(breach.trigger)
    // Who has just begun to look, after a restart or as the next leader, knows nothing of the others' breaches, however
    // long this one has held.
    let known = facts.peers.knownSince.addingTimeInterval(min(time, Guards.longestFirstLook))
    if known > facts.now { return known }
    let since = breach.status.since ?? facts.now
    // Nothing tells when the last of them is judged.
    if facts.peers.mayShareWithUnjudged(since: since, now: facts.now) { return facts.now.addingTimeInterval(1) }
    guard isNew, facts.peers.mayShareCause(breach.trigger) else { return nil }
    // After a silence of its source a breach may be old when it is first heard of, and so may those of the others; and
    // what was read of the past may make it older, which is not known of the others at the same moment.
    let isOtherStory = facts.peers.breachSince.map { abs($0.timeIntervalSince(since)) > 1 } ?? false
    let seen = isOtherStory ? facts.now : facts.peers.breachSeen ?? since
    return (seen > known ? max(seen, since) : since).addingTimeInterval(time)
  }

  private func permission(_ intent: Intent, _ worst: JudgedBreach) -> Permission {
    let breach = worst.verdict
    if breach.isDismissed {
      return .dismiss(
        "trigger \(breach.trigger.name) was breached before the rollout of \(current.reference.description) began "
          + "(\(breach.message ?? "")): the release is not to blame")
    }
    if let good = book.goodRevision(of: current) {
      return .dismiss(
        "\(current.reference.description) differs from \(good.reference.description), which was proven good, only in "
          + "its restart annotation: the release is not to blame")
    }
    if facts.policy.spec.mode == .observe { return .observe }
    return Guards.permission(facts, worst)
  }

  /// The name of the event for a breach now. An event that ended without anything changed does not stand in the way of
  /// a template that was deployed again since, or of a policy that may act now (R1 counts accepted rollbacks).
  private func openName(_ worst: JudgedBreach) -> String {
    guard let first = facts.history.first(where: { $0.name == rollbackName }), first.isFinal, first.actedAt == nil
    else {
      return rollbackName
    }
    // What was only observed, or was not the release's, does not stand in the way of what now is and may be done.
    let mayActNow =
      first.outcome == .observed && facts.policy.spec.mode != .observe && worst.rule.respond != .notify
      || first.outcome == .notCausedByRollout && worst.verdict.trigger.kind.isSampled && !worst.verdict.isDismissed
        && book.goodRevision(of: current) == nil
    guard first.suspectRevision != current.number || mayActNow else { return rollbackName }
    return EventName.again(
      policyUID: facts.policy.uid, targetUID: facts.workload.uid, target: facts.workload.name,
      suspectHash: current.hash, attempt: current.attempt, revision: current.number, mode: facts.policy.spec.mode)
  }

  private var rollbackName: String {
    EventName.rollback(
      policyUID: facts.policy.uid, targetUID: facts.workload.uid, target: facts.workload.name,
      suspectHash: current.hash, attempt: current.attempt)
  }

  private func assessment(_ state: PolicyStatus.State, _ explanation: String, quiet: Bool) -> Assessment {
    var memory = memory
    if quiet {
      memory.trialEndsAt = nil
      memory.triggers = []
    }
    return Assessment(state: state, memory: memory, explanation: explanation)
  }
}
