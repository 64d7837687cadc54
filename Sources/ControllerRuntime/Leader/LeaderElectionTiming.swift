/// The times of a leader election; each is longer than the next.
public struct LeaderElectionTiming: Sendable, Equatable {
  /// Another replica may take the lease over when it has seen no renewal for this long. Whole seconds.
  public var leaseDuration: Duration
  /// The leader stops being one when it could not renew for this long.
  public var renewDeadline: Duration
  /// The pause between two tries to take or to renew the lease.
  public var retryPeriod: Duration

  /// The defaults are tight because the leader's writes are fenced by the API server and not by the lease. After a
  /// crash another replica leads within ``leaseDuration``; a lease that is given up is taken within one
  /// ``retryPeriod``.
  public init(
    leaseDuration: Duration = .seconds(6), renewDeadline: Duration = .seconds(4), retryPeriod: Duration = .seconds(1)
  ) {
    self.leaseDuration = leaseDuration
    self.renewDeadline = renewDeadline
    self.retryPeriod = retryPeriod
  }

  /// One request may take this long, so that a connection that hangs leaves time for a second try before the deadline.
  var requestTimeout: Duration { renewDeadline / 2 }
}
