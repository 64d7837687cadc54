public import FoundationEssentials

/// `RollbackEvent.status`: the journal. It alone says, after a crash anywhere, how to go on (R2).
public struct EventStatus: Hashable, Sendable, Codable {
  public var conditions: [Condition]?
  /// Absent while the rollback runs.
  public var outcome: Outcome?
  public var rung: String?
  /// The revisions as they were resolved when the plan was made.
  public var from: RevisionReference?
  public var to: RevisionReference?
  public var plan: [PlannedStep]?
  public var steps: [Step]?
  public var verification: [Check]?
  public var timeline: [TimelineEntry]?
  /// From the breach's start to the decision.
  public var detectedAfter: PolicyDuration?
  /// From the breach's start to the undo accepted by the API server.
  public var actedAfter: PolicyDuration?
  /// From the breach's start to the verified recovery.
  public var recoveredAfter: PolicyDuration?
  /// Who was to be told that the event is still open.
  public var notifications: [Notification]?

  /// A message to one channel of the policy.
  public struct Notification: Hashable, Sendable, Codable {
    public var channel: String
    /// When it was due.
    public var at: Date
    public var state: State

    /// How far the message has come.
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
      case due = "Due"
    }

    public init(channel: String, at: Date, state: State) {
      self.channel = channel
      self.at = at
      self.state = state
    }
  }

  /// How a rollback ended, or why it waits.
  public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
    case recovered = "Recovered"
    case notRecovered = "NotRecovered"
    case failed = "Failed"
    case superseded = "Superseded"
    case rejected = "Rejected"
    case expired = "Expired"
    /// Waits for a guard that may still open, such as a limit or a pause. Not an end: everything else here is one.
    case held = "Held"
    case observed = "Observed"
    case contested = "Contested"
    case notCausedByRollout = "NotCausedByRollout"

    /// Whether nothing will be done for this event any more.
    public var isFinal: Bool { self != .held }
  }

  /// A step as it was planned, for people.
  public struct PlannedStep: Hashable, Sendable, Codable {
    public var rung: String
    public var step: String
    public var object: String
    public var detail: String

    public init(rung: String, step: String, object: String, detail: String) {
      self.rung = rung
      self.step = step
      self.object = object
      self.detail = detail
    }
  }

  /// A step as it went: journalled Running before its call and Done after it.
  public struct Step: Hashable, Sendable, Codable {
    public var rung: String
    public var step: String
    public var object: String
    public var state: State
    public var startedAt: Date?
    public var finishedAt: Date?
    public var attempts: Int?
    public var message: String?
    /// What was there before the step, as far as a person may read it.
    public var before: [String: String]?

    /// How far the step has come.
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
      case pending = "Pending"
      case running = "Running"
      case done = "Done"
      case failed = "Failed"
      case notApplicable = "NotApplicable"
    }

    public init(
      rung: String, step: String, object: String, state: State, startedAt: Date? = nil, finishedAt: Date? = nil,
      attempts: Int? = nil, message: String? = nil, before: [String: String]? = nil
    ) {
      self.rung = rung
      self.step = step
      self.object = object
      self.state = state
      self.startedAt = startedAt
      self.finishedAt = finishedAt
      self.attempts = attempts
      self.message = message
      self.before = before
    }
  }

  /// One check of the verification with what was last read.
  public struct Check: Hashable, Sendable, Codable {
    public var check: String
    public var value: String
    public var threshold: String
    public var passed: Bool
    public var at: Date

    public init(check: String, value: String, threshold: String, passed: Bool, at: Date) {
      self.check = check
      self.value = value
      self.threshold = threshold
      self.passed = passed
      self.at = at
    }
  }

  /// One line of the story.
  public struct TimelineEntry: Hashable, Sendable, Codable {
    public var at: Date
    public var what: String

    public init(at: Date, what: String) {
      self.at = at
      self.what = what
    }
  }

  public init() {}

  /// Whether nothing will be done for this event any more.
  public var isFinal: Bool { outcome?.isFinal ?? false }

  /// Adds to the timeline, which holds the first 20 and the newest 80 entries.
  public mutating func note(_ what: String, at now: Date) {
    var entries = timeline ?? []
    entries.append(TimelineEntry(at: now.wholeSeconds, what: String(what.prefix(512))))
    if entries.count > 100 { entries.remove(at: 20) }
    timeline = entries
  }

  /// Sets a condition of the event.
  public mutating func setCondition(
    _ type: String, _ status: Condition.Status, reason: String, message: String, at now: Date
  ) {
    var all = conditions ?? []
    all.set(type, status, reason: reason, message: message, at: now)
    conditions = all
  }
}
