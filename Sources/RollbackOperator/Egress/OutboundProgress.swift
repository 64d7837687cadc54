import Synchronization

/// How far a request has come, so that one that ends with its time is not laid at the door of a server that never saw
/// it.
final class OutboundProgress: Sendable {
  enum Stage: Sendable, Hashable {
    /// For its turn among the requests of the operator.
    case waiting
    /// Of its host's addresses.
    case resolving
    /// The server, from the connection on.
    case asking
  }

  private let current = Mutex(Stage.waiting)

  var stage: Stage { current.withLock { $0 } }

  func enter(_ stage: Stage) { current.withLock { $0 = stage } }
}
