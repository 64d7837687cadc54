import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Logging
import RollbackCore

/// Everything about one Deployment: gather, assess under each policy, open events, and go on with those that are open.
struct WorkloadController: Sendable {
  var caches: Caches
  var gatherer: Gatherer
  var reader: LiveReader
  var journal: EventJournal
  var executor: RollbackExecutor
  var verdicts: VerdictWriter
  var memories: TargetMemories
  var sampler: Sampler
  var breaches: BreachRegister
  var freeze: FreezeReader
  var arming: TriggerArming
  var tracker: WriteTracker
  var clock: any RuntimeClock
  var logger: Logger
  let watched = WatchedRevisions()
  /// Asks for a policy's status to be looked at.
  var statusChanged: @Sendable (NamespacedName) -> Void

  /// What one visit learned.
  private struct Visit {
    var wakeAt: Date?
    var failure: KubernetesError?
    /// Whether a new event may be opened.
    var mayOpen = true
    /// Events that were gone on with already.
    var advanced: Set<String> = []
    var permissions: [String: Permission] = [:]
    /// Revisions whose pods must be watched.
    var watched: Set<String> = []

    mutating func wake(at moment: Date?) {
      guard let moment else { return }
      wakeAt = min(wakeAt ?? moment, moment)
    }

    mutating func note(_ rest: RollbackExecutor.Rest) {
      switch rest {
      case .finished: break
      case .waiting(let until): wake(at: until)
      case .failed(let error): failure = error
      }
    }
  }

  func reconcile(_ name: NamespacedName) async -> WorkOutcome {
    let deployment = caches.deployment(name)
    let seen = deployment?.metadata.resourceVersion
    if let wait = tracker.timeUntilTrusted(.deployments, name, seen: seen) { return .again(after: wait) }
    var visit = Visit()
    // An undo of which it is not known whether it was accepted is settled before anything new is begun: what came of it
    // decides what may be returned to, and another undo would cover its traces. One that was withdrawn waits for the
    // assessment: it may be planned anew.
    await advanceOpenEvents(name, &visit) { $0.record.hasUnsettledUndo && !$0.record.isWithdrawn }
    await settleUnseen(name, &visit)
    if let failure = visit.failure { return .failed(failure) }
    if let wait = tracker.timeUntilTrusted(.deployments, name, seen: seen) { return .again(after: wait) }
    if let deployment {
      let policies = caches.policies(protecting: deployment)
      sampler.book.disarm(
        workloadUID: deployment.metadata.uid,
        except: Set(policies.filter { $0.validSpec != nil }.map(\.metadata.uid)))
      for policy in policies {
        guard let spec = policy.validSpec else { continue }
        do throws(KubernetesError) {
          try await assess(policy, spec, deployment, &visit)
        } catch {
          logger.warning("Assessment failed", metadata: ["workload": "\(name)", "error": "\(error)"])
          visit.failure = error
        }
      }
    }
    await advanceOpenEvents(name, &visit) { _ in true }
    // Nothing says when a freeze is ended.
    if freeze.last != nil, caches.events(target: name).contains(where: { !$0.status.isFinal }) {
      visit.wake(at: clock.wallTime.addingTimeInterval(FreezeReader.recheckInterval))
    }
    // What could not be looked at may still need its pods: nothing that is known of them is thrown away.
    updatePodWatches(name, visit.watched, releasesOthers: visit.failure == nil)
    if let failure = visit.failure { return .failed(failure) }
    guard let moment = visit.wakeAt else { return deployment == nil ? .gone : .settled }
    return .again(after: .milliseconds(max(1, Int64(moment.timeIntervalSince(clock.wallTime) * 1_000) + 1)))
  }

