public import ControllerRuntime
public import CoreMetrics
public import FoundationEssentials
public import RollbackCore
import Synchronization

/// The operator's own metrics, typed so that no label can hold what grows without end.
///
/// Labels are fixed words and the names of policies; the series of a policy go when it goes. Never the name of a Pod, a
/// ReplicaSet or a RollbackEvent.
public final class OperatorMetrics: Sendable {
  /// A part of a rollback's time.
  public enum Phase: String, Sendable, CaseIterable {
    /// From the start of the breach to the decision.
    case detect
    /// From the decision to the undo accepted by the API server.
    case act
    /// From the undo to the verified recovery.
    case verify
  }

  enum Name {
    static let policyInfo = "rollback_policy_info"
    static let policyState = "rollback_policy_state"
    static let rollbacks = "rollback_total"
    static let held = "rollback_held_total"
    static let phaseDuration = "rollback_phase_duration_seconds"
    static let recovery = "rollback_recovery_seconds"
    static let undecodable = "rollback_undecodable_objects"
    static let certificateExpiry = "rollback_client_certificate_expiry_seconds"
    static let requests = "rest_client_requests_total"
  }

  private struct PolicySeries {
    var infoLabels: [String]
    var info: Gauge
    var state: PolicyStatus.State
    var stateGauge: Gauge
  }

  private let factory: any MetricsFactory
  private let policies = Mutex<[NamespacedName: PolicySeries]>([:])
  /// By kind and scope.
  private let undecodable = Mutex<[String: [String: Int]]>([:])

  /// - Parameter factory: where the metrics go; by default where the process sends all of its own.
  public init(factory: any MetricsFactory = MetricsSystem.factory) {
    self.factory = factory
  }

  /// Says what a policy is and does now. Called as often as one likes; nothing happens while nothing changes.
  ///
  /// - Parameters:
  ///   - mode: `nil` when the policy's spec is not valid.
  ///   - target: the name of the policy's target, or its selector.
  public func policyChanged(
    _ policy: NamespacedName, mode: PolicySpec.Mode?, target: String, state: PolicyStatus.State
  ) {
    let labels = [mode?.rawValue ?? "Unknown", target]
    policies.withLock { policies in
      if let known = policies[policy] {
        if known.infoLabels == labels, known.state == state { return }
        known.info.destroy()
        known.stateGauge.destroy()
      }
      let name = [("namespace", policy.namespace), ("policy", policy.name)]
      let series = PolicySeries(
        infoLabels: labels,
        info: gauge(Name.policyInfo, name + [("mode", labels[0]), ("target", target)]),
        state: state,
        stateGauge: gauge(Name.policyState, name + [("state", state.rawValue)]))
      series.info.record(1)
      series.stateGauge.record(1)
      policies[policy] = series
    }
  }

  /// Takes the series of a policy that is gone away.
  public func policyRemoved(_ policy: NamespacedName) {
    policies.withLock { policies in
      guard let known = policies.removeValue(forKey: policy) else { return }
      known.info.destroy()
      known.stateGauge.destroy()
    }
  }

  /// Counts a rollback that ended.
  ///
  /// - Parameters:
  ///   - severity: of the trigger that fired; `nil` for a manual rollback.
  ///   - action: the kind of step that was taken, as `undoRollout`; a word of the API, never a user's.
  public func rollbackEnded(_ outcome: EventStatus.Outcome, severity: Trigger.Severity?, action: String) {
    let labels = [("outcome", outcome.rawValue), ("severity", severity?.rawValue ?? "Manual"), ("action", action)]
    counter(Name.rollbacks, labels).increment()
  }

  /// Counts a breach that was not acted on.
  ///
  /// - Parameter reason: the reason of the hold, a word of the API as `Cooldown`.
  public func rollbackHeld(reason: String) {
    counter(Name.held, [("reason", reason)]).increment()
  }

  /// Records how long a phase of one rollback took.
  public func phaseEnded(_ phase: Phase, after duration: PolicyDuration) {
    seconds(Name.phaseDuration, [("phase", phase.rawValue)]).record(duration.timeInterval)
  }

  /// Records the time from the start of a breach to its verified end.
  public func recovered(after duration: PolicyDuration) {
    seconds(Name.recovery, []).record(duration.timeInterval)
  }

  /// Says how many objects of a kind cannot be read now.
  ///
  /// - Parameter scope: which of the watches of the kind says so, when there are several; the metric is their sum.
  public func undecodableObjects(kind: String, scope: String = "", count: Int) {
    undecodable.withLock { undecodable in
      undecodable[kind, default: [:]][scope] = count
      gauge(Name.undecodable, [("kind", kind)]).record(undecodable[kind]?.values.reduce(0, +) ?? 0)
    }
  }

  /// Says when the client certificate in use expires; `nil` when none is used.
  public func clientCertificateExpires(at date: Date?) {
    let gauge = gauge(Name.certificateExpiry, [])
    if let date { gauge.record(date.timeIntervalSince1970) } else { gauge.destroy() }
  }

  /// Counts a request to the API server.
  ///
  /// - Parameters:
  ///   - method: the HTTP method.
  ///   - status: the answer's status; `nil` when there was no answer.
  public func requestEnded(method: String, status: Int?) {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].contains(method)
    let code = status.map { (100...599).contains($0) ? "\($0)" : "other" } ?? "<error>"
    counter(Name.requests, [("code", code), ("method", known ? method : "other")]).increment()
  }

  private func counter(_ name: String, _ labels: [(String, String)]) -> Counter {
    Counter(label: name, dimensions: labels, factory: factory)
  }

  private func gauge(_ name: String, _ labels: [(String, String)]) -> Gauge {
    Gauge(label: name, dimensions: labels, factory: factory)
  }

  private func seconds(_ name: String, _ labels: [(String, String)]) -> Recorder {
    Recorder(label: name, dimensions: labels, aggregate: true, factory: factory)
  }
}
