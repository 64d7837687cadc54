public import FoundationEssentials
import Synchronization

/// Virtual time for the models alone, without an engine: what is scheduled runs when its user lets time pass.
public final class VirtualTimers: Sendable {
  private struct Entry {
    var due: Duration
    var number: Int
    var run: @Sendable () -> Void
  }

  private struct State {
    var now = Duration.zero
    var count = 0
    /// The next one last.
    var entries: [Entry] = []
  }

  /// When time begins.
  public static let start = Date(timeIntervalSince1970: 1_800_000_000)

  private let state = Mutex(State())

  public init() {}

  public var elapsed: Duration { state.withLock { $0.now } }

  public var date: Date {
    let elapsed = elapsed.components
    return Self.start + Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
  }

  public func schedule(_ delay: Duration, _ run: @escaping @Sendable () -> Void) {
    state.withLock { state in
      let entry = Entry(due: state.now + max(.zero, delay), number: state.count, run: run)
      state.count += 1
      let place = state.entries.firstIndex { ($0.due, $0.number) < (entry.due, entry.number) } ?? state.entries.count
      state.entries.insert(entry, at: place)
    }
  }

  /// Runs what is due in so much time.
  ///
  /// - Returns: how much was run.
  @discardableResult
  public func pass(_ time: Duration) -> Int {
    let end = elapsed + time
    var count = 0
    while let entry = next(until: end) {
      entry.run()
      count += 1
    }
    state.withLock { $0.now = end }
    return count
  }

  private func next(until end: Duration) -> Entry? {
    state.withLock { state in
      guard let entry = state.entries.last, entry.due <= end else { return nil }
      state.entries.removeLast()
      state.now = max(state.now, entry.due)
      return entry
    }
  }
}
