public import FoundationEssentials
public import KubernetesClient
import Synchronization

/// The clocks and the random numbers of one simulated machine.
public struct SimulatedClock: RuntimeClock {
  /// Wall time at the beginning of every simulation: 2027-01-15T08:00:00Z.
  public static let epoch = Date(timeIntervalSince1970: 1_800_000_000)

  let engine: SimulationEngine
  private let skew: Skew

  /// How far a machine's wall clock is ahead, which can be set like a clock.
  final class Skew: Sendable {
    private let duration: Mutex<Duration>

    init(_ duration: Duration) {
      self.duration = Mutex(duration)
    }

    var value: Duration {
      get { duration.withLock { $0 } }
      set { duration.withLock { $0 = newValue } }
    }
  }

  /// - Parameter skew: how far the machine's wall clock is ahead.
  public init(_ engine: SimulationEngine, skew: Duration = .zero) {
    self.init(engine, skew: Skew(skew))
  }

  init(_ engine: SimulationEngine, skew: Skew) {
    self.engine = engine
    self.skew = skew
  }

  public var wallTime: Date { Self.epoch.addingTimeInterval((engine.now + skew.value) / .seconds(1)) }

  public var monotonicTime: Duration { engine.now }

  public func random(in range: ClosedRange<Double>) -> Double { engine.random(.clock, in: range) }

  public func sleep(for duration: Duration) async throws(CancellationError) {
    if Task.isCancelled { throw CancellationError() }
    if await Signal(engine).wait(atMost: duration) == .cancelled { throw CancellationError() }
  }
}
