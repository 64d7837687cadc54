import ControllerRuntime
import RollbackCore
import Synchronization

/// The undos that this process has planned and of which it does not know what became. A cache may lag behind for so
/// long that it does not even know their events.
final class UnsettledUndos: Sendable {
  private let events = Mutex<[NamespacedName: Set<NamespacedName>]>([:])

  /// Takes an event as it was just written or read.
  func note(_ event: EventObject) {
    let name = event.metadata.namespacedName
    events.withLock { events in
      if event.record.hasUnsettledUndo {
        events[event.targetName, default: []].insert(name)
      } else if events[event.targetName]?.remove(name) != nil, events[event.targetName]?.isEmpty == true {
        events[event.targetName] = nil
      }
    }
  }

  /// The event is gone.
  func forget(_ event: NamespacedName, of workload: NamespacedName) {
    events.withLock { events in
      events[workload]?.remove(event)
      if events[workload]?.isEmpty == true { events[workload] = nil }
    }
  }

  /// The events of a workload, by name.
  func events(of workload: NamespacedName) -> [NamespacedName] { events.withLock { $0[workload]?.sorted() ?? [] } }
}
