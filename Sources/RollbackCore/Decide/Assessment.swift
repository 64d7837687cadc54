public import FoundationEssentials

/// What follows from the facts about one (policy, workload) pair. A reason is always there: why nothing was done must
/// be as visible as what was done.
public struct Assessment: Sendable {
  public var state: PolicyStatus.State
  public var memory: TargetMemory
  public var verdicts: [TriggerVerdict]
  public var decision: Decision
  /// One sentence for people: why this decision.
  public var explanation: String
  /// When to look again if no fact changes before.
  public var reconsiderAt: Date?
  /// Whether the current revision is on trial, so that its pods must be known.
  public var isOnTrial: Bool
  /// Whether the pods of the current revision must be known at all times.
  public var watchesPods = false
  /// Events of incidents whose breach is over.
  public var cleared: [String] = []
  /// Whether nothing could be judged, because what is known of the workload is about an older template.
  public var isUnobserved = false

  public init(
    state: PolicyStatus.State, memory: TargetMemory, verdicts: [TriggerVerdict] = [], decision: Decision = .none,
    explanation: String, reconsiderAt: Date? = nil, isOnTrial: Bool = false
  ) {
    self.state = state
    self.memory = memory
    self.verdicts = verdicts
    self.decision = decision
    self.explanation = explanation
    self.reconsiderAt = reconsiderAt
    self.isOnTrial = isOnTrial
  }
}

extension Assessment {
  /// Whether an event is to be opened in which nothing will be done: nothing hurries.
  public var onlyTells: Bool {
    guard case .open(let intent, let permission) = decision else { return false }
    if case .dismiss = permission { return true }
    return intent.incident != nil
  }
}

/// What is to be done next about one (policy, workload) pair.
public enum Decision: Sendable {
  case none
  /// The trial ended quietly: write the verdict Good.
  case markGood(Revision)
  /// A breach is proven: see that its event exists, and go on with it as far as the permission allows.
  case open(Intent, Permission)
}

/// What may be done about a proven breach now. It is computed afresh from the facts at each look, so that an operator
/// that crashed before its first journal entry comes to the same answer.
public enum Permission: Sendable, Hashable {
  /// Undo the suspect.
  case act
  /// Record what would have been done (`mode: Observe`).
  case observe
  /// Record the breach and wait until the guard opens.
  case hold(Hold)
  /// Record that the breach is not the release's.
  case dismiss(String)
  /// Ask a person, and act when he agrees.
  case ask(Ask)
  /// Record the breach and tell people (`respond: Notify`).
  case notify(String)
  /// The breach is over, and no rollout was to blame for it: close its event.
  case close(String)
  /// The breach is not evident at the moment, or nothing can be judged: do nothing yet.
  case wait(String)
}

/// The event that a decision asks for: its name is a function of what it is about (R1).
public struct Intent: Sendable {
  public var eventName: String
  /// The revision to be left; `nil` for an incident.
  public var suspect: Revision?
  /// The revision to go back to; `nil` when there is none.
  public var target: Revision?
  /// Why ``target`` was chosen, or why there is none.
  public var targetReason: String
  public var trigger: EventSpec.TriggerReading
  /// The number of the incident, when there is no suspect.
  public var incident: Int64?

  public init(
    eventName: String, suspect: Revision?, target: Revision?, targetReason: String,
    trigger: EventSpec.TriggerReading, incident: Int64? = nil
  ) {
    self.eventName = eventName
    self.suspect = suspect
    self.target = target
    self.targetReason = targetReason
    self.trigger = trigger
    self.incident = incident
  }
}

/// Why a breach is not acted upon although it is real.
public struct Hold: Sendable, Hashable {
  /// CamelCase, for conditions.
  public var reason: String
  public var message: String
  /// When the guard opens by itself; `nil` when somebody must do something.
  public var until: Date?
  /// Whether the approval of a person goes before it.
  public var yieldsToApproval: Bool

  public init(reason: String, message: String, until: Date? = nil, yieldsToApproval: Bool = true) {
    self.reason = reason
    self.message = message
    self.until = until
    self.yieldsToApproval = yieldsToApproval
  }
}

/// A question to a person.
public struct Ask: Sendable, Hashable {
  /// Why a person is asked, as the beginning of a sentence.
  public var reason: String
  /// How long the answer is waited for.
  public var within: PolicyDuration
  public var onTimeout: DecisionRule.OnTimeout
  /// What stands in the way of acting without, or even with, an answer.
  public var objection: Hold?

  public init(reason: String, within: PolicyDuration, onTimeout: DecisionRule.OnTimeout, objection: Hold? = nil) {
    self.reason = reason
    self.within = within
    self.onTimeout = onTimeout
    self.objection = objection
  }
}