  private func assess(
    _ policy: PolicyObject, _ spec: PolicySpec, _ deployment: Deployment, _ visit: inout Visit
  ) async throws(KubernetesError) {
    breaches.expect(policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid, at: clock.wallTime)
    _ = try await freeze.current()
    var facts = gatherer.facts(policy: policy, spec: spec, deployment: deployment)
    if needsTemplates(facts) {
      _ = try await reader.read(
        deployment.metadata.namespacedName, uid: deployment.metadata.uid, checksReferences: false, mayAct: false)
      facts = gatherer.facts(policy: policy, spec: spec, deployment: deployment)
    }
    facts.samples = sample(facts, policy, deployment)
    let assessment = Assessment(facts)
    var live: LiveWorkload?
    var decided = assessment
    if case .open(let intent, let permission) = assessment.decision, !isKnown(intent, deployment) {
      // Nothing is recorded, let alone done, on what a cache says.
      live = try await reader.read(
        deployment.metadata.namespacedName, uid: deployment.metadata.uid, checksReferences: permission != .observe,
        mayAct: true)
      guard let live else { return }
      decided = try await confirm(policy, spec, deployment, live: live)
    }
    remember(decided, policy, deployment, &visit)
    switch decided.decision {
    case .none: break
    case .markGood(let revision):
      try await verdicts.cleanUp(deployment)
      try await verdicts.write(
        .good, on: revision, namespace: deployment.metadata.namespace ?? "", event: nil)
    case .open(let intent, let permission):
      visit.permissions[intent.eventName] = permission
      guard !isKnown(intent, deployment), !hasUnsettledUndo(deployment), visit.mayOpen else { return }
      let (event, isNew) = try await journal.open(
        NamespacedName(namespace: deployment.metadata.namespace, name: intent.eventName),
        intent.spec(policy: policy, mode: spec.mode, deployment: deployment.metadata))
      visit.advanced.insert(intent.eventName)
      if isNew { logger.notice("Breach proven", metadata: ["event": "\(event.metadata.namespacedName)"]) }
      // The journal of an event that was there already may be newer than the reading.
      visit.note(await executor.advance(event, permission: permission, live: isNew ? live : nil))
      statusChanged(policy.metadata.namespacedName)
    }
  }

  /// Sees that what the triggers need is sampled; done before anything is judged, so that samples of another revision
  /// are not taken for those of the current one.
  ///
  /// - Returns: what was sampled so far, by trigger.
  private func sample(_ facts: Facts, _ policy: PolicyObject, _ deployment: Deployment) -> [String: SampleSeries] {
    if let needs = arming.needs(facts) {
      sampler.arm(
        policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid,
        workload: deployment.metadata.namespacedName, needs)
    }
    return sampler.book.series(policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid)
  }

  /// The same assessment on what the API server says now.
  private func confirm(
    _ policy: PolicyObject, _ spec: PolicySpec, _ deployment: Deployment, live: LiveWorkload
  ) async throws(KubernetesError) -> Assessment {
    var facts = gatherer.facts(policy: policy, spec: spec, deployment: deployment, live: live)
    let cached = RevisionBook(caches.revisions(of: deployment)).current(number: WorkloadFacts(deployment).revision)
    // What was sampled is about the revision that the cache knows.
    if cached?.hash != live.current?.hash || cached?.number != live.current?.number { facts.samples = [:] }
    func add(_ event: EventObject) {
      gatherer.undone.note(event)
      guard event.spec.policy?.uid == policy.metadata.uid else { return }
      facts.history.removeAll { $0.name == event.metadata.name }
      facts.history.append(event.facts)
    }
    if let unseen = try await unseenUndo(live) { add(unseen) }
    let decided = Assessment(facts) { live.unusable[$0.uid] }
    guard decided.onlyTells else { return decided }
    // What is only told is told once, also by who does not know yet what others have told or done about it.
    for event in try await journal.events(aboutUID: deployment.metadata.uid, in: deployment.metadata.namespace) {
      add(event)
    }
    return Assessment(facts) { live.unusable[$0.uid] }
  }

