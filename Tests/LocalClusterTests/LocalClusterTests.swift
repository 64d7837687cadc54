import FoundationEssentials
import KubernetesClient
import LocalCluster
import Testing

@Suite("A real control plane", .serialized, .timeLimit(.minutes(10)))
struct LocalClusterTests {
  static let crds = ["manifests/crds"]

  static func deployment(_ name: String, replicas: Int = 1, annotations: [String: String] = [:]) -> JSONValue {
    let prefixed = Dictionary(uniqueKeysWithValues: annotations.map { (PodBehaviour.prefix + $0.key, $0.value) })
    return [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
      "spec": [
        "replicas": JSONValue(replicas), "selector": ["matchLabels": ["app": .string(name)]],
        "template": [
          "metadata": ["labels": ["app": .string(name)], "annotations": JSONValue(prefixed)],
          "spec": ["containers": [["name": "app", "image": "example.com/app:1"]]],
        ],
      ],
    ]
  }

  /// Asks until the answer is as wanted.
  static func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(120), _ read: () async throws -> Value?,
    until isWanted: (Value) -> Bool = { _ in true }
  ) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
      let value = try await read()
      if let value, isWanted(value) { return value }
      guard ContinuousClock.now < deadline else { throw NotReached(what: what, last: "\(value as Any)") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  struct NotReached: Error, CustomStringConvertible {
    var what: String
    var last: String
    var description: String { "\(what) was not reached; the last was \(last)" }
  }

  static func pod(of app: String, _ cluster: LocalCluster) async throws -> Pod? {
    let pods = try await cluster.client.list(
      Pod.self, namespace: "default", options: ListOptions(labelSelector: "app=\(app)"))
    return pods.items.first?.object
  }

  @Test("A Deployment becomes available, and each behaviour shows on its pod")
  func behaviours() async throws {
    try await withLocalCluster { cluster in
      let client = cluster.client
      try await client.create(
        .deployments, namespace: "default",
        Self.deployment("good", replicas: 5, annotations: ["ready-after": "500ms"]))
      for kind in PodBehaviour.Kind.allCases where kind != .ready {
        try await client.create(
          .deployments, namespace: "default",
          Self.deployment(kind.rawValue.lowercased(), annotations: ["behaviour": kind.rawValue]))
      }
      try await client.create(
        .deployments, namespace: "default", Self.deployment("later", annotations: ["fail-after": "2s"]))
      _ = try await Self.eventually("5 available replicas") {
        try await client.get(Deployment.self, namespace: "default", name: "good")
      } until: {
        $0.status.availableReplicas == 5
      }
      func container(_ app: String, reason: String) async throws -> ContainerStatus {
        let pod = try await Self.eventually("\(app) in \(reason)") {
          try await Self.pod(of: app, cluster)
        } until: {
          $0.status.containerStatuses.first?.state?.waitingReason == reason
        }
        #expect(pod.status.condition("Ready")?.status == "False")
        return try #require(pod.status.containerStatuses.first)
      }
      let crash = try await container("crashloop", reason: "CrashLoopBackOff")
      #expect(crash.restartCount == 1)
      #expect(crash.lastState?.termination?.exitCode == 1)
      let memory = try await container("oomkilled", reason: "CrashLoopBackOff")
      #expect(memory.lastState?.termination?.reason == "OOMKilled")
      #expect(memory.lastState?.termination?.exitCode == 137)
      _ = try await container("imagepull", reason: "ImagePullBackOff")
      _ = try await container("later", reason: "CrashLoopBackOff")
      let pending = try #require(try await Self.pod(of: "pending", cluster))
      #expect(pending.spec.nodeName.isEmpty)
      #expect(pending.status.condition("PodScheduled")?.reason == "Unschedulable")
      let unready = try #require(try await Self.pod(of: "unready", cluster))
      #expect(unready.status.phase == "Running")
      #expect(unready.status.condition("Ready")?.status == "False")

      try await client.delete(.deployments, namespace: "default", name: "good")
      _ = try await Self.eventually("no pods") {
        try await Self.pod(of: "good", cluster) == nil ? true : nil
      }
    }
  }

  @Test("Several clusters run at once and do not see each other")
  func several() async throws {
    async let one = withLocalCluster(nodes: 1) { cluster in (cluster.address, try await Self.nodeCount(cluster)) }
    async let other = withLocalCluster(nodes: 2) { cluster in (cluster.address, try await Self.nodeCount(cluster)) }
    let (first, second) = try await (one, other)
    #expect(first.0 != second.0)
    #expect(first.1 == 1)
    #expect(second.1 == 2)
  }

  static func nodeCount(_ cluster: LocalCluster) async throws -> Int {
    try await cluster.client.list(Node.self).items.count
  }

  @Test("Servers can be killed, restarted, frozen and compacted, and keep their data")
  func control() async throws {
    try await withLocalCluster(nodes: 0) { cluster in
      let client = cluster.client
      let before = try await client.create(
        .configMaps, namespace: "default", ["metadata": ["name": "kept"], "data": ["a": "1"]])
      try await cluster.compactHistory()
      await cluster.apiServer.kill()
      #expect(cluster.apiServer.processID == nil)
      await cluster.etcd.kill()
      try await cluster.etcd.start()
      try await cluster.apiServer.start()
      let after = try await client.getValue(.configMaps, namespace: "default", name: "kept")
      #expect(after["metadata"]?["uid"] == before["metadata"]?["uid"])

      cluster.apiServer.suspend()
      let deadline = ContinuousClock.now + .seconds(1)
      let answered = try? await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask { try await client.exists(.configMaps, namespace: "default", name: "kept") }
        group.addTask {
          try await Task.sleep(until: deadline)
          return false
        }
        defer { group.cancelAll() }
        return try await group.next()
      }
      #expect(answered == false)
      cluster.apiServer.resume()
      #expect(try await client.exists(.configMaps, namespace: "default", name: "kept"))
    }
  }

  @Test("Certificates are rotated, and clients with the former authority's certificate are refused")
  func rotation() async throws {
    try await withLocalCluster(nodes: 0) { cluster in
      let old = try cluster.issueClientCertificate(commonName: "somebody", organizations: ["system:masters"])
      try await cluster.rotateCertificateAuthority(keepingOldTrust: true)
      #expect(try await Self.status(of: old, cluster) == nil)
      try await cluster.rotateCertificateAuthority(keepingOldTrust: false)
      #expect(try await Self.status(of: old, cluster) == .unauthorized)
      let expired = try cluster.issueClientCertificate(commonName: "late", validFor: .seconds(-60))
      #expect(try await Self.status(of: expired, cluster) != nil)
      let stranger = try cluster.issueClientCertificate(commonName: "stranger")
      #expect(try await Self.status(of: stranger, cluster) == .forbidden)
    }
  }

  /// The error code that a client with this certificate gets; `nil` if it is served.
  static func status(of credentials: CertificateAndKey, _ cluster: LocalCluster) async throws -> KubernetesError.Code? {
    let path = "\(cluster.folder)/kubeconfigs/test"
    try cluster.writeKubeconfig(to: path, user: "test", credentials: credentials)
    return try await cluster.withClient(kubeconfig: path) { client in
      do {
        _ = try await client.list(Node.self)
        return nil
      } catch let error as KubernetesError {
        return error.code
      }
    }
  }

  @Test("The audit log tells who wrote what")
  func audit() async throws {
    try await withLocalCluster(nodes: 0) { cluster in
      let client = cluster.client
      try await client.create(.deployments, namespace: "default", Self.deployment("a"))
      try await client.patch(
        .deployments, namespace: "default", name: "a",
        .merge(["spec": ["template": ["metadata": ["annotations": ["b": "c"]]]]]))
      try await client.patch(
        .deployments, namespace: "default", name: "a", .merge(["metadata": ["labels": ["d": "e"]]]))
      let patches = try await Self.eventually("two patches in the audit log") {
        try cluster.auditEvents().filter { $0.verb == "patch" && $0.user == "admin" && $0.resource == "deployments" }
      } until: {
        $0.count == 2
      }
      #expect(patches.filter(\.isTemplatePatch).count == 1)
    }
  }

  @Test("Custom resources with CEL rules are served")
  func customResources() async throws {
    let binaries = try await KubernetesBinaries.locate()
    try await withLocalCluster(LocalCluster.Options(binaries: binaries), nodes: 0, crds: Self.crds) { cluster in
      let policies = try await cluster.client.discovery.resolve(group: "rollback-operator.io", kind: "RollbackPolicy")
      #expect(try await cluster.client.listValues(policies).isEmpty)
      #expect(
        cluster.capabilities.validatesCustomResourcesWithCEL
          == (binaries.hasCustomResourceServer || binaries.version >= KubernetesVersion(major: 1, minor: 25)))
    }
  }
}
