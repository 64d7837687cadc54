public import FoundationEssentials
public import KubernetesClient

/// The clocks and the random numbers of one simulated machine.
public struct SimulatedClock: RuntimeClock {
  /// Wall time at the beginning of every simulation: 2027-01-15T08:00:00Z.
  public static let epoch = Date(timeIntervalSince1970: 1_800_000_000)

  let engine: SimulationEngine
  /// How far the machine's wall clock is ahead.
  let skew: Duration

  public init(_ engine: SimulationEngine, skew: Duration = .zero) {
    self.engine = engine
    self.skew = skew
  }

  public var wallTime: Date { Self.epoch.addingTimeInterval((engine.now + skew) / .seconds(1)) }

  public var monotonicTime: Duration { engine.now }

  public func random(in range: ClosedRange<Double>) -> Double { engine.random(.clock, in: range) }

  public func sleep(for duration: Duration) async throws(CancellationError) {
    if Task.isCancelled { throw CancellationError() }
    if await Signal(engine).wait(atMost: duration) == .cancelled { throw CancellationError() }
  }
}
