import Synchronization

/// Remembers which kinds refused a streamed initial list, so that each is tried once for a client and not once for a
/// watch.
final class StreamedListSupport: Sendable {
  private let refused = Mutex<Set<APIResource>>([])

  func isRefused(_ resource: APIResource) -> Bool { refused.withLock { $0.contains(resource) } }

  func refuse(_ resource: APIResource) { refused.withLock { _ = $0.insert(resource) } }
}
