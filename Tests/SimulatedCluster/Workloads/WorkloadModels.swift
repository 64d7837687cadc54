import KubernetesClient
import Synchronization

/// The controllers that make pods of Deployments: models of `kube-controller-manager`'s Deployment and ReplicaSet
/// controllers, of the scheduler and of kubelets.
///
/// They do what the real ones do, in the same writes and the same order, driven by the changes of the API server and by
/// the time that is handed in. One seed decides all of it. Owners' dependants are the API server's to collect.
///
/// Not modelled: nodes, resources, quotas, events.
public final class WorkloadModels: Sendable {
  private let server: SimulatedAPIServer
  private let clock: ModelClock
  private let kubelets: Kubelets
  private let owners = OwnerIndex()
  private let fingerprints = TemplateFingerprints()
  private let settings: Settings
  private let deployments: ControllerQueue
  private let replicaSets: ControllerQueue

  private final class Settings: Sendable {
    let pace = Mutex(Pace.usual)
    let historyOrder = Mutex(HistoryOrder.revision)
  }

  /// - Parameters:
  ///   - schedule: runs the closure after a virtual time, never at once.
  ///   - random: a number from the range.
  public init(
    server: SimulatedAPIServer, schedule: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Void,
    random: @escaping @Sendable (ClosedRange<Double>) -> Double
  ) {
    let clock = ModelClock(now: server.now, schedule: schedule, random: random)
    let settings = Settings()
    let owners = owners
    let fingerprints = fingerprints
    self.server = server
    self.clock = clock
    self.settings = settings
    kubelets = Kubelets(server: server, clock: clock) { settings.pace.withLock { $0 } }
    deployments = ControllerQueue(clock, delay: { settings.pace.withLock(\.deployments) }) { key throws(Refusal) in
      guard let document = server.object(.deployments, key.namespace, key.name) else { return nil }
      let deployment = DeploymentObject(document)
      var sync = DeploymentSync(
        server: server, now: clock.now(), hashes: fingerprints, historyOrder: settings.historyOrder.withLock { $0 },
        deployment: deployment,
        replicaSets: try Claim(server: server, owners: owners, user: DeploymentSync.user)
          .objects(.replicaSets, of: document, .deployments).map(ReplicaSetObject.init),
        pods: { server.children(.pods, of: $0.uid, owners) })
      return try sync.run()
    }
    replicaSets = ControllerQueue(clock, delay: { settings.pace.withLock(\.replicaSets) }) { key throws(Refusal) in
      guard let document = server.object(.replicaSets, key.namespace, key.name) else { return nil }
      let set = ReplicaSetObject(document)
      let sync = ReplicaSetSync(
        server: server, now: clock.now(), set: set,
        pods: try Claim(server: server, owners: owners, user: ReplicaSetSync.user)
          .objects(.pods, of: document, .replicaSets).map(PodObject.init),
        crowd: { server.crowd(around: document, owners) })
      return try sync.run()
    }
  }

  /// How long each controller takes to react. What is under way keeps its time.
  public var pace: Pace {
    get { settings.pace.withLock { $0 } }
    set { settings.pace.withLock { $0 = newValue } }
  }

  /// Which Kubernetes the Deployment controller is of, as far as it matters.
  public var historyOrder: HistoryOrder {
    get { settings.historyOrder.withLock { $0 } }
    set { settings.historyOrder.withLock { $0 = newValue } }
  }

  /// Takes in what is there, and follows every change from then on.
  public func start() {
    for resource in [APIResource.deployments, .replicaSets, .pods] {
      for object in server.objects(resource) {
        let metadata = object["metadata"]
        take(
          Change(
            resourceVersion: 0, verb: .added, resource: resource, namespace: metadata?["namespace"]?.string,
            name: metadata?["name"]?.string ?? "", old: nil, new: object, user: ""))
      }
    }
    // The server is held by the models, which are held by who made them.
    server.observe { [weak self] in self?.take($0) }
  }

  private func take(_ change: Change) {
    switch change.resource {
    case .deployments:
      if change.verb == .deleted { forget(change) } else { deployments.add(Self.key(change)) }
    case .replicaSets:
      owners.take(change)
      takeReplicaSet(change)
    case .pods:
      owners.take(change)
      kubelets.take(change)
      takePod(change)
    default: break
    }
  }

  private func takeReplicaSet(_ change: Change) {
    if change.verb == .deleted {
      forget(change)
    } else if !Self.isOwnReport(change) {
      replicaSets.add(Self.key(change))
    }
    if addOwner(of: change.new, change.namespace, to: deployments) == nil, change.verb != .deleted {
      offer(change, to: .deployments, deployments)
    }
    addFormerOwner(change, to: deployments)
  }

  /// What nobody manages may be for somebody.
  private func offer(_ change: Change, to resource: APIResource, _ queue: ControllerQueue) {
    for owner in server.objects(resource, change.namespace) {
      guard Claim.selects(owner["spec"]?["selector"] ?? .null, change.new) else { continue }
      queue.add(ObjectKey(namespace: change.namespace ?? "", name: owner["metadata"]?["name"]?.string ?? ""))
    }
  }

  private func addFormerOwner(_ change: Change, to queue: ControllerQueue) {
    guard let old = change.old, OwnerIndex.controller(of: old) != OwnerIndex.controller(of: change.new) else { return }
    addOwner(of: old, change.namespace, to: queue)
  }

  /// The ReplicaSet controller learns nothing from its own report.
  private static func isOwnReport(_ change: Change) -> Bool {
    change.user == ReplicaSetSync.user
      && change.old?["metadata"]?["generation"] == change.new["metadata"]?["generation"]
  }

  private func takePod(_ change: Change) {
    addFormerOwner(change, to: replicaSets)
    guard let owner = addOwner(of: change.new, change.namespace, to: replicaSets) else {
      if change.verb != .deleted { offer(change, to: .replicaSets, replicaSets) }
      return
    }
    guard change.verb == .deleted else { return }
    // With the strategy Recreate the Deployment waits for the last pod to be gone.
    if let set = server.object(.replicaSets, change.namespace, owner) {
      addOwner(of: set, change.namespace, to: deployments)
    }
  }

  @discardableResult
  private func addOwner(of object: JSONValue, _ namespace: String?, to queue: ControllerQueue) -> String? {
    guard let owner = OwnerIndex.controllerReference(of: object)?["name"]?.string else { return nil }
    queue.add(ObjectKey(namespace: namespace ?? "", name: owner))
    return owner
  }

  private func forget(_ change: Change) {
    if let uid = change.new["metadata"]?["uid"]?.string { fingerprints.forget(uid) }
  }

  private static func key(_ change: Change) -> ObjectKey {
    ObjectKey(namespace: change.namespace ?? "", name: change.name)
  }
}

extension SimulatedAPIServer {
  fileprivate func children(_ resource: APIResource, of uid: String, _ owners: OwnerIndex) -> [JSONValue] {
    owners.children(of: uid).compactMap { object(resource, $0.namespace, $0.name) }
  }

  /// How many active pods of a ReplicaSet and of its siblings are on each node.
  fileprivate func crowd(around set: JSONValue, _ owners: OwnerIndex) -> [String: Int] {
    let siblings = OwnerIndex.controller(of: set).map { children(.replicaSets, of: $0, owners) } ?? [set]
    var crowd: [String: Int] = [:]
    for sibling in siblings {
      guard let uid = sibling["metadata"]?["uid"]?.string else { continue }
      for pod in children(.pods, of: uid, owners).map(PodObject.init) where pod.isActive {
        crowd[pod.node, default: 0] += 1
      }
    }
    return crowd
  }
}
