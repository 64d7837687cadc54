import FoundationEssentials
import Synchronization

/// When something happened first, by this machine's clock, which is the API server's too.
final class Moment: Sendable {
  private let state = Mutex<Date?>(nil)

  var date: Date? { state.withLock { $0 } }

  func set() {
    state.withLock { date in
      if date == nil { date = Date() }
    }
  }
}
