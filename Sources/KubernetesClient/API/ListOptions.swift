/// What a list or a watch is narrowed to, and how fresh it must be.
public struct ListOptions: Sendable, Equatable {
  /// How ``ListOptions/resourceVersion`` is meant.
  public enum ResourceVersionMatch: String, Sendable {
    /// Any state at least as new.
    case notOlderThan = "NotOlderThan"
    /// Exactly this state, while the server still has it.
    case exact = "Exact"
  }

  /// Label selector, for example `app=web,tier in (api)`.
  public var labelSelector: String?
  /// Field selector, for example `spec.nodeName=node-1`.
  public var fieldSelector: String?
  /// The most items of one page; `nil` for all at once.
  public var limit: Int?
  /// The token of the page before this one.
  public var continueToken: String?
  /// The state to list; `nil` for the newest (a consistent read).
  public var resourceVersion: String?
  public var resourceVersionMatch: ResourceVersionMatch?

  public init(
    labelSelector: String? = nil, fieldSelector: String? = nil, limit: Int? = 500, continueToken: String? = nil,
    resourceVersion: String? = nil, resourceVersionMatch: ResourceVersionMatch? = nil
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.limit = limit
    self.continueToken = continueToken
    self.resourceVersion = resourceVersion
    self.resourceVersionMatch = resourceVersionMatch
  }

  var query: Query {
    var query = Query()
    query.add("labelSelector", labelSelector)
    query.add("fieldSelector", fieldSelector)
    query.add("limit", limit.map(String.init))
    query.add("continue", continueToken)
    // A continue token carries its own state; the server refuses one beside it.
    if continueToken == nil {
      query.add("resourceVersion", resourceVersion)
      query.add("resourceVersionMatch", resourceVersionMatch?.rawValue)
    }
    return query
  }
}

/// The query of a path; every value is percent-encoded, so that a value can never add a parameter.
struct Query {
  private var parts: [String] = []

  mutating func add(_ name: String, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    parts.append("\(name)=\(percentEncoded(value))")
  }

  /// `path`, with the query when there is one.
  func appended(to path: String) -> String {
    parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
  }
}
