import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import SimulatedCluster

/// R5: what is undone for what was measured was measured: a source has really said so, for as long as the trigger asks,
/// without having said anything else in between, and not already before the rollout.
///
/// What is compared with the past, and a trigger for which a missing answer is a breach, is not looked at here.
struct OnlyWhatWasMeasured: Invariant {
  let name = "R5 only what was measured is acted on"
  /// Times of the journal are whole seconds in places.
  private static let tolerance = 1.0

  private var triggers = KnownTriggers()
  /// The template hashes whose smoke tests have failed.
  private var failedTests: Set<String> = []

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    triggers.note(change)
    note(job: change)
    guard let undo = Undo(change, in: cluster), undo.event?.at("/spec/origin")?.string == "Trigger",
      let metrics = cluster.metrics,
      let suspect = cluster.replicaSet(with: undo.before.at("/spec/template"), of: undo.before)
    else { return nil }
    let measured = triggers.of(event: undo.event).filter { $0.kind.isSampled }
    guard !measured.isEmpty else { return nil }
    let causes = measured.map { objection(to: $0, undo, suspect, metrics) }
    return causes.contains { $0 == nil } ? nil : "\(undo.name) was undone, and \(causes.compactMap(\.self)[0])"
  }

  private mutating func note(job change: Change) {
    guard change.resource == .jobs, let container = change.new.at("/spec/template/spec/containers/0") else { return }
    let hash = container["env"]?.array?.first { $0["name"]?.string == "ROLLBACK_HASH" }?["value"]?.string
    let conditions = change.new.at("/status/conditions")?.array ?? []
    if let hash, conditions.contains(where: { $0["type"]?.string == "Failed" }) { failedTests.insert(hash) }
  }

  /// Why the evidence does not bear the undo; `nil` when it does.
  private func objection(
    to trigger: Trigger, _ undo: Undo, _ suspect: JSONValue, _ metrics: MetricWorld
  ) -> String? {
    guard trigger.noData != .breach, trigger.onError != .breach, trigger.criteria?.needsPast != true else { return nil }
    let hash = ClusterView.hash(of: suspect) ?? ""
    switch trigger.kind {
    case .job: return failedTests.contains(hash) ? nil : "no smoke test of \(hash) has failed"
    case .usage, .logs:
      return metrics.history.pods.contains { $0.hash == hash && $0.hasShownMore(than: .good) }
        ? nil : "its pods were always as good ones are"
    default: break
    }
    guard let key = trigger.evidence(for: undo.name, revision: hash) else { return nil }
    let start = suspect.at("/metadata/creationTimestamp")?.string.flatMap(Timestamp.date) ?? .distantPast
    // A revision that was returned to is older than its trial.
    let isReused = suspect.at("/metadata/annotations/deployment.kubernetes.io~1revision-history") != nil
    let run = BreachRuns(trigger, metrics.evidence.readings(about: key), start: isReused ? .distantPast : start)
    guard run.isProven(for: trigger.for.timeInterval - Self.tolerance, times: trigger.failuresNeeded) else {
      return "\(key.signal) was not above its limit for \(trigger.proofText)"
    }
    guard trigger.requiresAttribution, !isReused, run.precedesRollout(times: trigger.failuresNeeded) else { return nil }
    return "\(key.signal) had been above its limit before the rollout began"
  }
}

/// What a trigger's answers say, one after the other.
struct BreachRuns {
  private var answers: [(process: String, at: Date, isBreach: Bool)] = []
  private let start: Date
  /// After this many seconds without an answer nobody can know whether what was before goes on.
  private static let longestSilence = 60.0

  /// - Parameter start: when the rollout began.
  init(_ trigger: Trigger, _ readings: [Evidence.Reading], start: Date) {
    self.start = start
    answers = readings.compactMap { reading in
      trigger.isBreach(reading.said).map { (reading.process, reading.at, $0) }
    }
  }

  /// Whether some process was told of a breach that had held so long, without having been told anything else meanwhile.
  func isProven(for time: TimeInterval, times: Int) -> Bool {
    let breaches = answers.filter(\.isBreach)
    return breaches.contains { last in
      guard last.at >= start else { return false }
      let healthy = answers.last { !$0.isBreach && $0.process == last.process && $0.at < last.at }?.at ?? .distantPast
      let run = breaches.filter { $0.at > healthy && $0.at <= last.at }
      guard let first = run.first else { return false }
      return last.at.timeIntervalSince(max(first.at, start)) >= time && run.count >= times
    }
  }

