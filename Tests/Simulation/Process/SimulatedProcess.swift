import ControllerRuntime
import KubernetesClient
import Logging
import RollbackOperator
import ServiceLifecycle
public import SimulatedCluster
import Synchronization

/// One operator process: its real composition root, on a simulated machine that can lose it at any moment.
public final class SimulatedProcess: Sendable {
  /// How a life of the process ended.
  public enum Exit: Sendable, Equatable {
    case killed
    /// After SIGTERM, with status 0.
    case finished
    /// With status 1, because another leads.
    case lostLease
    /// With status 1.
    case failed(String)
  }

  private struct State {
    var life = 0
    var isRunning = false
    var requests = 0
    var writes = 0
    /// Questions to others than the API server.
    var questions = 0
    var task: Task<Void, Never>?
    var group: ServiceGroup?
    var exits: [Exit] = []
    var trespasses: [String] = []
    /// The newest state that this life has asked for, by list and watch.
    var known: [String: UInt64] = [:]
    var setbacks: [String] = []
  }

  public let name: String
  public let engine: SimulationEngine
  public let server: SimulatedAPIServer
  /// Who it is towards the API server.
  public let user: String
  let faults: any FaultSource
  private let metrics: MetricWorld?
  private let configuration: OperatorConfiguration
  private let clock: SimulatedClock
  private let skew: SimulatedClock.Skew
  /// The time after which a process that ended by itself or was killed is started again; `nil`: never.
  private let restartDelay: Duration?
  private let machine: Machine
  private let state = Mutex(State())

  /// - Parameters:
  ///   - leaderElection: whether it holds a Lease.
  ///   - skew: how far its wall clock is ahead.
  ///   - metrics: what it may ask beside the API server; `nil`: nobody is there.
  public init(
    _ name: String, engine: SimulationEngine, server: SimulatedAPIServer, faults: any FaultSource = NoFaults(),
    metrics: MetricWorld? = nil, leaderElection: Bool = false, skew: Duration = .zero,
    restartDelay: Duration? = .seconds(2)
  ) {
    self.name = name
    self.engine = engine
    self.server = server
    self.faults = faults
    self.metrics = metrics
    self.restartDelay = restartDelay
    user = "system:serviceaccount:rollback-operator-system:\(name)"
    var configuration = OperatorConfiguration()
    configuration.leaderElection.enabled = leaderElection
    if metrics != nil { configuration.sources = Self.sources }
    self.configuration = configuration
    self.skew = SimulatedClock.Skew(skew)
    clock = SimulatedClock(engine, skew: self.skew)
    machine = Machine(engine)
    machine.fault = { faults.pieceFault(of: name) }
    machine.crash = { [weak self] in self?.kill() }
  }

  /// Which life it is in: 0 before the first.
  public var life: Int { state.withLock { $0.life } }
  public var isRunning: Bool { state.withLock { $0.isRunning } }
  /// Whether it is stopped by ``suspend()``.
  public var isSuspended: Bool { machine.isFrozen }
  /// How its lives have ended.
  public var exits: [Exit] { state.withLock { $0.exits } }
  /// Writes that were sent, over all lives.
  public var writes: Int { state.withLock { $0.writes } }
  public var requests: Int { state.withLock { $0.requests } }
  /// Questions to others than the API server, over all lives.
  public var questions: Int { state.withLock { $0.questions } }
  /// Writes that were sent while the Lease named another.
  public var trespasses: [String] { state.withLock { $0.trespasses } }
  /// Lists that were asked for and could have been older than what had been seen.
  public var setbacks: [String] { state.withLock { $0.setbacks } }

  // MARK: Life and death

  public func start() {
    let life = state.withLock { state in
      state.life += 1
      state.isRunning = true
      state.known = [:]
      return state.life
    }
    note("starts")
    let handler: any LogHandler = engine.trace.takesLogs ? TraceLogHandler(name, engine) : SwiftLogNoOpLogHandler()
    let logger = Logger(label: name) { _ in handler }
    let clients = ["watch", "request", "lease"].map { purpose in
      KubernetesClient(
        transport: SimulatedTransport(process: self, life: life, purpose: purpose), clock: clock, logger: logger,
        userAgent: name)
    }
    let outbound: any OutboundTransport =
      metrics.map { SimulatedOutbound(process: self, life: life, metrics: $0) } ?? NoOutboundTransport()
    let parts = Operator(
      configuration: configuration,
      clients: Operator.Clients(watches: clients[0], requests: clients[1], lease: clients[2]),
      identity: Operator.Identity(holder: "\(name)_\(life)", namespace: "rollback-operator-system"),
      metrics: OperatorMetrics(), outbound: outbound, logger: logger)
    let group = ServiceGroup(services: parts.services, logger: logger)
    let task = machine.spawn { [self] in
      do {
        try await group.run()
        ended(life, .finished)
      } catch is LeadershipLost {
        ended(life, .lostLease)
      } catch {
        ended(life, .failed("\(error)"))
      }
    }
    state.withLock { state in
      guard state.life == life, state.isRunning else { return }
      state.task = task
      state.group = group
    }
  }

