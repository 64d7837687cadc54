public import FoundationEssentials

/// `metav1.Condition`, exactly.
public struct Condition: Hashable, Sendable, Codable {
  public var type: String
  public var status: Status
  public var observedGeneration: Int64?
  /// When `status` changed last; it does not move when only reason or message change.
  public var lastTransitionTime: Date
  public var reason: String
  public var message: String

  /// `Unknown` while something is still running or cannot be said.
  public enum Status: String, Hashable, Sendable, Codable, CaseIterable {
    case `true` = "True"
    case `false` = "False"
    case unknown = "Unknown"
  }

  public init(
    type: String, status: Status, observedGeneration: Int64? = nil, lastTransitionTime: Date, reason: String,
    message: String
  ) {
    self.type = type
    self.status = status
    self.observedGeneration = observedGeneration
    self.lastTransitionTime = lastTransitionTime
    self.reason = reason
    self.message = message
  }
}

extension [Condition] {
  /// The condition of a type.
  public subscript(type: String) -> Condition? { first { $0.type == type } }

  /// Sets a condition; its transition time moves only when the status does.
  public mutating func set(
    _ type: String, _ status: Condition.Status, reason: String, message: String, observedGeneration: Int64? = nil,
    at now: Date
  ) {
    let bounded = String(message.prefix(1_024))
    guard let index = firstIndex(where: { $0.type == type }) else {
      append(
        Condition(
          type: type, status: status, observedGeneration: observedGeneration, lastTransitionTime: now.wholeSeconds,
          reason: reason, message: bounded))
      return
    }
    if self[index].status != status { self[index].lastTransitionTime = now.wholeSeconds }
    self[index].status = status
    self[index].reason = reason
    self[index].message = bounded
    self[index].observedGeneration = observedGeneration
  }
}

extension Date {
  /// The instant without its fraction of a second, as `metav1.Time` keeps it, so that a value compares equal after a
  /// round trip through the API server.
  public var wholeSeconds: Date {
    Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down))
  }

  /// The instant rounded down to milliseconds, the precision of journals.
  public var wholeMilliseconds: Date {
    Date(timeIntervalSince1970: (timeIntervalSince1970 * 1_000).rounded(.down) / 1_000)
  }
}
