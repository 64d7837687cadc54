/// The process is no longer the leader, or will never be; it must end, so that nothing it had begun goes on.
public struct LeadershipLost: Error, Sendable, Equatable, CustomStringConvertible {
  /// Why there is no way back.
  public enum Reason: Sendable, Equatable {
    /// The lease could not be renewed in time.
    case notRenewed
    /// Another replica holds the lease.
    case takenOver(by: String)
    /// The lease was given up on shutdown.
    case released
  }

  public var lease: NamespacedName
  public var reason: Reason

  public init(lease: NamespacedName, reason: Reason) {
    self.lease = lease
    self.reason = reason
  }

  public var description: String {
    switch reason {
    case .notRenewed:
      "lease \(lease) could not be renewed in time; check the connection to the API server and its load"
    case .takenOver(let holder): "lease \(lease) was taken over by \(holder)"
    case .released: "lease \(lease) was given up on shutdown"
    }
  }
}