  /// SIGKILL: nothing that this life does reaches anybody any more.
  ///
  /// - Parameter forGood: it is not started again.
  public func kill(forGood: Bool = false) {
    let task = state.withLock { state -> Task<Void, Never>? in
      guard state.isRunning else { return nil }
      state.life += 1
      state.isRunning = false
      state.exits.append(.killed)
      return state.task.take()
    }
    guard let task else { return }
    note("was killed")
    machine.thaw()
    task.cancel()
    if !forGood { startAgain() }
  }

  /// SIGSTOP, until ``resume()``: it does nothing while the world goes on.
  public func suspend() {
    note("is stopped")
    machine.freeze()
  }

  /// SIGCONT.
  public func resume() {
    note("goes on")
    machine.thaw()
  }

  /// Sets its wall clock.
  public func setClock(aheadBy skew: Duration) {
    note("has a clock that is \(skew) ahead")
    self.skew.value = skew
  }

  /// SIGTERM; who has not ended in the time that it gives itself is killed.
  public func terminate() {
    let (life, group) = state.withLock { ($0.life, $0.isRunning ? $0.group : nil) }
    guard let group else { return }
    note("is asked to end")
    _ = machine.spawn { await group.triggerGracefulShutdown() }
    engine.schedule(after: OperatorProcess.shutdownLimit) { [weak self] in
      guard let self, self.life == life else { return }
      kill()
    }
  }

  private func ended(_ life: Int, _ exit: Exit) {
    let isCurrent = state.withLock { state -> Bool in
      guard state.life == life, state.isRunning else { return false }
      state.isRunning = false
      state.life += 1
      state.exits.append(exit)
      state.task = nil
      return true
    }
    guard isCurrent else { return }
    note("ended: \(exit)")
    startAgain()
  }

  private func startAgain() {
    guard let restartDelay else { return }
    engine.schedule(after: restartDelay) { [weak self] in
      guard let self, !isRunning else { return }
      start()
    }
  }

  // MARK: Requests

  func count(_ request: TransportRequest) -> RequestPoint {
    state.withLock { state in
      defer {
        state.requests += 1
        if request.isWrite { state.writes += 1 }
      }
      return RequestPoint(
        process: name, number: state.requests, write: request.isWrite ? state.writes : nil, method: request.method,
        path: request.path)
    }
  }

  func count(_ request: OutboundRequest, _ kind: MetricSourceKind) -> OutboundPoint {
    state.withLock { state in
      defer { state.questions += 1 }
      return OutboundPoint(
        process: name, number: state.questions, kind: kind,
        address: "\(request.url)\(request.url.pathAndQuery.prefix { $0 != "?" })")
    }
  }

  /// What an administrator configures for all policies.
  private static var sources: [MetricSource] {
    guard let url = try? OutboundURL("http://\(MetricWorld.prometheusHost):9090") else { return [] }
    return [MetricSource(name: MetricSource.defaultName, prometheus: .init(address: url))]
  }

  /// Who leads may write, and nobody else from the moment on at which another may take the Lease.
  func checkLease(_ request: TransportRequest, life: Int) {
    guard configuration.leaderElection.enabled else { return }
    let lease = server.object(.leases, "rollback-operator-system", Operator.leaseName)
    let holder = lease?.at("/spec/holderIdentity")?.string ?? ""
    // Of a thief, who takes a lease that has not run out, nobody can know at once.
    guard holder != "\(name)_\(life)", holder != ClusterFaults.thief else { return }
    state.withLock { state in
      state.trespasses.append("\(name)_\(life) sent \(request.method) \(request.path) while \(holder) held the lease")
    }
  }

  /// What was seen is never taken back: a list is at least as new as the watch before it (kubernetes#67998).
  ///
  /// Of the pods of a revision nothing is known: their watches come and go, and one that was released may go on for a
  /// moment beside its successor.
  func checkAge(_ request: TransportRequest) {
    let parts = request.path.split(separator: "?", maxSplits: 1)
    let query = parts.last?.split(separator: "&") ?? []
    guard !query.contains(where: { $0.hasPrefix("labelSelector=") }) else { return }
    let value = query.first { $0.hasPrefix("resourceVersion=") }?.dropFirst("resourceVersion=".count)
    guard let asked = value.flatMap({ UInt64($0) }) else { return }
    let what = String(parts[0])
    state.withLock { state in
      if let known = state.known[what], asked < known, query.contains("resourceVersionMatch=NotOlderThan") {
        state.setbacks.append("\(what) as of \(asked) or later, after \(known) had been seen")
      }
      state.known[what] = max(state.known[what] ?? 0, asked)
    }
  }

  func note(_ text: String, matters: Bool = true) {
    engine.trace.note("\(engine.now) \(name) \(text)", matters: matters)
  }
}
