/// `RollbackPolicy.spec`: what is protected, what counts as bad, and how far the operator may go.
public struct PolicySpec: Hashable, Sendable, Codable {
  public var target: Target
  public var mode: Mode
  /// Nothing is judged and nothing is done while this is true.
  public var suspend: Bool
  public var trial: Trial
  /// Metrics servers that the triggers name.
  public var sources: [PolicySource]
  /// The user's triggers; empty: ``Trigger/builtIn``.
  public var triggers: [Trigger]
  /// The user's rows of the decision matrix; see ``rule(for:)`` for the others.
  public var decisions: [DecisionRule]
  public var verification: Verification
  public var limits: Limits
  public var lastGood: LastGood

  /// What the operator does about a breach.
  public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
    /// Acts by itself.
    case auto = "Auto"
    /// Asks a person about each plan.
    case approve = "Approve"
    /// Records what it would have done and changes nothing but its own kinds.
    case observe = "Observe"
  }

  public init(
    target: Target, mode: Mode = .auto, suspend: Bool = false, trial: Trial = Trial(),
    sources: [PolicySource] = [], triggers: [Trigger] = [], decisions: [DecisionRule] = [],
    verification: Verification = Verification(), limits: Limits = Limits(),
    lastGood: LastGood = LastGood()
  ) {
    self.target = target
    self.mode = mode
    self.suspend = suspend
    self.trial = trial
    self.sources = sources
    self.triggers = triggers
    self.decisions = decisions
    self.verification = verification
    self.limits = limits
    self.lastGood = lastGood
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      target: try container.decode(Target.self, forKey: .target),
      mode: try container.decodeIfPresent(Mode.self, forKey: .mode) ?? .auto,
      suspend: try container.decodeIfPresent(Bool.self, forKey: .suspend) ?? false,
      trial: try container.decodeIfPresent(Trial.self, forKey: .trial) ?? Trial(),
      sources: try container.decodeIfPresent([PolicySource].self, forKey: .sources) ?? [],
      triggers: try container.decodeIfPresent([Trigger].self, forKey: .triggers) ?? [],
      decisions: try container.decodeIfPresent([DecisionRule].self, forKey: .decisions) ?? [],
      verification: try container.decodeIfPresent(Verification.self, forKey: .verification) ?? Verification(),
      limits: try container.decodeIfPresent(Limits.self, forKey: .limits) ?? Limits(),
      lastGood: try container.decodeIfPresent(LastGood.self, forKey: .lastGood) ?? LastGood())
  }

  /// The one rung of the ladder: it undoes the rollout.
  public static let undoRung = "undo"

  /// The triggers that are armed: the user's, or the built-in ones when there are none.
  public var armedTriggers: [Trigger] { triggers.isEmpty ? Trigger.builtIn : triggers }

  /// The row of the decision matrix for a severity.
  public func rule(for severity: Trigger.Severity) -> DecisionRule {
    decisions.first { $0.severity == severity } ?? .standard(severity)
  }
}

extension PolicySpec {
  /// How long and from when a new revision is the suspect.
  public struct Trial: Hashable, Sendable, Codable {
    /// How long after a rollout starts the new revision is the suspect.
    public var window: PolicyDuration
    /// No trigger counts before this much of the trial has passed.
    public var initialDelay: PolicyDuration

    public init(window: PolicyDuration = .minutes(10), initialDelay: PolicyDuration = .seconds(0)) {
      self.window = window
      self.initialDelay = initialDelay
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        window: try container.decodeIfPresent(PolicyDuration.self, forKey: .window) ?? .minutes(10),
        initialDelay: try container.decodeIfPresent(PolicyDuration.self, forKey: .initialDelay) ?? .seconds(0))
    }
  }

  /// How an executed rung is proven to have helped.
  public struct Verification: Hashable, Sendable, Codable {
    /// The time for one rung: the workload complete and the trigger that fired cleared.
    public var timeout: PolicyDuration

    public init(timeout: PolicyDuration = .minutes(5)) {
      self.timeout = timeout
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(timeout: try container.decodeIfPresent(PolicyDuration.self, forKey: .timeout) ?? .minutes(5))
    }
  }

  /// How often the operator may act by itself on one target.
  public struct Limits: Hashable, Sendable, Codable {
    /// After a rollback of a target no automatic one for this long.
    public var cooldown: PolicyDuration
    /// The most automatic rollbacks of a target within ``per``.
    public var maxRollbacks: Int
    public var per: PolicyDuration

    public init(cooldown: PolicyDuration = .seconds(0), maxRollbacks: Int = 3, per: PolicyDuration = .minutes(60)) {
      self.cooldown = cooldown
      self.maxRollbacks = maxRollbacks
      self.per = per
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        cooldown: try container.decodeIfPresent(PolicyDuration.self, forKey: .cooldown) ?? .seconds(0),
        maxRollbacks: try container.decodeIfPresent(Int.self, forKey: .maxRollbacks) ?? 3,
        per: try container.decodeIfPresent(PolicyDuration.self, forKey: .per) ?? .minutes(60))
    }
  }

  /// What to undo to.
  public struct LastGood: Hashable, Sendable, Codable {
    public var fallback: Fallback
    /// How many revisions before the suspect are looked at.
    public var maxRevisionsBack: Int

    /// What to undo to when no revision has ever been proven good.
    public enum Fallback: String, Hashable, Sendable, Codable, CaseIterable {
      /// The revision before the suspect, as `kubectl rollout undo` does.
      case previous = "Previous"
      /// Nothing.
      case none = "None"
    }

    public init(fallback: Fallback = .previous, maxRevisionsBack: Int = 10) {
      self.fallback = fallback
      self.maxRevisionsBack = maxRevisionsBack
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        fallback: try container.decodeIfPresent(Fallback.self, forKey: .fallback) ?? .previous,
        maxRevisionsBack: try container.decodeIfPresent(Int.self, forKey: .maxRevisionsBack) ?? 10)
    }
  }
}
