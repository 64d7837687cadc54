/// What a policy may write between double braces in a query: `{{namespace}}`, with or without blanks inside.
public enum PromQLPlaceholder: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// Namespace of the target.
  case namespace
  /// Name of the target.
  case target
  /// Number of the revision that is judged.
  case revision
  /// Hash of the pod template of the revision that is judged, which is in the names of its ReplicaSet and pods.
  case hash
  /// Number of the revision that was last proven good.
  case goodRevision
  /// Hash of the pod template of the revision that was last proven good.
  case goodHash
  /// How often the trigger is sampled.
  case interval

  /// As it is written: `{{namespace}}`.
  public var description: String { "{{\(rawValue)}}" }

  /// Whether its value can stand outside of quotes, as a number or as a duration.
  var isNumeric: Bool {
    switch self {
    case .revision, .goodRevision, .interval: true
    case .namespace, .target, .hash, .goodHash: false
    }
  }
}

/// What the placeholders of one target stand for at one moment.
public struct PromQLValues: Hashable, Sendable {
  /// The longest value that is put into a query, in bytes of UTF-8. No name of Kubernetes has more than 253.
  public static let longestValue = 1_024

  public var namespace: String?
  public var target: String?
  public var revision: Int64?
  public var hash: String?
  /// `nil` while no revision has been proven good.
  public var goodRevision: Int64?
  /// `nil` while no revision has been proven good.
  public var goodHash: String?
  public var interval: PolicyDuration?

  public init(
    namespace: String? = nil, target: String? = nil, revision: Int64? = nil, hash: String? = nil,
    goodRevision: Int64? = nil, goodHash: String? = nil, interval: PolicyDuration? = nil
  ) {
    self.namespace = namespace
    self.target = target
    self.revision = revision
    self.hash = hash
    self.goodRevision = goodRevision
    self.goodHash = goodHash
    self.interval = interval
  }

  /// The value as plain text, not yet escaped; never empty, and only digits and units for numeric placeholders.
  func text(of placeholder: PromQLPlaceholder) throws(PromQLTemplateError) -> String {
    guard let text = try value(of: placeholder) else { throw .missing(placeholder) }
    // A matcher with an empty value would match every series that lacks the label.
    guard !text.isEmpty else { throw .unsuitable(placeholder, "is empty") }
    guard text.utf8.count <= Self.longestValue else {
      throw .unsuitable(placeholder, "has more than \(Self.longestValue) bytes")
    }
    return text
  }

  private func value(of placeholder: PromQLPlaceholder) throws(PromQLTemplateError) -> String? {
    switch placeholder {
    case .namespace: namespace
    case .target: target
    case .hash: hash
    case .goodHash: goodHash
    case .revision: try number(revision, placeholder)
    case .goodRevision: try number(goodRevision, placeholder)
    case .interval: try duration()
    }
  }

  private func number(
    _ number: Int64?, _ placeholder: PromQLPlaceholder
  ) throws(PromQLTemplateError) -> String? {
    guard let number else { return nil }
    // A sign would be an operator outside of quotes.
    guard number >= 0 else { throw .unsuitable(placeholder, "is a negative number") }
    return String(number)
  }

  /// PromQL knows no fractions: `1.5s` is `1s500ms`.
  private func duration() throws(PromQLTemplateError) -> String? {
    guard let interval else { return nil }
    guard interval.milliseconds > 0 else { throw .unsuitable(.interval, "is not longer than nothing") }
    let parts: [(count: Int64, unit: String)] = [
      (interval.milliseconds / 3_600_000, "h"), (interval.milliseconds / 60_000 % 60, "m"),
      (interval.milliseconds / 1_000 % 60, "s"), (interval.milliseconds % 1_000, "ms"),
    ]
    return parts.filter { $0.count > 0 }.map { "\($0.count)\($0.unit)" }.joined()
  }
}
