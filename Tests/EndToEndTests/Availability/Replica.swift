import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

/// One of several operators with the same lease. Each has a client certificate of its own, so that the API server's
/// audit log tells them apart.
struct Replica: Sendable {
  static let prefix = "operator-"
  /// All replicas belong to it, and its are the rights.
  static let group = "rollback-operators"

  var user: String
  var instance: OperatorInstance

  /// Waits for its end.
  ///
  /// - Returns: how it ended, and when that was seen.
  func ended() async -> (exit: String, at: Date) {
    let exit = await instance.waitForExit()
    return ("\(exit)", Date())
  }
}

/// The replicas of one scene. The first leads, and knows the API server only through the proxy.
struct Replicas: Sendable {
  /// As the operator is configured when nothing is said.
  static let leaseDuration = 6.0
  static let renewDeadline = 4.0
  static let retryPeriod = 1.0
  /// What a busy machine may add to a time that is asserted from above.
  static let slack = 3.0

  var leader: Replica
  var others: [Replica]
  var proxy: FaultProxy
}

extension Scene {
  /// Sets a scene with some operators and one lease, of which the first holds it and the others stand by.
  ///
  /// - Parameter environment: of the replica of this number, from 1.
  static func playReplicas(
    _ count: Int, environment: (Scene, Int) async throws -> [String: String] = { _, _ in [:] },
    _ body: (Scene, Replicas) async throws -> Void
  ) async throws {
    try await play(startsOperator: false) { scene in
      try await scene.grantReplicas()
      let first = try scene.kubeconfig(ofReplica: 1)
      try await FaultProxy.run(before: scene.world.cluster, as: first) { proxy in
        let text = try String(contentsOfFile: first, encoding: .utf8)
        let path = "\(first).proxy"
        try text.replacing(scene.world.cluster.address, with: proxy.address).write(
          toFile: path, atomically: true, encoding: .utf8)
        let leader = try await scene.startReplica(
          1, kubeconfig: path, environment: environment(scene, 1))
        try await scene.leads(leader)
        var others: [Replica] = []
        for number in 2...count {
          others.append(
            try await scene.startReplica(
              number, kubeconfig: scene.kubeconfig(ofReplica: number), environment: environment(scene, number)))
        }
        try await body(scene, Replicas(leader: leader, others: others, proxy: proxy))
      }
    }
  }

  /// Starts an operator that takes part in the election, and waits until it is ready: to lead or to stand by.
  func startReplica(
    _ number: Int, kubeconfig: String, environment: [String: String] = [:]
  ) async throws -> Replica {
    let name = "\(Replica.prefix)\(number)"
    let instance = try await startOperator(
      arguments: [
        "--leader-election-enabled=true", "--leader-election-namespace", namespace,
        // Several releases are bad at once on purpose.
        "--shared-cause-min-targets", "1000",
      ], kubeconfig: kubeconfig,
      environment: environment.merging(["HOSTNAME": name]) { $1 })
    return Replica(user: name, instance: instance)
  }

  /// Waits until one of the replicas holds the lease, by the API server's word.
  @discardableResult
  func leads(_ replicas: Replica..., within limit: Duration = .seconds(60)) async throws -> Replica {
    try await leads(anyOf: replicas, within: limit)
  }

  @discardableResult
  func leads(anyOf replicas: [Replica], within limit: Duration = .seconds(60)) async throws -> Replica {
    try await eventually("one of \(replicas.map(\.user)) leads", within: limit) {
      guard let lease = try await client.valueIfThere(.leases, namespace: namespace, name: Operator.leaseName) else {
        return nil
      }
      let holder = lease.at("/spec/holderIdentity")?.string ?? ""
      return replicas.first { holder.hasPrefix("\($0.user)_") }
    }
  }

  /// Writes the kubeconfig of a replica with a certificate of its own.
  func kubeconfig(ofReplica number: Int) throws -> String {
    let user = "\(Replica.prefix)\(number)"
    let path = "\(folder)/\(user).kubeconfig"
    let credentials = try world.cluster.issueClientCertificate(commonName: user, organizations: [Replica.group])
    try world.cluster.writeKubeconfig(to: path, user: user, credentials: credentials)
    return path
  }

  /// Gives replicas in this namespace the rights of the manifests, those to the lease included.
  fileprivate func grantReplicas() async throws {
    let group = "rbac.authorization.k8s.io"
    let roles = APIResource(group: group, version: "v1", plural: "roles", kind: "Role")
    let election = try #require(
      try Manifest.objects(at: "\(Tool.checkout)/manifests/10-rbac.yaml").first { $0["kind"]?.string == "Role" })
    var role = election
    role["metadata"] = ["name": "leases"]
    try await client.create(roles, namespace: namespace, role)
    for (name, kind) in [("rollback-operator", "ClusterRole"), ("leases", "Role")] {
      try await client.create(
        .roleBindings, namespace: namespace,
        [
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
          "metadata": ["name": .string("replicas-\(name)")],
          "roleRef": ["apiGroup": .string(group), "kind": .string(kind), "name": .string(name)],
          "subjects": [["kind": "Group", "apiGroup": .string(group), "name": .string(Replica.group)]],
        ])
    }
  }

  /// Several workloads that run version 1 well, and one policy for all of them.
  func protect(all names: [String]) async throws {
    for name in names {
      try await deploy(Workload(name: name, replicas: 1, labels: ["tier": "shop"]), waits: false)
    }
    for name in names { try await rolledOut(name) }
    try await policy("target: {selector: {matchLabels: {tier: shop}}}")
  }

  /// The rollback has ended as one that nothing disturbed, with one change of the template by whomever.
  func isUndoneOnce(_ name: String = "web", sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let event = try await event(.recovered, of: name, within: .seconds(150), sourceLocation: sourceLocation)
    #expect(try await events(of: name).count == 1, "one story", sourceLocation: sourceLocation)
    #expect(event.status.from?.revision == 2 && event.status.to?.revision == 1, sourceLocation: sourceLocation)
    #expect(event.status.steps?.map(\.state) == [.done], sourceLocation: sourceLocation)
    #expect(try await version(of: name) == 1, sourceLocation: sourceLocation)
    #expect(try await verdict(2, of: name) == "Bad", sourceLocation: sourceLocation)
    // Made, rolled out, undone: the API server counts every change of a specification.
    #expect(try await generation(of: name) == 3, "exactly one undo", sourceLocation: sourceLocation)
  }
}

extension KubernetesClient {
  fileprivate func valueIfThere(
    _ resource: APIResource, namespace: String, name: String
  ) async throws -> JSONValue? {
    do throws(KubernetesError) {
      return try await getValue(resource, namespace: namespace, name: name)
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
  }
}
