import Synchronization

/// Faults drawn by the seed, until they are told to stop.
public final class RandomFaults: FaultSource {
  /// How likely each fault is for one request, from 0 to 1.
  public struct Rates: Sendable {
    public var refused = 0.0
    public var answerLost = 0.0
    public var requestLost = 0.0
    public var late = 0.0
    public var status = 0.0
    public var crash = 0.0
    public var stale = 0.0
    public var garbled = 0.0
    /// Of a watch, that its lines are held back.
    public var watchDelay = 0.0
    /// Of a watch, that it breaks.
    public var watchBreak = 0.0
    /// Of a piece of a task, that it waits.
    public var pieceDelay = 0.0
    /// Of a piece of a task, that the process dies before it.
    public var pieceCrash = 0.0
    /// Of a question to something else than the API server.
    public var metrics = 0.0

    public init() {}
  }

  /// What becomes of every request for a while.
  private struct Siege {
    var fault: Fault
    var end: Duration
  }

  /// What becomes of every question to a monitor for a while; which of the faults it is, where one is not possible.
  private struct Blindness {
    var choice: Int
    var end: Duration
  }

  private let engine: SimulationEngine
  public let rates: Rates
  private let isActive = Mutex(true)
  private let siege = Mutex<Siege?>(nil)
  private let blindness = Mutex<Blindness?>(nil)

  /// Draws the rates, too: most runs have few kinds of faults, some have all.
  public init(engine: SimulationEngine) {
    self.engine = engine
    var rates = Rates()
    func draw() -> Double {
      guard engine.chance(.faults, 0.4) else { return 0 }
      return engine.random(.faults, in: 0...1) * engine.random(.faults, in: 0...0.3)
    }
    rates.refused = draw()
    rates.answerLost = draw()
    rates.requestLost = draw() / 4
    rates.late = draw()
    rates.status = draw()
    rates.crash = draw() / 8
    rates.stale = draw()
    rates.watchDelay = draw()
    rates.watchBreak = draw() * 2
    rates.garbled = draw()
    rates.pieceDelay = draw() / 20
    rates.pieceCrash = draw() / 1_000
    if engine.chance(.metricFaults, 0.4) {
      rates.metrics = engine.random(.metricFaults, in: 0...1) * engine.random(.metricFaults, in: 0...0.6)
    }
    self.rates = rates
  }

  /// From now on everything works.
  public func stop() { isActive.withLock { $0 = false } }

  /// Nobody is reached until then.
  public func refuseAll(until end: Duration) { siege.withLock { $0 = Siege(fault: .refused, end: end) } }

  /// Every request is answered like this until then.
  public func answerAll(_ code: Int, retryAfter: Int, until end: Duration) {
    siege.withLock { $0 = Siege(fault: .status(code, retryAfter: retryAfter), end: end) }
  }

  /// Every question to a monitor fails in the same way until then.
  ///
  /// - Parameter choice: which of the faults of each source it is.
  public func blind(_ choice: Int, until end: Duration) {
    blindness.withLock { $0 = Blindness(choice: choice, end: end) }
  }

  public func metricFault(of request: OutboundPoint) -> MetricFault? {
    guard acts else { return nil }
    let faults = request.faults
    if let blindness = blindness.withLock({ $0 }), engine.now < blindness.end {
      return faults[blindness.choice % faults.count]
    }
    guard engine.chance(.metricFaults, rates.metrics) else { return nil }
    return faults[engine.index(.metricFaults, below: faults.count)]
  }

  /// How far the clock of a process that is made now is ahead: most are right.
  public func skew() -> Duration {
    guard engine.chance(.faults, 0.2) else { return .zero }
    return .seconds(engine.random(.faults, in: -1.0...1) * (engine.chance(.faults, 0.5) ? 5 : 7_200))
  }

  public var random: RandomFaults? { self }

  private var acts: Bool { isActive.withLock { $0 } }

  public func fault(of request: RequestPoint) -> Fault? {
    guard acts else { return nil }
    if let siege = siege.withLock({ $0 }), engine.now < siege.end { return siege.fault }
    if engine.chance(.faults, rates.refused) { return .refused }
    if engine.chance(.faults, rates.answerLost) { return .answerLost }
    if engine.chance(.faults, rates.requestLost) { return .requestLost }
    if engine.chance(.faults, rates.late) {
      return .late(milliseconds: Int(engine.bits(.faults) % 60_000))
    }
    if engine.chance(.faults, rates.status) {
      let codes = [429, 500, 503, 504]
      return .status(codes[Int(engine.bits(.faults) % 4)], retryAfter: engine.chance(.faults, 0.5) ? 1 : nil)
    }
    if engine.chance(.faults, rates.garbled) {
      let all = Fault.Garbling.allCases
      return .garbled(all[engine.index(.faults, below: all.count)])
    }
    if engine.chance(.faults, rates.crash) { return engine.chance(.faults, 0.5) ? .crashBefore : .crashAfter }
    if rates.stale > 0, request.mayBeStale, engine.chance(.faults, rates.stale) {
      return .stale(changes: Int(engine.bits(.faults) % 30))
    }
    return nil
  }

  public func watchDelay(of request: RequestPoint) -> Duration {
    guard acts, engine.chance(.faults, rates.watchDelay) else { return .zero }
    // Ten minutes: a watch that nobody notices to be dead.
    guard !engine.chance(.faults, 0.02) else { return .seconds(600) }
    return engine.random(.faults, in: Duration.milliseconds(50) ... .seconds(60))
  }

  public func watchLife(of request: RequestPoint) -> Duration? {
    guard acts, engine.chance(.faults, rates.watchBreak) else { return nil }
    return engine.random(.faults, in: Duration.milliseconds(1) ... .seconds(90))
  }

  public func pieceFault(of process: String) -> PieceFault? {
    guard rates.pieceDelay > 0 || rates.pieceCrash > 0, acts else { return nil }
    if engine.chance(.faults, rates.pieceCrash) { return .crash }
    guard engine.chance(.faults, rates.pieceDelay) else { return nil }
    // Mostly as long as a garbage collection or a busy neighbour, at times long enough for anything to happen.
    let longest = engine.chance(.faults, 0.1) ? 5.0 : 0.05
    return .delay(.seconds(engine.random(.faults, in: 0...longest)))
  }
}
