public import KubernetesClient

/// Where the lease of an election lives.
public protocol LeaseLock: Sendable {
  /// For logs: `namespace/name`.
  var name: NamespacedName { get }

  /// - Throws: `.notFound` when there is no lease yet.
  func read() async throws(KubernetesError) -> LeaseSnapshot

  /// - Throws: `.alreadyExists` when somebody was faster.
  func create(_ object: JSONValue) async throws(KubernetesError) -> LeaseSnapshot

  /// - Parameter object: carries the resource version it was read with.
  /// - Throws: `.conflict` when the lease was changed since.
  func update(_ object: JSONValue) async throws(KubernetesError) -> LeaseSnapshot
}

/// A Lease object of `coordination.k8s.io/v1`.
public struct KubernetesLeaseLock: LeaseLock {
  public var name: NamespacedName
  private let client: KubernetesClient

  /// - Parameter client: should have a connection of its own, so that no other traffic delays a renewal.
  public init(client: KubernetesClient, namespace: String, name: String) {
    self.client = client
    self.name = NamespacedName(namespace: namespace, name: name)
  }

  /// One GET.
  public func read() async throws(KubernetesError) -> LeaseSnapshot {
    LeaseSnapshot(object: try await client.getValue(.leases, namespace: name.namespace, name: name.name))
  }

  /// One POST.
  public func create(_ object: JSONValue) async throws(KubernetesError) -> LeaseSnapshot {
    LeaseSnapshot(object: try await client.create(.leases, namespace: name.namespace, object))
  }

  /// One PUT; the object's resource version is the optimistic lock.
  public func update(_ object: JSONValue) async throws(KubernetesError) -> LeaseSnapshot {
    LeaseSnapshot(object: try await client.replace(.leases, namespace: name.namespace, name: name.name, object))
  }
}
