/// One way in which a release shows that it is bad.
public struct Trigger: Hashable, Sendable {
  /// Unique within the policy.
  public var name: String
  public var severity: Severity
  /// When a breach counts.
  public var during: During
  /// Time between two samples; triggers that read the cluster's own objects see every change and have none.
  public var interval: PolicyDuration
  /// The breach must hold this long without a break.
  public var `for`: PolicyDuration
  /// What it means that nothing could be read.
  public var noData: NoData
  /// What it means that reading failed.
  public var onError: OnError
  /// `nil`: ``Attribution/required``.
  public var attribution: Attribution?
  /// The rungs to climb; `nil`: all.
  public var actions: [String]?
  public var kind: Kind

  /// How bad a breach is; the cases are in descending order.
  public enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
    case critical = "Critical"
    case high = "High"
    case medium = "Medium"
    case low = "Low"
  }

  /// When a breach counts.
  public enum During: String, Hashable, Sendable, Codable, CaseIterable {
    /// While a new revision is the suspect.
    case trial = "Trial"
    /// At any time; while no revision is the suspect a breach is an incident, for which there is nothing to undo.
    case always = "Always"
  }

  /// What an empty answer means.
  public enum NoData: String, Hashable, Sendable, Codable, CaseIterable {
    /// Neither good nor bad: nothing is done, and a trial cannot end as Good.
    case hold = "Hold"
    case healthy = "Healthy"
    case breach = "Breach"
  }

  /// What a failed reading means.
  public enum OnError: String, Hashable, Sendable, Codable, CaseIterable {
    /// Neither good nor bad, as ``NoData/hold``.
    case hold = "Hold"
    case breach = "Breach"
  }

  /// Whether a breach that was there before the rollout began is the rollout's.
  public enum Attribution: String, Hashable, Sendable, Codable, CaseIterable {
    case required = "Required"
    case ignore = "Ignore"
  }

  /// What is looked at: exactly one of these.
  public enum Kind: Hashable, Sendable {
    case pods(PodsTrigger)
    case rollout(RolloutTrigger)
    case query(QueryTrigger)
    case probe(ProbeTrigger)
    case usage(UsageTrigger)
    case job(JobTrigger)
    case value(ValueTrigger)
    case alert(AlertTrigger)
    case logs(LogsTrigger)

    /// Whether it is read at intervals, at a place outside the operator's caches.
    public var isSampled: Bool {
      switch self {
      case .pods, .rollout: false
      case .query, .probe, .usage, .job, .value, .alert, .logs: true
      }
    }

    /// Whether it is sampled of the revision's own pods alone, so that nothing of before the rollout is in it.
    public var isOfRevision: Bool {
      switch self {
      case .usage, .logs, .job: true
      case .pods, .rollout, .query, .probe, .value, .alert: false
      }
    }

    /// Whether it is a smoke test, which for a while has nothing to say.
    public var isJob: Bool {
      if case .job = self { true } else { false }
    }

    /// How long one reading may take, as far as the policy says.
    public var timeout: PolicyDuration? {
      switch self {
      case .probe(let probe): probe.timeout
      case .value(let value): value.timeout
      case .pods, .rollout, .query, .usage, .job, .alert, .logs: nil
      }
    }
  }

  public init(
    name: String, severity: Severity = .high, during: During = .trial, interval: PolicyDuration = .seconds(15),
    for: PolicyDuration = .seconds(0), noData: NoData = .hold, onError: OnError = .hold,
    attribution: Attribution? = nil, actions: [String]? = nil, _ kind: Kind
  ) {
    self.name = name
    self.severity = severity
    self.during = during
    self.interval = interval
    self.for = `for`
    self.noData = noData
    self.onError = onError
    self.attribution = attribution
    self.actions = actions
    self.kind = kind
  }

  /// What is armed when a policy names no triggers.
  public static let builtIn = [
    Trigger(name: "rollout", .rollout(RolloutTrigger())),
    Trigger(name: "pods", .pods(PodsTrigger())),
  ]

  /// The name reserved for the deployment of a template that has been rolled back before.
  public static let knownBad = "known-bad"

  /// Whether a breach must have begun with the rollout to be the rollout's.
  public var requiresAttribution: Bool { attribution != .ignore }

  /// What a measured number is held against; `nil` for kinds that say yes or no by themselves.
  public var criteria: Criteria? {
    switch kind {
    case .query(let query): query.criteria
    case .usage(let usage): usage.criteria
    case .value(let value): value.criteria
    case .logs(let logs): logs.criteria
    // Prometheus says how many alerts fire.
    case .alert: Criteria(above: .zero)
    case .pods, .rollout, .probe, .job: nil
    }
  }

  /// So many failed readings of the workload in a row are a breach.
  public var failuresNeeded: Int {
    if case .probe(let probe) = kind { return max(1, probe.failureThreshold) }
    return 1
  }

  /// What has to come together until a breach counts, for people: `2m`, `3 failures in a row`.
  var proof: String {
    let failures = failuresNeeded > 1 ? "\(failuresNeeded) failures in a row" : nil
    let duration = `for` > .seconds(0) || failures == nil ? "\(`for`)" : nil
    return [failures, duration].compactMap(\.self).joined(separator: " and ")
  }

  /// The rollout trigger, if it is one.
  public var rollout: RolloutTrigger? {
    if case .rollout(let rollout) = kind { return rollout }
    return nil
  }
}

