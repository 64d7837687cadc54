import Synchronization

/// What happened in a simulation, line by line, and a fingerprint of all of it.
///
/// Two runs are the same when their fingerprints are (FNV-1a, 64 bits, over every byte of every line).
public final class Trace: Sendable {
  private struct State {
    var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
    var count = 0
    var lines: [String] = []
  }

  /// Whether what the processes log is wanted, too.
  public let takesLogs: Bool
  private let limit: Int
  private let keepsOnlyWhatMatters: Bool
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limit: how many of the last lines are kept.
  ///   - onlyWhatMatters: whether lines that do not matter to the course of things are left out.
  ///   - logs: whether what the processes log is kept, too; the fingerprint is the same without.
  public init(keeping limit: Int = 400, onlyWhatMatters: Bool = false, logs: Bool = false) {
    self.limit = limit
    takesLogs = logs
    keepsOnlyWhatMatters = onlyWhatMatters
  }

  /// - Parameter matters: whether something was changed, struck or lost; not a mere reading.
  public func note(_ line: String, matters: Bool = true) {
    state.withLock { state in
      var hash = state.fingerprint
      for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      state.fingerprint = (hash ^ 10) &* 0x100_0000_01B3
      state.count += 1
      if matters || !keepsOnlyWhatMatters { keep(line, &state) }
    }
  }

  /// Keeps a line that says nothing of what happened.
  func remark(_ line: String) { state.withLock { keep(line, &$0) } }

  private func keep(_ line: String, _ state: inout State) {
    guard limit > 0 else { return }
    state.lines.append(line)
    if state.lines.count >= 2 * limit { state.lines.removeFirst(state.lines.count - limit) }
  }

  /// A fingerprint of all lines so far.
  public var fingerprint: UInt64 { state.withLock { $0.fingerprint } }

  /// All lines so far.
  public var count: Int { state.withLock { $0.count } }

  /// The last lines.
  public var lines: [String] { state.withLock { Array($0.lines.suffix(limit)) } }
}
