public import FoundationEssentials

/// A RollbackEvent as it was read: the intent and the journal.
public struct RollbackRecord: Sendable {
  public var name: String
  public var createdAt: Date
  public var spec: EventSpec
  public var status: EventStatus

  public init(name: String, createdAt: Date, spec: EventSpec, status: EventStatus) {
    self.name = name
    self.createdAt = createdAt
    self.spec = spec
    self.status = status
  }

  /// From when durations count: the breach's start, or the request of a person.
  public var began: Date { spec.trigger?.since ?? createdAt }

  /// Whether it is about a breach that no rollout is to blame for.
  public var isIncident: Bool { spec.origin == .trigger && spec.suspect == nil }

  /// Whether the plan has been journalled.
  public var hasPlan: Bool { !(status.steps ?? []).isEmpty }

  /// Whether the undo was accepted by the API server.
  public var isAccepted: Bool { status.actedAfter != nil }

  /// Whether the journal says that the undo is to be sent, and not what came of it.
  public var hasUnsettledUndo: Bool {
    status.outcome == nil && status.steps?.first?.state == .running && !isAccepted
  }

  /// Whether the undo is not to be sent any more, but may have been sent already: of that it is waited for an answer.
  public var isWithdrawn: Bool {
    hasUnsettledUndo && status.conditions?["Executed"]?.status == .false
  }

  /// Whether a person said that it is to go on.
  public var isApproved: Bool { answer?.decision == .approved }

  /// A person's word. An approval by nobody is none, since somebody must stand for what is done; a rejection always is.
  private var answer: EventSpec.Approval? {
    spec.approval.flatMap { $0.decision == .rejected || $0.by?.isEmpty == false ? $0 : nil }
  }

  /// Whether it waits for a person to say what so many breaches had in common.
  public var isHeldForSharedCause: Bool {
    status.outcome == .held && status.conditions?["Succeeded"]?.reason == Guards.sharedCauseReason
  }

  /// Whether a person was asked and has not answered.
  public var isAwaitingApproval: Bool {
    status.conditions?["Approved"]?.status == .unknown && answer == nil
  }

  /// The breach at the severity that it has by its age, and what is done about it; `nil` without a breach or a policy.
  func judged(_ seen: Observation) -> (severity: Trigger.Severity, rule: DecisionRule, raisedAt: Date?)? {
    guard let trigger = spec.trigger, let policy = seen.policy.spec else { return nil }
    return policy.judged(trigger.severity, since: began, now: seen.now)
  }

  /// Whether what is next may be a plan. What is held has no undo under way: a plan that it has was withdrawn.
  public var mayBePlanned: Bool { !hasPlan || isWithdrawn || status.outcome == .held }

  /// When the undo was accepted.
  public var acceptedAt: Date? {
    status.actedAfter.map { began.addingTimeInterval($0.timeInterval) }
  }
}

/// What is observed about the workload of an event at one moment.
public struct Observation: Sendable {
  public var now: Date
  public var policy: Policy
  /// `nil` when there is no such workload, or another one under its name.
  public var workload: WorkloadFacts?
  public var revisions: RevisionBook
  /// The revision whose template is the workload's, compared whole; `nil` when no ReplicaSet has it yet.
  public var current: Revision?
  /// Whether this was read from the API server just now, templates included; only on such a reading anything is
  /// changed.
  public var isLive: Bool
  /// Why a revision could not run now, by ReplicaSet UID: ConfigMaps or Secrets it names are gone.
  public var unusable: [String: String]
  /// What may be done about the breach, for an event that has not begun.
  public var permission: Permission
  /// The pods of the revision that was returned to; `nil` while they are not wholly known.
  public var returnedPods: [PodFacts]?
  /// What was sampled since the undo, by trigger.
  public var samples: [String: SampleSeries] = [:]
  /// The cluster-wide freeze, if there is one.
  public var freeze: Freeze?
  /// Whether the workload says that the undo of this event was accepted, whatever it runs now: it may have been put
  /// back before anybody read what had become of the write. Known from a live reading only.
  public var bearsUndo = false
  /// Why the verdict Bad could not be written and will not be tried again; `nil` when it was not refused.
  public var verdictRefused: String?

  /// The policy of an event, at this moment.
  public enum Policy: Sendable {
    /// A manual event without one.
    case notNamed
    /// It was deleted, or deleted and made again.
    case gone
    /// It cannot be understood at the moment.
    case invalid
    /// It no longer protects the workload.
    case elsewhere
    case present(PolicySpec)

    public var spec: PolicySpec? {
      if case .present(let spec) = self { return spec }
      return nil
    }
  }

  public init(
    now: Date, policy: Policy, workload: WorkloadFacts?, revisions: RevisionBook, current: Revision?, isLive: Bool,
    unusable: [String: String] = [:], permission: Permission = .act, returnedPods: [PodFacts]? = nil
  ) {
    self.now = now
    self.policy = policy
    self.workload = workload
    self.revisions = revisions
    self.current = current
    self.isLive = isLive
    self.unusable = unusable
    self.permission = permission
    self.returnedPods = returnedPods
  }
}

/// What the machine wants done next; after each of them but `finished` and `wait` it is asked again.
public enum Effect: Sendable {
  /// Nothing will be done for this event any more.
  case finished
  /// Write this status, then announce.
  case journal(EventStatus, Announcement?)
  /// Read the workload from the API server, templates included, and ask again.
  case observeLive
  /// Replace the workload's template by that of `to`, provided it is still that of `from`.
  case replaceTemplate(from: Revision, to: Revision)
  /// Write the verdict Bad on a revision that was rolled back.
  case markBad(Revision)
  /// Nothing to do before a fact changes or this moment comes.
  case wait(until: Date?, String)
}

/// A Kubernetes Event that goes with a transition, on the policy and on the workload.
public struct Announcement: Sendable, Hashable {
  public var reason: String
  public var isWarning: Bool
  public var message: String

  public init(reason: String, isWarning: Bool, message: String) {
    self.reason = reason
    self.isWarning = isWarning
    self.message = message
  }
}
