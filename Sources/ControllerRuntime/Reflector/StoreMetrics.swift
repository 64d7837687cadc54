import Metrics
import Synchronization

/// How many objects the stores of one kind hold together.
final class StoreMetrics: Sendable {
  private struct Totals {
    var objects = 0
    var undecodable = 0
  }

  private let totals = Mutex(Totals())
  private let objects: Gauge
  private let undecodable: Gauge
  private let relists: Counter
  private let interruptions: Counter

  /// - Parameter resource: the plural name of the kind, bounded by the kinds the program watches.
  init(resource: String) {
    let dimensions = [("resource", resource)]
    objects = Gauge(label: "rollback_store_objects", dimensions: dimensions)
    undecodable = Gauge(label: "rollback_store_undecodable_objects", dimensions: dimensions)
    relists = Counter(label: "rollback_store_relists_total", dimensions: dimensions)
    interruptions = Counter(label: "rollback_store_watch_interruptions_total", dimensions: dimensions)
  }

  func changed(objects: Int, undecodable: Int) {
    guard objects != 0 || undecodable != 0 else { return }
    totals.withLock { totals in
      totals.objects += objects
      totals.undecodable += undecodable
      self.objects.record(totals.objects)
      self.undecodable.record(totals.undecodable)
    }
  }

  func relisted() { relists.increment() }

  func interrupted() { interruptions.increment() }
}
