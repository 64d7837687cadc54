import KubernetesClient
import SimulatedCluster
import Synchronization

/// What happens to whole processes and to the whole control plane, at moments that the seed chooses, until it is
/// stopped: processes are stopped, asked to end and given wrong clocks; the API server is away, overloaded, compacted
/// and forgets who may do what; the lease is stolen.
public final class ClusterFaults: Sendable {
  /// Who steals the lease.
  static let thief = "thief"

  private let world: World
  private let requests: RandomFaults
  private let isActive = Mutex(true)

  private var engine: SimulationEngine { world.engine }

  public init(_ world: World, requests: RandomFaults) {
    self.world = world
    self.requests = requests
  }

  /// Draws what happens, and lays it down.
  ///
  /// - Parameter end: nothing begins after this.
  public func lay(until end: Duration) {
    let kinds: [@Sendable (ClusterFaults) -> Void] = [
      { $0.stopAndGo() }, { $0.terminate() }, { $0.setClock() }, { $0.compact() }, { $0.outage() }, { $0.storm() },
      { $0.revoke() }, { $0.steal() },
    ]
    for kind in kinds where engine.chance(.faults, 0.2) {
      for _ in 0...engine.index(.faults, below: 3) {
        // Half of them when most scenarios have the most to lose.
        let last = engine.chance(.faults, 0.5) ? min(end, .seconds(80)) : end
        engine.schedule(after: engine.random(.faults, in: .zero...last)) { [weak self] in
          guard let self, isActive.withLock({ $0 }) else { return }
          kind(self)
        }
      }
    }
  }

  /// From now on everything works; what was stopped goes on. Clocks stay as they are.
  public func stop() {
    isActive.withLock { $0 = false }
    for process in world.processes where process.isSuspended { process.resume() }
    if !world.setsRights { world.server.setAuthorizer(nil) }
  }

  // MARK: Processes

  private var anyProcess: SimulatedProcess? {
    let all = world.processes
    return all.isEmpty ? nil : all[engine.index(.faults, below: all.count)]
  }

  private func stopAndGo() {
    guard let process = anyProcess, !process.isSuspended else { return }
    process.suspend()
    engine.schedule(after: engine.random(.faults, in: Duration.seconds(1) ... .seconds(90))) {
      if process.isSuspended { process.resume() }
    }
  }

  private func terminate() { anyProcess?.terminate() }

  private func setClock() {
    let hours = engine.random(.faults, in: -2.0...2)
    anyProcess?.setClock(aheadBy: .seconds(hours * 3_600))
  }

  // MARK: The control plane

  private func compact() {
    engine.trace.note("\(engine.now) the history is compacted")
    world.server.compact(before: world.server.resourceVersion)
    if engine.chance(.faults, 0.5) { world.server.dropWatches() }
  }

  private func outage() {
    engine.trace.note("\(engine.now) nobody reaches the API server")
    requests.refuseAll(until: engine.now + engine.random(.faults, in: Duration.seconds(5) ... .seconds(60)))
    world.server.dropWatches()
  }

  private func storm() {
    engine.trace.note("\(engine.now) the API server is overloaded")
    requests.answerAll(
      engine.chance(.faults, 0.5) ? 429 : 503, retryAfter: 1 + engine.index(.faults, below: 20),
      until: engine.now + engine.random(.faults, in: Duration.seconds(5) ... .seconds(60)))
  }

  private func revoke() {
    guard !world.setsRights else { return }
    let writes = ["create", "update", "patch"]
    let all: [(verbs: [String], resource: String?)] = [
      (writes, nil), (["list", "watch"], nil), (["get"], nil), (writes, "deployments"), (writes, "replicasets"),
      (writes, "rollbackevents"), (["list", "watch"], "pods"),
    ]
    let lost = all[engine.index(.faults, below: all.count)]
    engine.trace.note("\(engine.now) operators may not \(lost.verbs) \(lost.resource ?? "anything")")
    world.server.setAuthorizer { user, verb, resource, _, _, _ in
      !ClusterView.isOperator(user) || !lost.verbs.contains(verb)
        || lost.resource.map { $0 != resource.plural } ?? false
    }
    engine.schedule(after: engine.random(.faults, in: Duration.seconds(1) ... .seconds(60))) { [world] in
      world.server.setAuthorizer(nil)
    }
  }

  private func steal() {
    let namespace = "rollback-operator-system"
    guard let lease = world.server.objects(.leases, namespace).first, let name = lease.at("/metadata/name")?.string
    else { return }
    // A lease that is deleted meanwhile cannot be stolen.
    _ = try? world.server.patch(
      .leases, namespace, name, .merge(["spec": ["holderIdentity": .string(Self.thief), "leaseDurationSeconds": 6]]),
      user: Self.thief)
  }
}
