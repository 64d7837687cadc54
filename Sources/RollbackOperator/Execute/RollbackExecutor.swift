import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Logging
import RollbackCore
import ServiceLifecycle

/// Runs what the machine asks for: one effect is one idempotent API call; the machine says what is next.
struct RollbackExecutor: Sendable {
  var client: KubernetesClient
  var caches: Caches
  var gatherer: Gatherer
  var reader: LiveReader
  var journal: EventJournal
  var unsettled: UnsettledUndos
  var verdicts: VerdictWriter
  var announcer: Announcer
  var tracker: WriteTracker
  var clock: any RuntimeClock
  var metrics: OperatorMetrics
  var logger: Logger

  /// When an event wants to be looked at again.
  enum Rest: Sendable {
    case finished
    case waiting(until: Date?)
    /// A call failed in a way that may pass.
    case failed(KubernetesError)
  }

  /// A conflict means that somebody else moved; this many in a row are taken before the queue's back-off is used.
  private static let maximumEffects = 60

  /// Goes on with an event as far as possible now.
  ///
  /// - Parameter live: the workload as just read for the decision, to spare a second reading.
  func advance(_ event: EventObject, permission: Permission, live: LiveWorkload? = nil) async -> Rest {
    var run = Run(event: event, permission: permission, live: live, isLive: live != nil)
    do throws(KubernetesError) {
      run.policy = try await policy(of: event)
      for _ in 0..<Self.maximumEffects {
        // Between two effects the journal is all there is to know: whoever leads next goes on from it at once.
        if Task.isShuttingDownGracefully { return .waiting(until: clock.wallTime) }
        let effect = RollbackMachine.next(run.event.record, observation(run))
        if let rest = try await perform(effect, &run) { return rest }
      }
      return .waiting(until: clock.wallTime.addingTimeInterval(1))
    } catch {
      guard error.code != .notFound else { return .finished }
      logger.warning(
        "Rollback interrupted", metadata: ["event": "\(event.metadata.namespacedName)", "error": "\(error)"])
      return .failed(error)
    }
  }

  /// What one call of ``advance(_:permission:live:)`` carries from effect to effect.
  private struct Run {
    var event: EventObject
    var permission: Permission
    var policy: Observation.Policy = .notNamed
    /// The last live reading; it serves one decision and the write that follows it.
    var live: LiveWorkload?
    /// Whether ``live`` was read, also when there was no workload to read.
    var isLive: Bool
    /// Why the verdict Bad was refused for good.
    var verdictRefused: String?

    mutating func forgetLive() {
      live = nil
      isLive = false
    }
  }

  private func observation(_ run: Run) -> Observation {
    var seen =
      run.isLive
      ? gatherer.observation(run.event, policy: run.policy, permission: run.permission, live: run.live)
      : gatherer.observation(run.event, policy: run.policy, permission: run.permission)
    seen.verdictRefused = run.verdictRefused
    return seen
  }

  /// - Returns: `nil` when the machine is to be asked again.
  private func perform(_ effect: Effect, _ run: inout Run) async throws(KubernetesError) -> Rest? {
    let name = run.event.metadata.namespacedName
    switch effect {
    case .finished:
      return .finished
    case .wait(let until, let why):
      logger.debug("Rollback waits", metadata: ["event": "\(name)", "why": "\(why)"])
      return .waiting(until: until)
    case .observeLive:
      // A cache may not know yet that another operator has ended it.
      if run.event.record.hasUnsettledUndo { run.event = try await journal.read(name) }
      // What follows may be the write: a policy that was suspended a moment ago must be known. The workload is read
      // last: what is decided on it is written at once.
      if !run.event.record.isAccepted { run.policy = try await livePolicy(of: run.event) }
      run.live = try await reader.read(
        run.event.targetName, uid: run.event.spec.target.uid, checksReferences: run.event.record.mayBePlanned,
        mayAct: !run.event.record.isAccepted)
      run.isLive = true
      return nil
    case .journal(let status, let announcement):
      try await write(status, announcement, &run)
      return nil
    case .markBad(let revision):
      return try await markBad(revision, &run)
    case .replaceTemplate(_, let to):
      return try await undo(to: to, &run)
    }
  }

  private func write(
    _ status: EventStatus, _ announcement: Announcement?, _ run: inout Run
  ) async throws(KubernetesError) {
    let before = run.event.status
    do throws(KubernetesError) {
      run.event = try await journal.write(status, over: run.event)
    } catch {
      guard error.code == .conflict || error.isOutcomeUnknown else { throw error }
      run.event = try await journal.read(run.event.metadata.namespacedName)
      unsettled.note(run.event)
      run.forgetLive()
      return
    }
    unsettled.note(run.event)
    gatherer.undone.note(run.event)
    metrics.journalled(run.event, before: before)
    tellSharedCause(run.event, before: before)
    if let announcement {
      logger.notice(
        "\(announcement.reason)",
        metadata: ["event": "\(run.event.metadata.namespacedName)", "message": "\(announcement.message)"])
      announcer.announce(
        announcement, event: run.event, policyUID: policyUID(of: run.event),
        workloadUID: run.live?.deployment.metadata.uid ?? workloadUID(of: run.event))
    }
    // The reading that the plan was made on is as old as the journal's write: read again before anything is changed.
    run.forgetLive()
  }

