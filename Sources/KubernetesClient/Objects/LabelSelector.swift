/// Which objects are meant, by their labels: all pairs and all requirements must hold.
public struct LabelSelector: Sendable, Equatable {
  public var matchLabels: StringMap
  public var matchExpressions: [Requirement]

  public init(matchLabels: StringMap = [:], matchExpressions: [Requirement] = []) {
    self.matchLabels = matchLabels
    self.matchExpressions = matchExpressions
  }

  /// A condition on one label.
  public struct Requirement: Sendable, Equatable {
    public var key: String
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    public var `operator`: String
    public var values: [String]

    public init(key: String, operator: String, values: [String] = []) {
      self.key = key
      self.operator = `operator`
      self.values = values
    }

    /// Whether labels satisfy it; an unknown operator is never satisfied.
    public func matches(_ labels: StringMap) -> Bool {
      let value = labels[key]
      switch self.operator {
      case "In": return value.map(values.contains) ?? false
      case "NotIn": return !(value.map(values.contains) ?? false)
      case "Exists": return value != nil
      case "DoesNotExist": return value == nil
      default: return false
      }
    }
  }

  /// Whether labels satisfy the selector. An empty selector is satisfied by all.
  public func matches(_ labels: StringMap) -> Bool {
    labels.contains(matchLabels) && matchExpressions.allSatisfy { $0.matches(labels) }
  }

  /// As the query parameter `labelSelector` takes it, for example `app=web,tier in (a,b)`.
  public var queryValue: String {
    let pairs = matchLabels.map { "\($0.key)=\($0.value)" }
    let requirements = matchExpressions.map { requirement in
      switch requirement.operator {
      case "Exists": requirement.key
      case "DoesNotExist": "!\(requirement.key)"
      case "NotIn": "\(requirement.key) notin (\(requirement.values.joined(separator: ",")))"
      default: "\(requirement.key) in (\(requirement.values.joined(separator: ",")))"
      }
    }
    return (pairs + requirements).joined(separator: ",")
  }

  /// Reads a selector, or `null` as empty.
  public init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "matchLabels": matchLabels = try StringMap(from: &cursor)
      case "matchExpressions":
        matchExpressions = try cursor.readList { cursor throws(JSONError) in try Requirement(from: &cursor) }
      default: try cursor.skip()
      }
    }
  }
}

extension LabelSelector.Requirement {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init(key: "", operator: "")
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "key": self.key = try cursor.readSharedString()
      case "operator": self.operator = try cursor.readSharedString()
      case "values": values = try cursor.readList { cursor throws(JSONError) in try cursor.readSharedString() }
      default: try cursor.skip()
      }
    }
  }
}
