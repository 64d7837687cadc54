/// How urgent a queued key is. A worker takes from the highest lane that has a key.
public enum Lane: UInt8, CaseIterable, Comparable, Sendable {
  /// Resyncs and retention; may wait.
  case housekeeping
  /// Looking at something that may have changed.
  case evaluate
  /// Something is broken or a rollback is under way.
  case act

  public static func < (left: Lane, right: Lane) -> Bool { left.rawValue < right.rawValue }

  /// A lane is served out of turn after so many keys were taken from higher lanes while it waited; nil never needs to
  /// be.
  var patience: Int? {
    switch self {
    case .act: nil
    case .evaluate: 8
    case .housekeeping: 32
    }
  }
}