  /// Whether the first breach after the rollout's start goes on from one before it.
  ///
  /// - Parameter times: fewer answers than these were no breach before it.
  func precedesRollout(times: Int) -> Bool {
    guard let first = answers.firstIndex(where: { $0.at >= start }), answers[first].isBreach, first > 0,
      answers[first].at.timeIntervalSince(answers[first - 1].at) <= Self.longestSilence
    else { return false }
    return answers[..<first].reversed().prefix { $0.isBreach }.count >= times
  }
}

/// R5: a revision is proven good only when every trigger of a policy that protects it was answered in its trial, and
/// said nothing bad at least once. A source that never answers proves nothing.
struct OnlyWhatWasMeasuredIsGood: Invariant {
  let name = "R5 unknown never clears"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard change.resource == .replicaSets, ClusterView.isOperator(change.user), let metrics = cluster.metrics,
      Self.verdict(change.new) == "Good", change.old.flatMap(Self.verdict) != "Good",
      let owner = change.new.at("/metadata/ownerReferences/0/name")?.string,
      let deployment = cluster.object(.deployments, change.namespace, owner)
    else { return nil }
    let policies = cluster.policies(protecting: deployment)
    guard !policies.isEmpty else { return nil }
    let start = change.new.at("/metadata/creationTimestamp")?.string.flatMap(Timestamp.date) ?? .distantPast
    let hash = ClusterView.hash(of: change.new) ?? ""
    let causes = policies.map { objection(to: $0, owner, hash, start, metrics) }
    return causes.contains { $0 == nil } ? nil : "\(change.name) was proven good, and \(causes.compactMap(\.self)[0])"
  }

  private func objection(
    to spec: PolicySpec, _ deployment: String, _ hash: String, _ start: Date, _ metrics: MetricWorld
  ) -> String? {
    for trigger in spec.armedTriggers where trigger.noData == .hold && trigger.onError == .hold {
      guard let key = trigger.evidence(for: deployment, revision: hash) else { continue }
      let isAnswered = metrics.evidence.readings(about: key).contains {
        $0.at >= start && trigger.isBreach($0.said) == false
      }
      guard isAnswered else { return "\(key.signal) has never said anything good of it" }
    }
    return nil
  }

  private static func verdict(_ set: JSONValue) -> String? {
    set.at("/metadata/annotations/rollback-operator.io~1verdict")?.string
  }
}

/// A source is asked for the same once per interval, whatever it answers.
struct SourcesAreSpared: Invariant {
  let name = "sources are asked once per interval"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    cluster.metrics?.questions.takeComplaint()
  }
}

/// R7: what others answer is not shown to anybody.
struct NothingEchoed: Invariant {
  let name = "R7 no answer is echoed"

  mutating func see(_ change: Change, in cluster: ClusterView) -> String? {
    guard ClusterView.isOperator(change.user), change.resource != .leases else { return nil }
    let text = String(decoding: change.new.serialized(), as: UTF8.self)
    return text.contains(MetricFault.Answer.secret) ? "\(change.resource.plural) \(change.name) tells an answer" : nil
  }
}

extension ClusterView {
  /// What the policies say that protect a Deployment.
  func policies(protecting deployment: JSONValue) -> [PolicySpec] {
    let namespace = deployment.at("/metadata/namespace")?.string
    let labels = deployment.at("/metadata/labels")?.object ?? [:]
    return server.objects(World.policies, namespace).filter { policy in
      if let name = policy.at("/spec/target/name")?.string { return name == deployment.at("/metadata/name")?.string }
      let wanted = policy.at("/spec/target/selector/matchLabels")?.object ?? [:]
      return wanted.allSatisfy { labels[$0.key] == $0.value }
    }.compactMap { KnownTriggers.spec(of: $0) }
  }
}

extension MeasuredPod {
  /// Whether it ever used more, or said more, than a pod like this.
  fileprivate func hasShownMore(than signals: PodSignals) -> Bool {
    shownSignals.contains { $0.memory > signals.memory || $0.cpu > signals.cpu || !$0.logLines.isEmpty }
  }
}

extension Trigger {
  fileprivate var proofText: String { "\(`for`)" + (failuresNeeded > 1 ? " and \(failuresNeeded) times" : "") }
}