extension Trigger: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, severity, during, interval, `for`, noData, onError, attribution, actions
    case query, probe, pods, rollout, usage, job, value, alert, logs
  }

  /// The members that say what is looked at.
  static let kinds = ["query", "probe", "pods", "rollout", "usage", "job", "value", "alert", "logs"]

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, _ default: Value) throws -> Value {
      try container.decodeIfPresent(Value.self, forKey: key) ?? `default`
    }
    self.init(
      name: try container.decode(String.self, forKey: .name), severity: try value(.severity, .high),
      during: try value(.during, .trial), interval: try value(.interval, .seconds(15)),
      for: try value(.for, .seconds(0)), noData: try value(.noData, .hold), onError: try value(.onError, .hold),
      attribution: try container.decodeIfPresent(Attribution.self, forKey: .attribution),
      actions: try container.decodeIfPresent([String].self, forKey: .actions), try Self.kind(container))
  }

  private static func kind(_ container: KeyedDecodingContainer<CodingKeys>) throws -> Kind {
    let named = try CodingKeys.allCases.filter { key in
      guard kinds.contains(key.rawValue), container.contains(key) else { return false }
      return try !container.decodeNil(forKey: key)
    }
    guard let key = named.first, named.count == 1 else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: container.codingPath,
          debugDescription: "a trigger needs exactly one of \(kinds.joined(separator: ", "))"
            + (named.isEmpty ? "" : ", this one has \(named.map(\.rawValue).joined(separator: " and "))")))
    }
    switch key {
    case .rollout: return .rollout(try container.decode(RolloutTrigger.self, forKey: key))
    case .query: return .query(try container.decode(QueryTrigger.self, forKey: key))
    case .probe: return .probe(try container.decode(ProbeTrigger.self, forKey: key))
    case .usage: return .usage(try container.decode(UsageTrigger.self, forKey: key))
    case .job: return .job(try container.decode(JobTrigger.self, forKey: key))
    case .value: return .value(try container.decode(ValueTrigger.self, forKey: key))
    case .alert: return .alert(try container.decode(AlertTrigger.self, forKey: key))
    case .logs: return .logs(try container.decode(LogsTrigger.self, forKey: key))
    default: return .pods(try container.decode(PodsTrigger.self, forKey: key))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(severity, forKey: .severity)
    try container.encode(during, forKey: .during)
    try container.encode(interval, forKey: .interval)
    try container.encode(`for`, forKey: .for)
    try container.encode(noData, forKey: .noData)
    try container.encode(onError, forKey: .onError)
    try container.encodeIfPresent(attribution, forKey: .attribution)
    try container.encodeIfPresent(actions, forKey: .actions)
    switch kind {
    case .pods(let pods): try container.encode(pods, forKey: .pods)
    case .rollout(let rollout): try container.encode(rollout, forKey: .rollout)
    case .query(let query): try container.encode(query, forKey: .query)
    case .probe(let probe): try container.encode(probe, forKey: .probe)
    case .usage(let usage): try container.encode(usage, forKey: .usage)
    case .job(let job): try container.encode(job, forKey: .job)
    case .value(let value): try container.encode(value, forKey: .value)
    case .alert(let alert): try container.encode(alert, forKey: .alert)
    case .logs(let logs): try container.encode(logs, forKey: .logs)
    }
  }
}
