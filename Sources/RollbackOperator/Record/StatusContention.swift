import ControllerRuntime
import KubernetesClient
import Synchronization

/// Keeps two operators from correcting each other's status of a policy as fast as they can.
///
/// They may run beside each other without leader election, and for a while one may see what the other does not: each
/// would take the other's status for wrong. Who writes over what another wrote since one's own last write waits, twice
/// as long each time. A change of the policy's specification is no such correction.
final class StatusContention: Sendable {
  /// So many corrections in a row are made at once.
  static let freeCorrections = 3
  /// After so long without a write one begins anew.
  static let memory: Duration = .seconds(300)

  private static let backOff = BackOff(initial: .seconds(1), maximum: .seconds(60))

  private struct Entry {
    var generation: Int64
    var version: String
    var writtenAt: Duration
    var corrections: Int
  }

  private let entries = Mutex<[NamespacedName: Entry]>([:])

  /// How long to leave the status as another has written it; `nil` when it may be written now.
  func pause(_ name: NamespacedName, seen: ObjectMeta, now: Duration) -> Duration? {
    guard let entry = entries.withLock({ $0[name] }), Self.isCorrection(entry, seen, now) else { return nil }
    let waits = entry.corrections + 1 - Self.freeCorrections
    guard waits > 0 else { return nil }
    let left = entry.writtenAt + Self.backOff.delay(failures: waits, jitter: 0) - now
    return left > .zero ? left : nil
  }

  /// Notes one's own write.
  ///
  /// - Parameters:
  ///   - seen: what was written over.
  ///   - version: the resource version that the write made.
  func wrote(_ name: NamespacedName, over seen: ObjectMeta, version: String, now: Duration) {
    entries.withLock { entries in
      let corrections = entries[name].map { Self.isCorrection($0, seen, now) ? $0.corrections + 1 : 0 } ?? 0
      entries[name] = Entry(
        generation: seen.generation, version: version, writtenAt: now, corrections: min(corrections, 1_000))
    }
  }

  /// The policy is gone.
  func forget(_ name: NamespacedName) { entries.withLock { $0[name] = nil } }

  private static func isCorrection(_ entry: Entry, _ seen: ObjectMeta, _ now: Duration) -> Bool {
    entry.version != seen.resourceVersion && entry.generation == seen.generation && now - entry.writtenAt < memory
  }
}
