import KubernetesClient
import RollbackCore
import Synchronization

/// Reads header fields from Secrets, and keeps them for a minute: a probe a second is no question a second.
final class SecretHeaders: Sendable {
  private static let keptFor = Duration.seconds(60)
  /// The most Secrets that are kept.
  private static let capacity = 1_000

  private struct Name: Hashable {
    var namespace: String
    var name: String
  }

  private struct Kept {
    var headers: [(name: String, value: String)]
    var until: Duration
  }

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let kept = Mutex<[Name: Kept]>([:])

  /// - Parameter client: may get `secrets` where policies are served.
  init(client: KubernetesClient, clock: any RuntimeClock) {
    self.client = client
    self.clock = clock
  }

  /// Every key with its value; none without a reference.
  func headers(
    _ reference: SecretReference?, in namespace: String
  ) async throws(SampleProblem) -> [(name: String, value: String)] {
    guard let reference else { return [] }
    let name = Name(namespace: namespace, name: reference.secret)
    let now = clock.monotonicTime
    if let known = kept.withLock({ $0[name] }), now < known.until { return known.headers }
    var secrets = SecretReader(client: client, namespace: namespace, subject: "headersFrom")
    var headers: [(name: String, value: String)] = []
    for (key, value) in try await secrets.all(reference.secret) { headers.append((key, try secrets.text(value, key))) }
    let read = Kept(headers: headers, until: now + Self.keptFor)
    kept.withLock { kept in
      if kept.count >= Self.capacity { kept = kept.filter { now < $0.value.until } }
      if kept.count < Self.capacity { kept[name] = read }
    }
    return headers
  }
}