  /// The event whose undo brought back what runs, when the cache does not know it yet.
  private func unseenUndo(_ live: LiveWorkload) async throws(KubernetesError) -> EventObject? {
    let metadata = live.deployment.metadata
    guard let name = UndoPatch.signer(of: live),
      !caches.events(target: metadata.namespacedName).contains(where: { $0.metadata.name == name })
    else { return nil }
    do throws(KubernetesError) {
      let event = try await journal.read(NamespacedName(namespace: metadata.namespace, name: name))
      return event.spec.target.uid == metadata.uid ? event : nil
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
  }

  /// Whether versions matter and are not known yet: a revision without a verdict beside others.
  private func needsTemplates(_ facts: Facts) -> Bool {
    let book = RevisionBook(facts.revisions)
    guard facts.revisions.count > 1, !facts.policy.spec.suspend, facts.workload.isObserved,
      let current = book.current(number: facts.workload.revision), current.verdict == nil
    else { return false }
    return facts.revisions.contains { $0.version == nil }
  }

  private func isKnown(_ intent: Intent, _ deployment: Deployment) -> Bool {
    caches.events(target: deployment.metadata.namespacedName).contains { $0.metadata.name == intent.eventName }
  }

  private func hasUnsettledUndo(_ deployment: Deployment) -> Bool {
    caches.events(target: deployment.metadata.namespacedName).contains { $0.record.hasUnsettledUndo }
  }

  private func remember(
    _ assessment: Assessment, _ policy: PolicyObject, _ deployment: Deployment, _ visit: inout Visit
  ) {
    visit.wake(at: assessment.reconsiderAt)
    for name in assessment.cleared {
      visit.permissions[name] = .close("the breach is over, and no rollout was to blame for it")
    }
    if assessment.isOnTrial || assessment.watchesPods, let hash = assessment.memory.current?.hash {
      visit.watched.insert(hash)
    }
    breaches.note(
      assessment, policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid, at: clock.wallTime)
    let isNews = memories.store(assessment, policyUID: policy.metadata.uid, workload: deployment.metadata)
    // What was deleted while it was assessed has been forgotten already, and nobody would do so again.
    guard caches.holds(policy, deployment) else {
      sampler.book.disarm(policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid)
      breaches.forget(policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid)
      return memories.forget(policyUID: policy.metadata.uid, workloadUID: deployment.metadata.uid)
    }
    if isNews {
      logger.debug(
        "Assessed",
        metadata: [
          "workload": "\(deployment.metadata.namespacedName)", "policy": "\(policy.metadata.name)",
          "state": "\(assessment.state.rawValue)", "why": "\(assessment.explanation)",
        ])
      statusChanged(policy.metadata.namespacedName)
    }
  }

  private func advanceOpenEvents(
    _ name: NamespacedName, _ visit: inout Visit, where applies: (EventObject) -> Bool
  ) async {
    for cached in caches.events(target: name) where !cached.status.isFinal {
      if let hash = cached.status.to?.hash, cached.record.hasPlan { visit.watched.insert(hash) }
      guard !visit.advanced.contains(cached.metadata.name) else { continue }
      let event: EventObject
      do throws(KubernetesError) {
        let isCurrent = tracker.isCurrent(
          .rollbackEvents, cached.metadata.namespacedName, seen: cached.metadata.resourceVersion)
        guard !isCurrent || applies(cached) else { continue }
        event = isCurrent ? cached : try await journal.read(cached.metadata.namespacedName)
        guard applies(event) else { continue }
        // The cache does not know yet how far it has come.
        if !isCurrent, event.record.hasUnsettledUndo {
          visit.mayOpen = false
          visit.wake(at: clock.wallTime.addingTimeInterval(1))
        }
      } catch {
        if error.code != .notFound { visit.failure = error }
        continue
      }
      let permission =
        visit.permissions[cached.metadata.name] ?? .wait("the breach is not evident at the moment")
      visit.note(await executor.advance(event, permission: permission))
      visit.advanced.insert(cached.metadata.name)
    }
  }

  /// Goes on with undos of this process whose events the cache does not know yet.
  private func settleUnseen(_ workload: NamespacedName, _ visit: inout Visit) async {
    let known = Set(caches.events(target: workload).map(\.metadata.namespacedName))
    for name in executor.unsettled.events(of: workload) where !known.contains(name) {
      do throws(KubernetesError) {
        let event = try await journal.read(name)
        executor.unsettled.note(event)
        guard event.record.hasUnsettledUndo else { continue }
        visit.mayOpen = false
        visit.wake(at: clock.wallTime.addingTimeInterval(1))
        visit.note(await executor.advance(event, permission: .wait("the breach is not evident at the moment")))
        visit.advanced.insert(name.name)
      } catch {
        guard error.code == .notFound else {
          visit.failure = error
          continue
        }
        executor.unsettled.forget(name, of: workload)
      }
    }
  }

  private func updatePodWatches(_ name: NamespacedName, _ hashes: Set<String>, releasesOthers: Bool) {
    for hash in watched.update(hashes, of: name, releasesOthers: releasesOthers) {
      caches.pods.release(RevisionPods(workload: name, hash: hash))
    }
    caches.restarts.keep(hashes, of: name)
    for hash in hashes { caches.pods.ensure(RevisionPods(workload: name, hash: hash)) }
  }
}

extension Intent {
  /// The event's spec for this intent.
  func spec(policy: PolicyObject, mode: PolicySpec.Mode, deployment: ObjectMeta) -> EventSpec {
    EventSpec(
      policy: EventSpec.PolicyReference(name: policy.metadata.name, uid: policy.metadata.uid),
      target: EventSpec.TargetReference(name: deployment.name, uid: deployment.uid),
      origin: .trigger, trigger: trigger, suspect: suspect?.reference, to: target?.reference, mode: mode,
      incident: incident)
  }
}
