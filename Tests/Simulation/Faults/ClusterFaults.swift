import KubernetesClient
import SimulatedCluster
import Synchronization

/// What happens to a whole process or to the whole control plane, with all that was drawn for it.
public struct ClusterFault: Sendable, CustomStringConvertible {
  enum Kind: Sendable {
    case stop(process: Int, for: Duration)
    case terminate(process: Int)
    case setClock(process: Int, ahead: Duration)
    case compact(dropsWatches: Bool)
    case outage(Duration)
    case storm(code: Int, retryAfter: Int, Duration)
    case revoke(Right, Duration)
    case steal
    /// Every question to a monitor fails, in a way that the number says.
    case blindness(Int, Duration)
  }

  /// What operators may no longer do; without a resource, to none.
  struct Right: Sendable {
    var verbs: [String]
    var resource: String?
  }

  /// Which of those laid down it is, from 0.
  var number: Int
  var time: Duration
  var kind: Kind

  public var description: String { "at \(time): \(kind)" }
}

/// What happens to whole processes and to the whole control plane, at moments that the seed chooses, until it is
/// stopped: processes are stopped, asked to end and given wrong clocks; the API server is away, overloaded, compacted
/// and forgets who may do what; the lease is stolen; monitors fail.
public final class ClusterFaults: Sendable {
  /// Who steals the lease.
  static let thief = "thief"

  private let world: World
  private let requests: RandomFaults
  private let happens: @Sendable (ClusterFault) -> Bool
  private let isActive = Mutex(true)

  private var engine: SimulationEngine { world.engine }

  /// - Parameters:
  ///   - requests: where it is said that nobody reaches the API server.
  ///   - happens: asked when the time of one has come.
  init(_ world: World, requests: RandomFaults, happens: @escaping @Sendable (ClusterFault) -> Bool) {
    self.world = world
    self.requests = requests
    self.happens = happens
  }

  /// Draws what happens, and lays it down.
  ///
  /// - Parameter end: nothing begins after this.
  func lay(until end: Duration) {
    let kinds: [(ClusterFaults) -> ClusterFault.Kind] = [
      { .stop(process: $0.process, for: $0.time(1...90)) }, { .terminate(process: $0.process) },
      { .setClock(process: $0.process, ahead: $0.time(-7_200...7_200)) },
      { .compact(dropsWatches: $0.engine.chance(.faults, 0.5)) }, { .outage($0.time(5...60)) },
      { $0.storm }, { .revoke($0.right, $0.time(1...60)) }, { _ in .steal },
      { .blindness($0.engine.index(.faults, below: 1_000), $0.time(10...300)) },
    ]
    var number = 0
    for kind in kinds where engine.chance(.faults, 0.2) {
      for _ in 0...engine.index(.faults, below: 3) {
        // Half of them when most scenarios have the most to lose.
        let last = engine.chance(.faults, 0.5) ? min(end, .seconds(80)) : end
        let fault = ClusterFault(
          number: number, time: engine.random(.faults, in: .zero...last), kind: kind(self))
        number += 1
        engine.schedule(after: fault.time) { [weak self] in
          guard let self, isActive.withLock({ $0 }), happens(fault) else { return }
          strike(fault.kind)
        }
      }
    }
  }

  /// From now on everything works; what was stopped goes on. Clocks stay as they are.
  func stop() {
    isActive.withLock { $0 = false }
    for process in world.processes where process.isSuspended { process.resume() }
    if !world.setsRights { world.server.setAuthorizer(nil) }
  }

  // MARK: Draws

  private var process: Int { engine.index(.faults, below: max(1, world.processes.count)) }

  private func time(_ seconds: ClosedRange<Double>) -> Duration { .seconds(engine.random(.faults, in: seconds)) }

  private var storm: ClusterFault.Kind {
    .storm(
      code: engine.chance(.faults, 0.5) ? 429 : 503, retryAfter: 1 + engine.index(.faults, below: 20), time(5...60))
  }

  private var right: ClusterFault.Right {
    let writes = ["create", "update", "patch"]
    let all: [(verbs: [String], resource: String?)] = [
      (writes, nil), (["list", "watch"], nil), (["get"], nil), (writes, "deployments"), (writes, "replicasets"),
      (writes, "rollbackevents"), (["list", "watch"], "pods"),
    ]
    let lost = all[engine.index(.faults, below: all.count)]
    return ClusterFault.Right(verbs: lost.verbs, resource: lost.resource)
  }

  // MARK: Strikes

  private func strike(_ kind: ClusterFault.Kind) {
    switch kind {
    case .stop(let process, let time): if let process = self.process(process) { stop(process, for: time) }
    case .terminate(let process): self.process(process)?.terminate()
    case .setClock(let process, let ahead): self.process(process)?.setClock(aheadBy: ahead)
    case .compact(let dropsWatches):
      note("the history is compacted")
      world.server.compact(before: world.server.resourceVersion)
      if dropsWatches { world.server.dropWatches() }
    case .outage(let time):
      note("nobody reaches the API server")
      requests.refuseAll(until: engine.now + time)
      world.server.dropWatches()
    case .storm(let code, let retryAfter, let time):
      note("the API server is overloaded")
      requests.answerAll(code, retryAfter: retryAfter, until: engine.now + time)
    case .revoke(let right, let time): revoke(right, for: time)
    case .steal: steal()
    case .blindness(let choice, let time):
      note("nobody can measure anything")
      requests.blind(choice, until: engine.now + time)
    }
  }

  private func note(_ text: String) { engine.trace.note("\(engine.now) \(text)") }

  private func process(_ number: Int) -> SimulatedProcess? {
    let all = world.processes
    return number < all.count ? all[number] : nil
  }

  private func stop(_ process: SimulatedProcess, for time: Duration) {
    guard !process.isSuspended else { return }
    process.suspend()
    engine.schedule(after: time) {
      if process.isSuspended { process.resume() }
    }
  }

  private func revoke(_ right: ClusterFault.Right, for time: Duration) {
    guard !world.setsRights else { return }
    note("operators may not \(right.verbs) \(right.resource ?? "anything")")
    world.server.setAuthorizer { user, verb, resource, _, _, _ in
      !ClusterView.isOperator(user) || !right.verbs.contains(verb)
        || right.resource.map { $0 != resource.plural } ?? false
    }
    engine.schedule(after: time) { [world] in world.server.setAuthorizer(nil) }
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
