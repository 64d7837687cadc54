import KubernetesClient

/// One request that is sent to both servers. Versions and UIDs are named, since each server has its own.
struct DifferentialOperation: Sendable {
  enum Version: String, Sendable {
    case none, current, stale
  }

  enum Identity: String, Sendable {
    case none, current, wrong
  }

  enum Action: Sendable {
    case create(JSONValue, dryRun: Bool)
    case get
    /// The last object seen, changed by a merge.
    case replace(JSONValue, Version, Identity, subresource: String?)
    case merge(JSONValue, Version, Identity, subresource: String?, dryRun: Bool)
    case strategic(JSONValue)
    case json([JSONPatchOperation], tests: Version, subresource: String?)
    case apply(JSONValue)
    case scale(Int, Version)
    case delete(Version, Identity, PropagationPolicy?, dryRun: Bool)
    case list(labels: String?, fields: String?, limit: Int?)
  }

  var resource: APIResource
  var name: String
  var action: Action

  var description: String { "\(resource.plural)/\(name) \(action)" }
}

/// What a server answered: an object, or a refusal.
struct DifferentialAnswer: Sendable, Equatable {
  var code: Int
  var reason: String
  /// Normalised.
  var value: JSONValue
  /// Whether a new resource version came of it.
  var isChange: Bool
  /// The new version differs in nothing that is compared.
  var isOnlyBookkeeping = false
  /// For people only.
  var message = ""

  static func == (one: DifferentialAnswer, other: DifferentialAnswer) -> Bool {
    one.code == other.code && one.reason == other.reason && one.isChange == other.isChange
      && one.value.isSemanticallyEqual(to: other.value)
  }

  /// What is not the same, beginning with what this answer has.
  func difference(from other: DifferentialAnswer) -> String {
    if code != other.code || reason != other.reason {
      return "real \(code) \(reason) \(message), simulated \(other.code) \(other.reason) \(other.message)"
    }
    if isChange != other.isChange {
      return "real \(isChange ? "" : "no ")new version, simulated not so: real \(value), simulated \(other.value)"
    }
    return Self.paths(value, other.value, "").joined(separator: "; ")
  }

  static func paths(_ one: JSONValue, _ other: JSONValue, _ path: String) -> [String] {
    if one.isSemanticallyEqual(to: other) { return [] }
    if let left = one.object, let right = other.object {
      let keys = left.keys + right.keys.filter { left[$0] == nil }
      return keys.flatMap { key -> [String] in
        guard let first = left[key] else { return ["\(path).\(key) only simulated: \(right[key] ?? .null)"] }
        guard let second = right[key] else { return ["\(path).\(key) only real: \(first)"] }
        return paths(first, second, "\(path).\(key)")
      }
    }
    if let left = one.array, let right = other.array, left.count == right.count {
      return zip(left, right).enumerated().flatMap { paths($0.element.0, $0.element.1, "\(path)[\($0.offset)]") }
    }
    return ["\(path) real \(one), simulated \(other)"]
  }
}
