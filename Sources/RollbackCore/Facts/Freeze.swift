public import FoundationEssentials

/// A time in which nothing is rolled back in the whole cluster.
public struct Freeze: Sendable, Hashable {
  /// When it ends by itself; `nil`: when somebody ends it.
  public var until: Date?
  public var reason: String
  /// Breaches of this severity and more severe ones are not held.
  public var allow: Trigger.Severity?

  public init(until: Date? = nil, reason: String = "", allow: Trigger.Severity? = nil) {
    self.until = until
    self.reason = reason
    self.allow = allow
  }

  /// Whether a rollback for a breach of this severity is held now; `nil`: one that a person asked for.
  public func holds(_ severity: Trigger.Severity?, now: Date) -> Bool {
    if let until, until <= now { return false }
    guard let allow, let severity else { return true }
    return allow.isMoreSevere(than: severity)
  }

  /// The freeze as a reason not to act.
  var hold: Hold { Hold(reason: "Frozen", message: description, until: until, yieldsToApproval: false) }
}

extension Freeze: CustomStringConvertible {
  public var description: String {
    "rollbacks are frozen in the whole cluster" + (until.map { " until \($0.formattedForPeople)" } ?? "")
      + (reason.isEmpty ? "" : " (\(reason))") + "; `kubectl rollback freeze off` ends it"
  }
}

extension Date {
  /// `2026-01-01T00:00:00Z`.
  var formattedForPeople: String { wholeSeconds.formatted(.iso8601) }
}
