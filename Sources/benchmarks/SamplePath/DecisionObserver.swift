import KubernetesClient
import RollbackCore
import RollbackOperator
import Synchronization

/// Sees from a watch when the RollbackEvent of a Deployment is there.
final class DecisionObserver: Sendable {
  private let sightings = Mutex<[String: ContinuousClock.Instant]>([:])

  /// When the first RollbackEvent of a Deployment came; `nil`: there is none.
  subscript(name: String) -> ContinuousClock.Instant? { sightings.withLock { $0[name] } }

  /// Watches until cancelled.
  func run(_ client: KubernetesClient, namespace: String) async {
    await withDiscardingTaskGroup { group in
      group.addTask {
        await client.watcher(EventObject.self, namespace: namespace).run { event in
          let now = ContinuousClock.now
          if case .applied(.object(let rollback)) = event {
            self.sightings.withLock { sightings in
              if sightings[rollback.spec.target.name] == nil { sightings[rollback.spec.target.name] = now }
            }
          }
        }
      }
      group.addTask { await client.watchLiveness.run() }
    }
  }
}
