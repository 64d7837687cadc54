public import ControllerRuntime
import FoundationEssentials
public import KubernetesClient
public import Logging
import RollbackCore
public import ServiceLifecycle

/// The composition root: one place that can be read as the list of what runs.
///
/// Only transports, clock and names come from outside, so that a test runs the very same parts on an in-memory API
/// server.
public struct Operator: Sendable {
  /// The three ways to the API server; separate, so that none starves another.
  public struct Clients: Sendable {
    public var watches: KubernetesClient
    public var requests: KubernetesClient
    public var lease: KubernetesClient

    public init(watches: KubernetesClient, requests: KubernetesClient, lease: KubernetesClient) {
      self.watches = watches
      self.requests = requests
      self.lease = lease
    }
  }

  /// Who this process is.
  public struct Identity: Sendable {
    /// Unique to this process, for the Lease.
    public var holder: String
    /// Namespace of the Lease.
    public var namespace: String

    /// The Pod, when this process runs in one; its Lease otherwise.
    public var reference: ObjectReference

    /// - Parameter pod: name and UID of the Pod that this process runs in.
    public init(holder: String, namespace: String, pod: (name: String, uid: String)? = nil) {
      self.holder = holder
      self.namespace = namespace
      let resource = pod == nil ? APIResource.leases : .pods
      reference = ObjectReference(
        apiVersion: resource.apiVersion, kind: resource.kind, namespace: namespace,
        name: pod?.name ?? Operator.leaseName, uid: pod?.uid ?? "")
    }
  }

  /// Name of the Lease.
  public static let leaseName = "rollback-operator"

  /// Handlers that run at once; most of their time is spent waiting for the API server.
  static let workers = 16

  /// `nil` when no Lease is held.
  public let elector: LeaderElector?
  /// In the order in which they start; they end in reverse.
  public let services: [any Service]
  let caches: Caches
  let queue: WorkQueue<WorkKey>

  public init(
    configuration: OperatorConfiguration, clients: Clients, identity: Identity, metrics: OperatorMetrics,
    outbound: any OutboundTransport, serviceDirectory: (any ServiceDirectory)? = nil,
    certificateExpiry: @escaping @Sendable () -> CertificateExpiry? = { nil }, logger: Logger
  ) {
    // What is judged by time is judged by the clock that gave the times: the API server's. This client asks it
    // something every few seconds.
    let clock = clients.watches.serverClock
    let queue = WorkQueue<WorkKey>(name: "rollback", clock: clock, logger: logger)
    let tracker = WriteTracker(clock: clock)
    let memories = TargetMemories()
    let templates = TemplateCache()
    let restarts = RestartLog()
    let samples = SampleBook()
    let (breaches, undone) = (BreachRegister(limits: configuration.sharedCause.limits), UndoneTemplates())
    let freeze = FreezeReader(client: clients.requests, namespace: identity.namespace, clock: clock)
    let router = ChangeRouter(
      queue: queue, templates: templates, restarts: restarts, memories: memories, samples: samples,
      breaches: breaches, undone: undone, metrics: metrics, clock: clock)
    let pods = WatchSet<RevisionPods, Pod>(
      clock: clock, logger: logger,
      watcher: { key in
        clients.watches.watcher(
          Pod.self, namespace: key.workload.namespace, labelSelector: "pod-template-hash=\(key.hash)",
          options: WatchOptions(afterInterruption: .list))
      },
      onChange: { key, change in router.pod(change, of: key) })
    let namespaces = configuration.namespaces.isEmpty ? [nil] : configuration.namespaces.map { $0 as String? }
    let scopes = namespaces.map { CacheScope(namespace: $0) }
    let caches = Caches(scopes: scopes, pods: pods, templates: templates, restarts: restarts)
    let elector = Self.elector(configuration, clients, identity, clock: clock, logger: logger)
    // A process that was stopped for a while may find itself between a decision and its write: without the lease
    // nothing is sent any more. Of its own certificate a replica warns also while it stands by.
    let writer = clients.requests.writing(while: { elector?.isLeading ?? true })
    let recorders = [writer, clients.requests].map { client in
      EventRecorder(
        client: client, component: "rollback-operator", instance: identity.holder, clock: clock, logger: logger)
    }
    let sampler = Sampler(
      book: samples,
      reader: SampleReader(
        configuration, outbound: outbound, services: serviceDirectory, client: clients.requests, writer: writer,
        clock: clock),
      clock: clock, logger: logger, onSample: { queue.add(.workload($0), .evaluate) })
    let controllers = Self.controllers(
      client: writer, caches: caches, memories: memories, sampler: sampler,
      arming: TriggerArming(administratorSources: Set(configuration.sources.map(\.name))), breaches: breaches,
      freeze: freeze, undone: undone, tracker: tracker,
      announcer: Announcer(recorder: recorders[0], subject: identity.reference), queue: queue, metrics: metrics,
      clock: clock, logger: logger)
    var services: [any Service] = elector.map { [$0] } ?? []
    services += recorders
    services.append(
      CertificateMonitor(
        expiry: certificateExpiry, subject: identity.reference, metrics: metrics, recorder: recorders[1], clock: clock,
        logger: logger))
    services.append(LivenessService(liveness: clients.watches.watchLiveness))
    for scope in scopes {
      services += Self.reflectors(scope, clients: clients, router: router, clock: clock, logger: logger)
    }
    services += [pods, sampler]
    services.append(
      WorkerService(
        queue: queue, caches: caches, elector: elector, workload: controllers.workload, policy: controllers.policy,
        logger: logger))
    self.elector = elector
    self.services = services
    self.caches = caches
    self.queue = queue
  }

