import Synchronization

/// One disturbance at one place.
final class SweepFaults: FaultSource {
  enum Plan: Sendable {
    /// The write of this number of each process named.
    case writes([String: (number: Int, fault: Fault)])
    /// The list of this request is of an older version.
    case oldList(request: Int, version: UInt64)
    /// The change of this version is never seen.
    case hidden(version: UInt64)
    /// At the write of this number the process dies or loses its watches, and for a while all lists are as they were at
    /// an older version.
    case past(write: Int, isRestart: Bool, version: UInt64)
    /// The question of this number is answered wrongly or not at all.
    case question(number: Int, fault: MetricFault)
  }

  /// For so long an API server is behind.
  static let lag: Duration = .seconds(10)

  private let engine: SimulationEngine
  private let process: String
  private let plan: Plan
  private let struckAt = Mutex<Duration?>(nil)

  init(_ plan: Plan, of process: String, engine: SimulationEngine) {
    self.plan = plan
    self.process = process
    self.engine = engine
  }

  func fault(of request: RequestPoint) -> Fault? {
    switch plan {
    case .writes(let faults):
      guard let place = faults[request.process], place.number == request.write else { return nil }
      return place.fault
    case .oldList(let number, let version):
      guard request.process == process, request.number == number else { return nil }
      return .past(version: version, lag: Self.lag)
    case .hidden, .question: return nil
    case .past(let write, let isRestart, let version):
      guard request.process == process else { return nil }
      if request.write == write {
        struckAt.withLock { $0 = engine.now }
        return isRestart ? .crashAfter : .watchesEnd
      }
      guard let left = struckAt.withLock({ $0 }).map({ $0 + Self.lag - engine.now }), left > .zero else { return nil }
      if request.isStreamedList { return .past(version: version, lag: left) }
      // A server that is behind cannot go on from where another one was.
      return request.isWatch ? .status(410, retryAfter: nil) : nil
    }
  }

  func metricFault(of request: OutboundPoint) -> MetricFault? {
    guard case .question(let number, let fault) = plan, request.process == process, request.number == number else {
      return nil
    }
    return fault
  }

  func hidden(from request: RequestPoint) -> UInt64? {
    guard case .hidden(let version) = plan, request.process == process else { return nil }
    return version
  }

  func watchDelay(of request: RequestPoint) -> Duration { .zero }
  func watchLife(of request: RequestPoint) -> Duration? { nil }
}
