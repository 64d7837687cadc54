import FoundationEssentials
import KubernetesClient
import RollbackCore
import Synchronization

/// Reads the cluster-wide freeze: ConfigMap `rollback-operator-freeze` of the operator's namespace.
final class FreezeReader: Sendable {
  static let name = "rollback-operator-freeze"
  /// A freeze that is known is looked at again after this time, so that its end is noticed.
  static let recheck = Duration.seconds(5)
  /// The same, for the times of what waits for its end.
  static let recheckInterval: TimeInterval = 5

  private struct Known {
    var freeze: Freeze?
    var at: Duration
  }

  private let client: KubernetesClient
  private let namespace: String
  private let clock: any RuntimeClock
  private let known = Mutex<Known?>(nil)

  init(client: KubernetesClient, namespace: String, clock: any RuntimeClock) {
    self.client = client
    self.namespace = namespace
    self.clock = clock
  }

  /// What was read last.
  var last: Freeze? { known.withLock { $0?.freeze } }

  /// What was read last, read again when it was a freeze and some time has passed.
  func current() async throws(KubernetesError) -> Freeze? {
    guard let known = known.withLock({ $0 }), known.freeze != nil, clock.monotonicTime - known.at >= Self.recheck else {
      return last
    }
    return try await read()
  }

  /// Asks the API server.
  ///
  /// - Returns: `nil` when nothing is frozen. What cannot be read or understood is a freeze, since it may say one (R5).
  func read() async throws(KubernetesError) -> Freeze? {
    let freeze: Freeze?
    do throws(KubernetesError) {
      let object = try await client.getValue(.configMaps, namespace: namespace, name: Self.name)
      freeze = Self.freeze(object["data"])
    } catch {
      switch error.code {
      case .notFound: freeze = nil
      case .forbidden:
        freeze = Freeze(
          reason: "whether they are cannot be read: grant the operator get on ConfigMap \(Self.name) in namespace "
            + namespace)
      default: throw error
      }
    }
    let now = clock.monotonicTime
    known.withLock { $0 = Known(freeze: freeze, at: now) }
    return freeze
  }

  private static func freeze(_ data: JSONValue?) -> Freeze {
    var reason = String((data?["reason"]?.string ?? "").prefix(256))
    var until: Date?
    if let text = data?["until"]?.string, !text.isEmpty {
      until = Timestamp.date(text)
      if until == nil { reason += (reason.isEmpty ? "" : "; ") + "until is no time such as 2026-01-01T00:00:00Z" }
    }
    return Freeze(
      until: until, reason: reason, allow: data?["allow"]?.string.flatMap(Trigger.Severity.init(rawValue:)))
  }
}