  private func tellSharedCause(_ event: EventObject, before: EventStatus) {
    guard event.record.isHeldForSharedCause, before.conditions?["Succeeded"] != event.status.conditions?["Succeeded"],
      gatherer.breaches.noteSharedCause(at: clock.wallTime)
    else { return }
    let message = event.status.conditions?["Succeeded"]?.message ?? ""
    logger.warning("SharedCause", metadata: ["first": "\(event.metadata.namespacedName)", "message": "\(message)"])
    announcer.announceSharedCause(message)
  }

  private func markBad(_ revision: Revision, _ run: inout Run) async throws(KubernetesError) -> Rest? {
    do throws(KubernetesError) {
      try await verdicts.write(
        .bad, on: revision, namespace: run.event.targetName.namespace, event: run.event.metadata.name)
    } catch {
      // The undo is accepted and must be verified, also where nobody may annotate ReplicaSets.
      guard error.code == .forbidden || error.code == .invalid || error.code == .badRequest else { throw error }
      run.verdictRefused = "\(error)"
    }
    run.forgetLive()
    return nil
  }

  private func undo(to revision: Revision, _ run: inout Run) async throws(KubernetesError) -> Rest? {
    guard let live = run.live, let patch = UndoPatch(live, to: revision, event: run.event) else {
      run.forgetLive()
      return nil
    }
    let name = run.event.targetName
    do throws(KubernetesError) {
      let written = try await client.patch(
        .deployments, namespace: name.namespace, name: name.name, .json(patch.operations))
      if let version = written.at("/metadata/resourceVersion")?.string {
        tracker.expects(.deployments, name, resourceVersion: version)
      }
    } catch {
      return try await undoFailed(error, patch: patch, &run)
    }
    run.forgetLive()
    return nil
  }

  /// What became of the write decides: a lost answer and a lost race are settled by reading, a refusal is recorded.
  private func undoFailed(
    _ error: KubernetesError, patch: UndoPatch, _ run: inout Run
  ) async throws(KubernetesError) -> Rest? {
    if error.isOutcomeUnknown || error.code == .conflict || error.code == .invalid || error.code == .badRequest {
      let now = try await reader.read(
        run.event.targetName, uid: run.event.spec.target.uid, checksReferences: false, mayAct: true)
      guard now?.deployment.metadata.resourceVersion == patch.resourceVersion else {
        run.live = now
        run.isLive = true
        return nil
      }
    }
    guard error.code != .notFound else {
      run.forgetLive()
      return nil
    }
    let effect = RollbackMachine.undoFailed(
      run.event.record, isFinal: error.code == .invalid, message: "\(error)", at: clock.wallTime)
    if case .journal(let status, let announcement) = effect { try await write(status, announcement, &run) }
    return run.event.status.isFinal || run.event.record.isWithdrawn ? nil : .failed(error)
  }

  /// An event that a person made may name its policy and its workload without their UIDs.
  private func policyUID(of event: EventObject) -> String? {
    guard let policy = event.spec.policy else { return nil }
    let namespace = event.targetName.namespace
    return policy.uid
      ?? caches.scope(namespace)?.policies.get(namespace: namespace, name: policy.name)?.metadata.uid
  }

  private func workloadUID(of event: EventObject) -> String? {
    event.spec.target.uid ?? caches.deployment(event.targetName)?.metadata.uid
  }

  /// The policy of an event as cached. That it is gone is asked of the API server: a cache may not know it yet.
  private func policy(of event: EventObject) async throws(KubernetesError) -> Observation.Policy {
    guard let reference = event.spec.policy else { return .notNamed }
    let cached = caches.scope(event.metadata.namespace ?? "")?
      .policies.get(namespace: event.metadata.namespace, name: reference.name)
    guard let cached, reference.uid == nil || cached.metadata.uid == reference.uid else {
      return try await livePolicy(of: event)
    }
    return standing(of: cached, towards: event)
  }

  private func livePolicy(of event: EventObject) async throws(KubernetesError) -> Observation.Policy {
    guard let reference = event.spec.policy else { return .notNamed }
    do throws(KubernetesError) {
      let policy = try await client.get(
        PolicyObject.self, namespace: event.metadata.namespace, name: reference.name)
      guard reference.uid == nil || policy.metadata.uid == reference.uid else { return .gone }
      return standing(of: policy, towards: event)
    } catch {
      guard error.code == .notFound else { throw error }
      return .gone
    }
  }

  private func standing(of policy: PolicyObject, towards event: EventObject) -> Observation.Policy {
    guard let spec = policy.validSpec else { return .invalid }
    // A workload that is gone ends the event by itself.
    guard event.spec.origin == .trigger, let deployment = caches.deployment(event.targetName) else {
      return .present(spec)
    }
    return spec.target.protects(deployment) ? .present(spec) : .elsewhere
  }
}
