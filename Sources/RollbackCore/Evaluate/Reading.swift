public import FoundationEssentials

/// What one trigger reads at one moment, before `for` is taken into account (R5: three values, never two).
public enum Reading: Sendable, Hashable {
  case healthy
  case breached(Breach)
  /// Nothing can be said, with the reason; it neither acts nor lets a trial end as Good.
  case unknown(String)
  /// Reading failed, with the cause; as ``unknown(_:)``, and somebody has something to mend.
  case failed(String)

  /// Whether nothing can be said.
  public var isUnknown: Bool {
    switch self {
    case .healthy, .breached: false
    case .unknown, .failed: true
    }
  }

  /// A breach with the figures that prove it.
  public struct Breach: Sendable, Hashable {
    public var value: String
    public var threshold: String
    /// Since when, as far as the objects themselves say; `nil`: since it was first seen.
    public var since: Date?
    /// One sentence for people.
    public var message: String

    public init(value: String, threshold: String, since: Date? = nil, message: String) {
      self.value = value
      self.threshold = threshold
      self.since = since
      self.message = message
    }
  }
}
