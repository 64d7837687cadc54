import SimulatedCluster
import Synchronization

/// What processes asked for and were told in an undisturbed run: the places at which it can be disturbed.
final class SweepRecord: FaultSource {
  /// What one process did.
  struct Process: Sendable {
    /// The lists that watches began with.
    var lists: [List] = []
    /// The newest resource version before each write, by the write's number.
    var versionsBeforeWrites: [UInt64] = []
    /// Questions to others than the API server.
    var questions = 0
    /// The versions of each object that watches told, oldest first.
    fileprivate var told: [String: [UInt64]] = [:]

    /// The changes after which a newer one of the same object was told.
    var transientChanges: [UInt64] { told.values.flatMap { $0.dropLast() }.sorted() }
  }

  struct List: Sendable {
    var request: Int
    /// The versions at which the list had become another before.
    var versions: [UInt64]

    /// One version for each older state that the list can be of.
    var olderVersions: [UInt64] {
      guard let first = versions.first else { return [] }
      return [first - 1] + versions.dropLast()
    }
  }

  private let server = Mutex<SimulatedAPIServer?>(nil)
  private let state = Mutex<[String: Process]>([:])

  /// Records the run of this world.
  func follow(_ world: World) -> SweepRecord {
    server.withLock { $0 = world.server }
    return self
  }

  func process(_ name: String) -> Process { state.withLock { $0[name] ?? Process() } }

  func fault(of request: RequestPoint) -> Fault? {
    guard request.write != nil, let version = server.withLock({ $0?.resourceVersion }) else { return nil }
    state.withLock { $0[request.process, default: Process()].versionsBeforeWrites.append(version) }
    return nil
  }

  func metricFault(of request: OutboundPoint) -> MetricFault? {
    state.withLock { $0[request.process, default: Process()].questions += 1 }
    return nil
  }

  func listed(_ request: RequestPoint, versions: () -> [UInt64]) {
    let list = List(request: request.number, versions: versions())
    state.withLock { $0[request.process, default: Process()].lists.append(list) }
  }

  func told(_ request: RequestPoint, changes: () -> [(object: String, resourceVersion: UInt64)]) {
    let kind = request.path.split(separator: "?").first ?? ""
    let changes = changes()
    state.withLock { state in
      for (object, version) in changes {
        state[request.process, default: Process()].told["\(kind) \(object)", default: []].append(version)
      }
    }
  }

  func watchDelay(of request: RequestPoint) -> Duration { .zero }
  func watchLife(of request: RequestPoint) -> Duration? { nil }
}
