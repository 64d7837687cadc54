import FoundationEssentials

extension Assessment {
  /// Facts → verdicts → guards → decision, always with a reason.
  ///
  /// - Parameter isUsable: whether a revision could run now; returns the reason when not.
  public init(_ facts: Facts, isUsable: (Revision) -> String? = { _ in nil }) {
    var memory = facts.memory
    guard !facts.policy.spec.suspend else {
      self.init(state: .suspended, memory: memory, explanation: "the policy is suspended (spec.suspend)")
      return
    }
    guard !facts.workload.isBeingDeleted else {
      self.init(state: .watching, memory: memory, explanation: "the workload is being deleted")
      return
    }
    let book = RevisionBook(
      facts.revisions, rememberedGoodHash: memory.lastGood?.hash, undoneHashes: facts.undoneHashes)
    guard facts.workload.isObserved, let current = book.current(number: facts.workload.revision) else {
      // Nothing is judged on a status that is about an older template.
      self.init(
        state: memory.trialEndsAt == nil ? .watching : .onTrial, memory: memory,
        explanation: "waiting until the Deployment controller has seen the newest change",
        isOnTrial: memory.trialEndsAt != nil)
      isUnobserved = true
      return
    }
    let trial = Trial(facts, current: current)
    // A revision without replicas proves nothing: its trial begins with the first wanted one.
    memory.current = RevisionStatus(
      revision: current.number, hash: current.hash, images: current.images ?? memory.current?.images(of: current),
      since: facts.workload.desiredReplicas == 0 ? nil : trial.start)
    memory.lastGood = memory.lastGood.flatMap { known in book.newestGood == nil ? nil : known }
    if let good = book.newestGood {
      memory.lastGood = RevisionStatus(
        revision: good.number, hash: good.hash, images: good.images ?? memory.lastGood?.images(of: good),
        since: memory.lastGood?.hash == good.hash ? memory.lastGood?.since : facts.now.wholeSeconds)
    }
    let context = Context(facts: facts, book: book, current: current, trial: trial, memory: memory)
    if let assessment = context.knownBad() {
      self = assessment
    } else if book.isProven(current) {
      self = context.proven()
    } else {
      self = context.onTrial(isUsable: isUsable)
    }
  }
}

/// When the current revision became the suspect and when it stops being it.
struct Trial {
  var start: Date
  var end: Date

  init(_ facts: Facts, current: Revision) {
    start = Self.start(facts, current: current)
    end = start.addingTimeInterval(facts.policy.spec.trial.window.timeInterval)
  }

  /// The rollout's own start: what was remembered for this revision, else the creation of its ReplicaSet; for one that
  /// was returned to, creation says nothing, and the last progress of a finished rollout is the safe (late) guess.
  private static func start(_ facts: Facts, current: Revision) -> Date {
    if let known = facts.memory.current, known.hash == current.hash, known.revision == current.number {
      return known.since ?? facts.now.wholeSeconds
    }
    if !current.isReused, let created = current.createdAt { return created }
    guard facts.workload.isComplete, let last = facts.workload.progressing?.lastUpdate else {
      return facts.now.wholeSeconds
    }
    return last
  }
}

extension RevisionStatus {
  fileprivate func images(of revision: Revision) -> [String]? { hash == revision.hash ? images : nil }
}
