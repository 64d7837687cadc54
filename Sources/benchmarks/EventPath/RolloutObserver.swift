import KubernetesClient
import RollbackCore
import RollbackOperator
import Synchronization

/// Sees from watches when a bad release is there, when it is undone, and how its rollback ended.
final class RolloutObserver: Sendable {
  /// What is known of a Deployment.
  struct Sighting {
    /// Its template is the bad one.
    var isBad = false
    /// When the first event came whose template is the good one again.
    var undoneAt: ContinuousClock.Instant?
    /// How the rollback ended.
    var outcome: EventStatus.Outcome?
  }

  private let sightings = Mutex<[String: Sighting]>([:])

  subscript(name: String) -> Sighting { sightings.withLock { $0[name] ?? Sighting() } }

  /// Watches until cancelled.
  func run(_ client: KubernetesClient, namespace: String) async {
    await withDiscardingTaskGroup { group in
      group.addTask {
        await client.watcher(Deployment.self, namespace: namespace).run { event in
          if case .applied(.object(let deployment)) = event { self.saw(deployment, at: .now) }
        }
      }
      group.addTask {
        await client.watcher(EventObject.self, namespace: namespace).run { event in
          if case .applied(.object(let rollback)) = event { self.saw(rollback) }
        }
      }
      group.addTask { await client.watchLiveness.run() }
    }
  }

  private func saw(_ deployment: Deployment, at now: ContinuousClock.Instant) {
    sightings.withLock { sightings in
      var sighting = sightings[deployment.metadata.name] ?? Sighting()
      if Release.bad.isTemplate(of: deployment) {
        sighting.isBad = true
      } else if sighting.isBad, sighting.undoneAt == nil {
        sighting.undoneAt = now
      }
      sightings[deployment.metadata.name] = sighting
    }
  }

  private func saw(_ rollback: EventObject) {
    guard let outcome = rollback.status.outcome else { return }
    sightings.withLock { $0[rollback.spec.target.name, default: Sighting()].outcome = outcome }
  }
}
