public import FoundationEssentials

/// `RollbackEvent.spec`: the intent, immutable from its creation on.
public struct EventSpec: Hashable, Sendable, Codable {
  /// The policy that decided; absent for a manual rollback without one.
  public var policy: PolicyReference?
  public var target: TargetReference
  public var origin: Origin
  /// What breached; absent for a manual rollback.
  public var trigger: TriggerReading?
  /// The number that the policy's status gave to a breach which no rollout is to blame for; absent when there is a
  /// suspect.
  public var incident: Int64?
  /// Why a person wants it; required for ``Origin/manual``.
  public var reason: String?
  public var requestedBy: String?
  /// The revision to be undone. A manual rollback may leave it out: then it is the current one.
  public var suspect: RevisionReference?
  /// The revision to go back to. A manual rollback may name its number only, or nothing: then it is the last good one.
  public var to: RevisionReference?
  public var mode: PolicySpec.Mode?
  /// A person's word on the event, written once. Rejected ends an event that has not begun.
  public var approval: Approval?

  /// Who decided what, and why.
  public struct Approval: Hashable, Sendable, Codable {
    public var decision: Decision
    public var by: String?
    public var at: Date?
    public var reason: String?

    /// What was decided.
    public enum Decision: String, Hashable, Sendable, Codable, CaseIterable {
      case approved = "Approved"
      case rejected = "Rejected"
    }

    public init(decision: Decision, by: String? = nil, at: Date? = nil, reason: String? = nil) {
      self.decision = decision
      self.by = by
      self.at = at
      self.reason = reason
    }
  }

  /// Who wanted the rollback.
  public enum Origin: String, Hashable, Sendable, Codable, CaseIterable {
    case trigger = "Trigger"
    case manual = "Manual"
  }

  /// The policy by name; the UID tells it from another one of that name.
  public struct PolicyReference: Hashable, Sendable, Codable {
    public var name: String
    public var uid: String?

    public init(name: String, uid: String?) {
      self.name = name
      self.uid = uid
    }
  }

  /// The workload, always of the event's own namespace.
  public struct TargetReference: Hashable, Sendable, Codable {
    public var kind: Target.Kind
    public var name: String
    /// Absent only in a manual rollback, where the workload of that name at the time is meant.
    public var uid: String?

    public init(kind: Target.Kind = .deployment, name: String, uid: String?) {
      self.kind = kind
      self.name = name
      self.uid = uid
    }
  }

  /// The breach as it was when the decision was made.
  public struct TriggerReading: Hashable, Sendable, Codable {
    public var name: String
    public var severity: Trigger.Severity
    public var value: String?
    public var threshold: String?
    /// When the breach began.
    public var since: Date?
    public var message: String?

    public init(
      name: String, severity: Trigger.Severity, value: String? = nil, threshold: String? = nil, since: Date? = nil,
      message: String? = nil
    ) {
      self.name = name
      self.severity = severity
      self.value = value
      self.threshold = threshold
      self.since = since
      self.message = message
    }
  }

  public init(
    policy: PolicyReference? = nil, target: TargetReference, origin: Origin, trigger: TriggerReading? = nil,
    reason: String? = nil, requestedBy: String? = nil, suspect: RevisionReference? = nil, to: RevisionReference? = nil,
    mode: PolicySpec.Mode? = nil, approval: Approval? = nil, incident: Int64? = nil
  ) {
    self.policy = policy
    self.target = target
    self.origin = origin
    self.trigger = trigger
    self.reason = reason
    self.requestedBy = requestedBy
    self.suspect = suspect
    self.to = to
    self.mode = mode
    self.approval = approval
    self.incident = incident
  }
}