  /// What `/readyz` asks. A replica that waits for the lease is ready: it takes over at once.
  public var readinessChecks: [ReadinessCheck] {
    let scopes = caches.scopes
    let caches = ReadinessCheck("caches") {
      scopes.allSatisfy(\.isSynced) ? .ready : .notReady("the first lists from the API server are not complete")
    }
    guard let elector else { return [caches] }
    return [caches, ReadinessCheck("lease") { .readyAnd(elector.isLeading ? "leading" : "standing by") }]
  }

  private static func elector(
    _ configuration: OperatorConfiguration, _ clients: Clients, _ identity: Identity, clock: any RuntimeClock,
    logger: Logger
  ) -> LeaderElector? {
    let election = configuration.leaderElection
    guard election.enabled else { return nil }
    let namespace = election.namespace.isEmpty ? identity.namespace : election.namespace
    return LeaderElector(
      lock: KubernetesLeaseLock(client: clients.lease, namespace: namespace, name: leaseName),
      identity: identity.holder,
      timing: LeaderElectionTiming(
        leaseDuration: .milliseconds(election.leaseDuration.milliseconds),
        renewDeadline: .milliseconds(election.renewDeadline.milliseconds),
        retryPeriod: .milliseconds(election.retryPeriod.milliseconds)),
      clock: clock, logger: logger)
  }

  private static func reflectors(
    _ scope: CacheScope, clients: Clients, router: ChangeRouter, clock: any RuntimeClock, logger: Logger
  ) -> [any Service] {
    let client = clients.watches
    return [
      Reflector(
        client.watcher(PolicyObject.self, namespace: scope.namespace), into: scope.policies, clock: clock,
        logger: logger, onChange: { router.policy($0, in: scope) }),
      Reflector(
        client.watcher(EventObject.self, namespace: scope.namespace), into: scope.events, clock: clock, logger: logger,
        onChange: { router.event($0, in: scope) }),
      Reflector(
        client.watcher(Deployment.self, namespace: scope.namespace), into: scope.deployments, clock: clock,
        logger: logger, onChange: { router.deployment($0, in: scope) }),
      Reflector(
        client.watcher(ReplicaSetMetadata.self, namespace: scope.namespace), into: scope.replicaSets, clock: clock,
        logger: logger, onChange: { router.replicaSet($0, in: scope) }),
    ]
  }

  private static func controllers(
    client: KubernetesClient, caches: Caches, memories: TargetMemories, sampler: Sampler, arming: TriggerArming,
    breaches: BreachRegister, freeze: FreezeReader, undone: UndoneTemplates, tracker: WriteTracker,
    announcer: Announcer,
    queue: WorkQueue<WorkKey>, metrics: OperatorMetrics, clock: any RuntimeClock, logger: Logger
  ) -> (workload: WorkloadController, policy: PolicyController) {
    let gatherer = Gatherer(
      caches: caches, memories: memories, samples: sampler.book, breaches: breaches, freeze: freeze, undone: undone,
      clock: clock)
    let reader = LiveReader(
      client: client, cache: caches.templates, freeze: freeze, isWatched: { caches.holds(replicaSet: $0) })
    let journal = EventJournal(client: client, tracker: tracker)
    let verdicts = VerdictWriter(client: client, tracker: tracker, clock: clock)
    let executor = RollbackExecutor(
      client: client, caches: caches, gatherer: gatherer, reader: reader, journal: journal,
      unsettled: UnsettledUndos(), verdicts: verdicts,
      announcer: announcer, tracker: tracker, clock: clock, metrics: metrics, logger: logger)
    let workload = WorkloadController(
      caches: caches, gatherer: gatherer, reader: reader, journal: journal, executor: executor, verdicts: verdicts,
      memories: memories, sampler: sampler, breaches: breaches, freeze: freeze,
      arming: arming, tracker: tracker, clock: clock, logger: logger,
      statusChanged: { queue.add(.policy($0), .housekeeping) })
    let policy = PolicyController(
      client: client, caches: caches, memories: memories, tracker: tracker, contention: StatusContention(),
      clock: clock, metrics: metrics, logger: logger, reassess: { queue.add(.workload($0), .evaluate) })
    return (workload, policy)
  }
}

/// Notices dead watch connections.
private struct LivenessService: Service, CustomStringConvertible {
  var liveness: WatchLiveness

  var description: String { "WatchLiveness" }

  func run() async {
    await cancelWhenGracefulShutdown { await liveness.run() }
  }
}

/// Works the queue off, once the stores are whole and the lease is held.
private struct WorkerService: Service, CustomStringConvertible {
  var queue: WorkQueue<WorkKey>
  var caches: Caches
  var elector: LeaderElector?
  var workload: WorkloadController
  var policy: PolicyController
  var logger: Logger

  var description: String { "Workers" }

  func run() async throws {
    try await withGracefulShutdownHandler {
      do {
        // The elector ends after the workers: who stands by must not wait for it to say that it will never lead.
        try await cancelWhenGracefulShutdown { try await waitUntilWanted() }
      } catch is CancellationError {
        return
      }
      await queue.run(workers: Operator.workers) { await handle($0) }
    } onGracefulShutdown: {
      queue.shutDown()
    }
  }

  private func waitUntilWanted() async throws {
    for scope in caches.scopes { try await scope.waitUntilSynced() }
    logger.info("Caches are whole")
    guard let elector else { return }
    try await elector.waitUntilLeading()
    logger.info("Leading")
  }

  private func handle(_ key: WorkKey) async -> WorkOutcome {
    // Without the lease the process is about to end, and whoever holds it does the work.
    guard elector?.isLeading ?? true else { return .settled }
    switch key {
    case .workload(let name): return await workload.reconcile(name)
    case .policy(let name): return await policy.reconcile(name)
    }
  }
}
