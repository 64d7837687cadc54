import ControllerRuntime
import KubernetesClient
import RollbackCore

/// What is watched of one namespace, or of all of them.
struct CacheScope: Sendable {
  /// `nil`: every namespace.
  var namespace: String?
  var policies: Store<PolicyObject>
  var events: Store<EventObject>
  var deployments: Store<Deployment>
  /// Metadata only: templates are read at the moment of use.
  var replicaSets: Store<ReplicaSetMetadata>

  enum Index {
    static let owner = StoreIndex<ReplicaSetMetadata>.owner.name
    static let namespace = "namespace"
    static let target = "target"
    static let policy = "policy"
    /// Of policies: the workload they name, or their namespace with a slash when they select by labels.
    static let protected = "protected"
  }

  init(namespace: String?) {
    self.namespace = namespace
    policies = Store(indexes: [
      StoreIndex(Index.namespace) { [$0.metadata.namespace ?? ""] },
      StoreIndex(Index.protected) { policy in
        policy.validSpec.map { ["\(policy.metadata.namespace ?? "")/\($0.target.name ?? "")"] } ?? []
      },
    ])
    events = Store(indexes: [
      StoreIndex(Index.target) { [$0.targetName.description] },
      // A person may name the policy without its UID.
      StoreIndex(Index.policy) { event in
        event.spec.policy.map { [$0.uid ?? "\(NamespacedName(namespace: event.metadata.namespace, name: $0.name))"] }
          ?? []
      },
    ])
    deployments = Store(indexes: [StoreIndex(Index.namespace) { [$0.metadata.namespace ?? ""] }])
    replicaSets = Store(indexes: [.owner])
  }

  var isSynced: Bool {
    policies.isSynced && events.isSynced && deployments.isSynced && replicaSets.isSynced
  }

  /// The policies that protect a workload, by name.
  func policies(protecting deployment: Deployment) -> [PolicyObject] {
    let prefix = "\(deployment.metadata.namespace ?? "")/"
    let selecting = policies.byIndex(Index.protected, prefix)
      .filter { $0.validSpec?.target.protects(deployment) ?? false }
    return (policies.byIndex(Index.protected, prefix + deployment.metadata.name) + selecting)
      .sorted { $0.metadata.name < $1.metadata.name }
  }

  func waitUntilSynced() async throws {
    try await policies.waitUntilSynced()
    try await events.waitUntilSynced()
    try await deployments.waitUntilSynced()
    try await replicaSets.waitUntilSynced()
  }
}

/// The pods of one revision of one workload.
struct RevisionPods: Hashable, Sendable {
  var workload: NamespacedName
  var hash: String
}

/// Everything that is cached. Lookups are synchronous and answer from memory.
struct Caches: Sendable {
  var scopes: [CacheScope]
  var pods: WatchSet<RevisionPods, Pod>
  var templates: TemplateCache
  var restarts: RestartLog

  /// The scope that holds a namespace; `nil` for one that is not watched.
  func scope(_ namespace: String) -> CacheScope? {
    scopes.first { $0.namespace == nil || $0.namespace == namespace }
  }

  func deployment(_ name: NamespacedName) -> Deployment? {
    scope(name.namespace)?.deployments.get(name)
  }

  /// Whether both are still there: the very same objects, not others under their names.
  func holds(_ policy: PolicyObject, _ deployment: Deployment) -> Bool {
    let scope = scope(deployment.metadata.namespace ?? "")
    return scope?.policies.get(policy.metadata.namespacedName)?.metadata.uid == policy.metadata.uid
      && scope?.deployments.get(deployment.metadata.namespacedName)?.metadata.uid == deployment.metadata.uid
  }

  /// Whether a ReplicaSet that was read is cached, too.
  func holds(replicaSet: ObjectMeta) -> Bool {
    scope(replicaSet.namespace ?? "")?.replicaSets.get(replicaSet.namespacedName)?.metadata.uid == replicaSet.uid
  }

  /// The policies that protect a workload, by name.
  func policies(protecting deployment: Deployment) -> [PolicyObject] {
    scope(deployment.metadata.namespace ?? "")?.policies(protecting: deployment) ?? []
  }

  /// The workloads a policy protects, by name.
  func targets(of policy: PolicyObject) -> [Deployment] {
    guard let target = policy.validSpec?.target, let scope = scope(policy.metadata.namespace ?? "") else { return [] }
    if let name = target.name {
      return scope.deployments.get(namespace: policy.metadata.namespace, name: name).map { [$0] } ?? []
    }
    return scope.deployments.byIndex(CacheScope.Index.namespace, policy.metadata.namespace ?? "")
      .filter { target.protects($0) }
      .sorted { $0.metadata.name < $1.metadata.name }
  }

  func revisions(of deployment: Deployment) -> [Revision] {
    let owned = scope(deployment.metadata.namespace ?? "")?
      .replicaSets.byIndex(CacheScope.Index.owner, deployment.metadata.uid)
    return (owned ?? []).compactMap { Revision($0.metadata, template: templates[$0.metadata.uid]) }
  }

  func events(target: NamespacedName) -> [EventObject] {
    scope(target.namespace)?.events.byIndex(CacheScope.Index.target, target.description) ?? []
  }

  /// The events that name a policy.
  func events(policy: ObjectMeta) -> [EventObject] {
    guard let events = scope(policy.namespace ?? "")?.events else { return [] }
    return events.byIndex(CacheScope.Index.policy, policy.uid)
      + events.byIndex(CacheScope.Index.policy, "\(policy.namespacedName)")
  }

  /// The pods of a revision, when they are watched, wholly known, and known as they are now (R5).
  func podFacts(_ key: RevisionPods) -> [PodFacts]? {
    guard let store = pods.store(key), store.isCurrent, store.undecodable.isEmpty else { return nil }
    return store.all().map { PodFacts($0, restarts: restarts[$0.metadata.uid, of: key]) }
  }
}

extension Target {
  func protects(_ deployment: Deployment) -> Bool {
    matches(name: deployment.metadata.name) { deployment.metadata.labels[$0] }
  }
}

extension EventObject {
  /// The workload the event is about: always of its own namespace (R7).
  var targetName: NamespacedName { NamespacedName(namespace: metadata.namespace, name: spec.target.name) }
}
