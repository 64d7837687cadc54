/// How long requests may take and how often they are tried again.
public struct RequestPolicy: Sendable, Equatable {
  /// The most tries of one request, the first included.
  public var maximumAttempts: Int
  /// The wait before the second try; it doubles with each further one, with jitter.
  public var firstDelay: Duration
  public var maximumDelay: Duration
  /// Longest Retry-After that is obeyed; a longer one ends the tries, because the caller knows better what to do
  /// meanwhile.
  public var maximumRetryAfter: Duration
  /// The time for all tries of one request together.
  public var deadline: Duration
  /// The time for one try of a read.
  public var readTimeout: Duration
  /// The time for one try of a list; a page of 500 objects can be megabytes.
  public var listTimeout: Duration
  /// The time for one try of a write; admission webhooks may take up to 30 s.
  public var writeTimeout: Duration

  public init(
    maximumAttempts: Int = 5, firstDelay: Duration = .milliseconds(200), maximumDelay: Duration = .seconds(5),
    maximumRetryAfter: Duration = .seconds(30), deadline: Duration = .seconds(60), readTimeout: Duration = .seconds(15),
    listTimeout: Duration = .seconds(30), writeTimeout: Duration = .seconds(35)
  ) {
    self.maximumAttempts = max(1, maximumAttempts)
    self.firstDelay = firstDelay
    self.maximumDelay = maximumDelay
    self.maximumRetryAfter = maximumRetryAfter
    self.deadline = deadline
    self.readTimeout = readTimeout
    self.listTimeout = listTimeout
    self.writeTimeout = writeTimeout
  }

  /// For the operator's ordinary work.
  public static let standard = RequestPolicy()

  /// One try within `timeout`, for callers with their own rhythm (leader election).
  public static func single(timeout: Duration) -> RequestPolicy {
    RequestPolicy(
      maximumAttempts: 1, deadline: timeout, readTimeout: timeout, listTimeout: timeout, writeTimeout: timeout)
  }

  /// How long to wait before another try; `nil` when there must be none.
  ///
  /// Reads are repeated after anything that may pass. Writes are repeated only when they were surely not executed: the
  /// request never left, or flow control refused it. Never after an unknown outcome.
  ///
  /// - Parameters:
  ///   - attempt: the number of the try that failed, from 1.
  ///   - elapsed: the time since the first try began.
  ///   - jitter: a number from 0 to 1.
  func delay(
    after error: KubernetesError, attempt: Int, elapsed: Duration, changesState: Bool, jitter: Double
  ) -> Duration? {
    guard attempt < maximumAttempts, !error.isOutcomeUnknown else { return nil }
    guard changesState ? Self.wasSurelyNotExecuted(error) : Self.mayPass(error) else { return nil }
    var delay = backoff(attempt: attempt, jitter: jitter)
    if let asked = error.retryAfter {
      guard asked <= maximumRetryAfter else { return nil }
      // A little later than asked, so that all who were refused together do not come back together.
      delay = max(delay, asked + asked * (0.2 * jitter))
    }
    return elapsed + delay < deadline ? delay : nil
  }

  private func backoff(attempt: Int, jitter: Double) -> Duration {
    let doublings = min(max(attempt - 1, 0), 20)
    let full = min(firstDelay * (1 << doublings), maximumDelay)
    return full * (0.5 + 0.5 * jitter)
  }

  private static func mayPass(_ error: KubernetesError) -> Bool {
    switch error.code {
    case .tooManyRequests, .serverTimeout, .timeout, .internalError, .unavailable: !error.isResourceVersionTooLarge
    case .transport: error.transportError?.code != .tls
    default: false
    }
  }

  private static func wasSurelyNotExecuted(_ error: KubernetesError) -> Bool {
    switch error.code {
    case .tooManyRequests, .unavailable: error.retryAfter != nil
    case .transport: error.transportError?.requestMayHaveBeenSent == false && error.transportError?.code != .tls
    default: false
    }
  }
}
