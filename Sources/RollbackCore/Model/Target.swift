/// The workloads a policy protects: one by name, or every one of the namespace that a label selector matches.
public struct Target: Hashable, Sendable, Codable {
  public var kind: Kind
  public var name: String?
  public var selector: LabelSelector?

  /// The kinds of workloads that can be protected.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case deployment = "Deployment"
  }

  public init(kind: Kind = .deployment, name: String? = nil, selector: LabelSelector? = nil) {
    self.kind = kind
    self.name = name
    self.selector = selector
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      kind: try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .deployment,
      name: try container.decodeIfPresent(String.self, forKey: .name),
      selector: try container.decodeIfPresent(LabelSelector.self, forKey: .selector))
  }

  /// Whether a workload of the policy's namespace is protected.
  ///
  /// - Parameter label: the value of a label of the workload, `nil` when it has none of that name.
  public func matches(name: String, label: (String) -> String?) -> Bool {
    if let own = self.name { return own == name }
    return selector?.matches(label) ?? false
  }

  /// The target as people read it: `web`, or the selector.
  public var description: String { name ?? selector?.description ?? "" }
}

/// `metav1.LabelSelector`, with its conventions: all requirements must hold, and an empty selector matches everything.
public struct LabelSelector: Hashable, Sendable, Codable {
  public var matchLabels: [String: String]
  public var matchExpressions: [Requirement]

  /// A condition on one label.
  public struct Requirement: Hashable, Sendable, Codable {
    public var key: String
    public var `operator`: Operator
    public var values: [String]

    /// How the value of the label is compared.
    public enum Operator: String, Hashable, Sendable, Codable, CaseIterable {
      case `in` = "In"
      case notIn = "NotIn"
      case exists = "Exists"
      case doesNotExist = "DoesNotExist"
    }

    public init(key: String, operator: Operator, values: [String] = []) {
      self.key = key
      self.operator = `operator`
      self.values = values
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        key: try container.decode(String.self, forKey: .key),
        operator: try container.decode(Operator.self, forKey: .operator),
        values: try container.decodeIfPresent([String].self, forKey: .values) ?? [])
    }

    func matches(_ value: String?) -> Bool {
      switch self.operator {
      case .in: value.map(values.contains) ?? false
      case .notIn: value.map { !values.contains($0) } ?? true
      case .exists: value != nil
      case .doesNotExist: value == nil
      }
    }
  }

  public init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
    self.matchLabels = matchLabels
    self.matchExpressions = matchExpressions
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      matchLabels: try container.decodeIfPresent([String: String].self, forKey: .matchLabels) ?? [:],
      matchExpressions: try container.decodeIfPresent([Requirement].self, forKey: .matchExpressions) ?? [])
  }

  /// Whether all requirements hold for the labels that `label` looks up.
  public func matches(_ label: (String) -> String?) -> Bool {
    matchLabels.allSatisfy { label($0.key) == $0.value }
      && matchExpressions.allSatisfy { $0.matches(label($0.key)) }
  }

  /// The selector as `kubectl -l` takes it.
  public var description: String {
    let labels = matchLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let expressions = matchExpressions.map { requirement in
      switch requirement.operator {
      case .in: "\(requirement.key) in (\(requirement.values.joined(separator: ",")))"
      case .notIn: "\(requirement.key) notin (\(requirement.values.joined(separator: ",")))"
      case .exists: requirement.key
      case .doesNotExist: "!\(requirement.key)"
      }
    }
    return (labels + expressions).joined(separator: ",")
  }
}
