public import FoundationEssentials
import Synchronization

/// What sources have really told operators about workloads; what was made up by a fault is not in it.
public final class Evidence: Sendable {
  /// What was asked about.
  public struct Key: Hashable, Sendable {
    /// The name of a series, `ALERTS/NAME`, a URL or `probe/SERVICE`.
    public var signal: String
    /// Empty where the signal itself says whose it is.
    public var deployment: String
    /// The template hash, where only one revision was asked about.
    public var revision: String

    public init(signal: String, deployment: String = "", revision: String = "") {
      self.signal = signal
      self.deployment = deployment
      self.revision = revision
    }
  }

  /// One answer, as far as it is about one workload.
  public struct Reading: Sendable, Hashable {
    /// Who was told.
    public var process: String
    /// The moment that it is about.
    public var at: Date
    public var said: Said

    public init(process: String, at: Date, _ said: Said) {
      self.process = process
      self.at = at
      self.said = said
    }
  }

  /// What an answer says.
  public enum Said: Sendable, Hashable {
    /// The values of all series.
    case values([Double])
    /// Whether a check has passed.
    case check(Bool)
  }

  private let readings = Mutex<[Key: [Reading]]>([:])

  public init() {}

  /// Takes down what a process was told.
  public func note(_ reading: Reading, about key: Key) {
    readings.withLock { $0[key, default: []].append(reading) }
  }

  /// What was told about something, in the order of the moments that it is about.
  public func readings(about key: Key) -> [Reading] {
    readings.withLock { $0[key] ?? [] }.sorted { $0.at < $1.at }
  }

  /// Lets all go.
  func forget() { readings.withLock { $0 = [:] } }
}
