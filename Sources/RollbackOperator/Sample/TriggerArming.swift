import ControllerRuntime
import FoundationEssentials
package import RollbackCore

/// Facts → what the policy's triggers need to be sampled.
package struct TriggerArming: Sendable {
  /// The sources of the operator's configuration, by name.
  var administratorSources: Set<String>

  package init(administratorSources: Set<String>) {
    self.administratorSources = administratorSources
  }

  /// - Returns: `nil` when what was armed before is to stay.
  package func needs(_ facts: Facts) -> [SampleBook.Need]? {
    let spec = facts.policy.spec
    guard !spec.suspend, !facts.workload.isBeingDeleted else { return [] }
    let triggers = spec.armedTriggers.filter(\.kind.isSampled)
    guard !triggers.isEmpty else { return [] }
    guard let scope = SamplingScope(facts) else { return nil }
    return triggers.map { trigger in
      SampleBook.Need(
        trigger: trigger.name, measurement: measurement(trigger, facts, scope),
        since: (scope.trialStart ?? (trigger.during == .always ? facts.now : nil))?.addingTimeInterval(
          -(trigger.for.timeInterval + Double(1 + trigger.failuresNeeded) * trigger.interval.timeInterval)),
        subject: trigger.fleet == nil ? "" : facts.workload.name, references: references(trigger, facts, scope),
        isWatched: scope.isWatched || trigger.during == .always)
    }
  }

  private func measurement(
    _ trigger: Trigger, _ facts: Facts, _ scope: SamplingScope
  ) -> Result<Measurement, SampleProblem> {
    switch trigger.kind {
    case .query(let query):
      source(query.source, facts).flatMap { source in
        self.query(query, source, values(trigger, facts, scope))
      }.map { Measurement(kind: .query($0), interval: trigger.interval) }
    case .alert(let alert):
      source(alert.source, facts).flatMap { source in
        self.query(
          QueryTrigger(promql: alert.promql, criteria: Criteria(above: .zero)), source, values(trigger, facts, scope))
      }.map { Measurement(kind: .query($0), interval: trigger.interval) }
    case .probe(let probe):
      .success(
        Measurement(
          kind: .probe(ProbeMeasurement(namespace: facts.workload.namespace, probe: probe)), interval: trigger.interval)
      )
    case .value(let value):
      .success(
        Measurement(
          kind: .value(ValueMeasurement(namespace: facts.workload.namespace, value: value)), interval: trigger.interval)
      )
    case .usage(let usage):
      .success(
        Measurement(
          kind: .usage(
            UsageMeasurement(
              pods: pods(facts, scope), resource: usage.resource, container: usage.container,
              isShare: usage.criteria.isShare)),
          interval: trigger.interval))
    case .logs(let logs):
      .success(
        Measurement(
          kind: .logs(
            LogsMeasurement(pods: pods(facts, scope), container: logs.container, pattern: logs.pattern)),
          interval: trigger.interval))
    case .job(let job):
      .success(
        Measurement(
          kind: .job(
            JobMeasurement(
              pods: pods(facts, scope), revision: scope.current.number,
              policy: .init(name: facts.policy.name, uid: facts.policy.uid), trigger: trigger.name, job: job,
              owner: .init(name: scope.current.name, uid: scope.current.uid), wait: wait(facts, scope))),
          interval: trigger.interval))
    case .pods, .rollout:
      .failure(SampleProblem(cause: "it is not sampled"))
    }
  }

  /// Why a smoke test may not begin yet.
  private func wait(_ facts: Facts, _ scope: SamplingScope) -> JobMeasurement.Wait? {
    if !scope.isWatched { return .notDue }
    if facts.policy.spec.mode == .observe { return .observing }
    return facts.workload.isComplete ? nil : .rollout
  }

  private func pods(_ facts: Facts, _ scope: SamplingScope) -> RevisionPods {
    RevisionPods(
      workload: NamespacedName(namespace: facts.workload.namespace, name: facts.workload.name), hash: scope.current.hash
    )
  }

  /// The policy's own sources go before those of the operator's configuration.
  private func source(_ name: String?, _ facts: Facts) -> Result<SourceReference, SampleProblem> {
    let wanted = name ?? PolicySource.defaultName
    let own = facts.policy.spec.sources
    if let source = own.first(where: { $0.name == wanted }) {
      return .success(.policy(namespace: facts.workload.namespace, source))
    }
    // A policy with one source of its own means that one.
    if name == nil, own.count == 1 { return .success(.policy(namespace: facts.workload.namespace, own[0])) }
    if administratorSources.contains(wanted) { return .success(.administrator(name: wanted)) }
    let known = own.map(\.name) + administratorSources.sorted()
    return .failure(
      SampleProblem(
        cause: "there is no source \(wanted): neither spec.sources nor the operator's configuration has it"
          + (known.isEmpty ? "" : "; there is \(known.joined(separator: ", "))")))
  }

  private func query(
    _ query: QueryTrigger, _ source: SourceReference, _ values: PromQLValues
  ) -> Result<QueryMeasurement, SampleProblem> {
    do throws(PromQLTemplateError) {
      var minSamples: QueryMeasurement.MinSamples?
      if let wanted = query.minSamples {
        minSamples = .init(promql: try PromQLTemplate(wanted.promql).render(values), atLeast: wanted.atLeast)
      }
      return .success(
        QueryMeasurement(
          source: source, promql: try PromQLTemplate(query.promql).render(values), minSamples: minSamples,
          reduce: query.reduce, fleetLabel: query.fleet?.label))
    } catch {
      return .failure(SampleProblem(cause: "\(error)"))
    }
  }

  private func values(_ trigger: Trigger, _ facts: Facts, _ scope: SamplingScope) -> PromQLValues {
    PromQLValues(
      namespace: facts.workload.namespace, target: facts.workload.name, revision: scope.current.number,
      hash: scope.current.hash, goodRevision: scope.good?.revision, goodHash: scope.good?.hash,
      interval: trigger.interval)
  }

  // MARK: - Before the rollout

  /// Each reference is of a time that does not move while a rollout is judged, so that it is read once. The query asks
  /// for the last good revision there, because the new one had no values then.
  private func references(
    _ trigger: Trigger, _ facts: Facts, _ scope: SamplingScope
  ) -> SampleBook.ReferenceNeed? {
    guard case .query(let query) = trigger.kind, query.criteria.needsPast, let start = scope.rolloutStart,
      case .success(let source) = source(query.source, facts)
    else { return nil }
    var values = values(trigger, facts, scope)
    values.revision = scope.good?.revision
    values.hash = scope.good?.hash
    let measured = self.query(query, source, values).mapError { problem in
      scope.good != nil
        ? problem : SampleProblem(cause: "no revision has been proven good, so there is none to compare with")
    }
    // Rollouts that begin together ask for the same time.
    let interval = trigger.interval
    let end = Date(
      timeIntervalSince1970: (start.timeIntervalSince1970 / interval.timeInterval).rounded(.down)
        * interval.timeInterval)
    func past(_ window: PolicyDuration, _ offset: PolicyDuration? = nil) -> Result<Measurement, SampleProblem> {
      let until = end.addingTimeInterval(-(offset?.timeInterval ?? 0))
      return measured.map { query in
        Measurement(
          kind: .past(PastMeasurement(query, until: until, window: window, interval: interval)), interval: interval)
      }
    }
    var need = SampleBook.ReferenceNeed(isFirst: scope.good == nil)
    if let baseline = query.criteria.baseline {
      need.measurements[.baseline] = past(baseline.window, baseline.offset)
    }
    if let anomaly = query.criteria.anomaly { need.measurements[.anomaly] = past(anomaly.window) }
    if query.criteria.comparison != nil, scope.isCompared, scope.good != nil {
      need.measurements[.comparison] = past(facts.policy.spec.trial.window)
      need.comparesSince = scope.trialStart
    }
    return need
  }
}

extension Trigger {
  fileprivate var fleet: QueryTrigger.Fleet? {
    if case .query(let query) = kind { return query.fleet }
    return nil
  }
}
