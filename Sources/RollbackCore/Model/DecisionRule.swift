/// What is done about a breach of one severity: a row of the decision matrix.
public struct DecisionRule: Hashable, Sendable, Codable {
  public var severity: Trigger.Severity
  public var respond: Response
  /// How long an approval is waited for; for ``Response/ask``. `nil`: ``standardPatience``.
  public var within: PolicyDuration?
  /// What happens when nobody has answered by then; `nil`: ``OnTimeout/expire``.
  public var onTimeout: OnTimeout?
  /// A breach that lasts is judged at another severity.
  public var raise: Raise?
  /// When it is done, for ``Response/schedule``.
  public var at: CronSchedule?
  /// The name of the time zone of ``at`` in the tz database; `nil`: UTC.
  public var timeZone: String?
  /// Hold that long first, counted from the breach's start: a new revision that arrives meanwhile supersedes the plan.
  public var hotfixWindow: PolicyDuration?
  /// Who hears of an event that is not closed yet, and when.
  public var escalate: [Escalation]

  /// The kinds of responses.
  public enum Response: String, Hashable, Sendable, Codable, CaseIterable {
    case act = "Act"
    case ask = "Ask"
    case schedule = "Schedule"
    case notify = "Notify"
  }

  /// What follows when nobody has answered.
  public enum OnTimeout: String, Hashable, Sendable, Codable, CaseIterable {
    case act = "Act"
    case expire = "Expire"
  }

  /// From when on a breach counts as another severity.
  public struct Raise: Hashable, Sendable, Codable {
    public var after: PolicyDuration
    public var to: Trigger.Severity

    public init(after: PolicyDuration, to: Trigger.Severity) {
      self.after = after
      self.to = to
    }
  }

  /// One stage of who hears of an open event.
  public struct Escalation: Hashable, Sendable, Codable {
    /// Counted from the event's creation.
    public var after: PolicyDuration
    public var notify: [String]

    public init(after: PolicyDuration, notify: [String]) {
      self.after = after
      self.notify = notify
    }
  }

  public init(
    severity: Trigger.Severity, respond: Response, within: PolicyDuration? = nil,
    onTimeout: OnTimeout? = nil, raise: Raise? = nil, at: CronSchedule? = nil, timeZone: String? = nil,
    hotfixWindow: PolicyDuration? = nil, escalate: [Escalation] = []
  ) {
    self.severity = severity
    self.respond = respond
    self.within = within
    self.onTimeout = onTimeout
    self.raise = raise
    self.at = at
    self.timeZone = timeZone
    self.hotfixWindow = hotfixWindow
    self.escalate = escalate
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      severity: try container.decode(Trigger.Severity.self, forKey: .severity),
      respond: try container.decode(Response.self, forKey: .respond),
      within: try container.decodeIfPresent(PolicyDuration.self, forKey: .within),
      onTimeout: try container.decodeIfPresent(OnTimeout.self, forKey: .onTimeout),
      raise: try container.decodeIfPresent(Raise.self, forKey: .raise),
      at: try container.decodeIfPresent(CronSchedule.self, forKey: .at),
      timeZone: try container.decodeIfPresent(String.self, forKey: .timeZone),
      hotfixWindow: try container.decodeIfPresent(PolicyDuration.self, forKey: .hotfixWindow),
      escalate: try container.decodeIfPresent([Escalation].self, forKey: .escalate) ?? [])
  }

  /// How long an approval is waited for where the policy does not say.
  public static let standardPatience = PolicyDuration.minutes(60)

  /// What is done where the policy says nothing.
  public static func standard(_ severity: Trigger.Severity) -> DecisionRule {
    switch severity {
    case .critical, .high: DecisionRule(severity: severity, respond: .act)
    case .medium: DecisionRule(severity: severity, respond: .ask)
    case .low: DecisionRule(severity: severity, respond: .notify)
    }
  }
}
