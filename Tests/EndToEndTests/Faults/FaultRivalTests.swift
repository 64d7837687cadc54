import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("Several operators on the same policy undo once", .showsLogs, .timeLimitOfQueue)
struct FaultRivalTests {
  static let workloads = ["a", "b", "c", "d"]

  @Test("Without leader election, all of them sending their undo at the same moment", arguments: [2, 3])
  func rivals(count: Int) async throws {
    try await Scene.playBehindProxy { scene, proxy in
      for _ in 0..<count { try await scene.startOperator(through: proxy) }
      for name in Self.workloads {
        try await scene.deploy(Workload(name: name, replicas: 1, labels: ["tier": "rivals"]), waits: false)
      }
      for name in Self.workloads { try await scene.rolledOut(name) }
      try await scene.policy("target: {selector: {matchLabels: {tier: rivals}}}")
      let arrived = Dictionary(uniqueKeysWithValues: Self.workloads.map { ($0, FaultCounter()) })
      proxy.setRule { request in
        guard request.isTemplatePatch, let here = arrived[request.name] else { return .forward }
        here.next()
        // Whoever comes first waits for the others, but not for ever: they may have seen already what it does.
        for _ in 0..<200 where here.value < count { try? await Task.sleep(for: .milliseconds(10)) }
        return .forward
      }
      for name in Self.workloads { try await scene.rollOut(.bad(2), of: name) }
      for name in Self.workloads {
        try await scene.event(.recovered, of: name)
        #expect(try await scene.events(of: name).count == 1)
        #expect(try await scene.version(of: name) == 1)
        #expect(try scene.templatePatches(of: name) == 1, "counted in the audit log")
      }
      let sent = proxy.writes.count(where: \.isTemplatePatch)
      #expect(sent > Self.workloads.count, "they did compete")
    }
  }

  @Test("With leader election, the next one finishes what a killed leader has begun")
  func takeover() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.allowLeases()
      let leader = try await scene.startLeader(through: proxy)
      let next = try await scene.startOperator(through: proxy, arguments: scene.leaderElection)
      try await scene.protect()
      let killed = FaultCounter()
      proxy.setRule { request in
        guard request.isTemplatePatch, killed.next() == 1 else { return .forward }
        await leader.kill()
        return .drop
      }
      try await scene.rollOut(.bad(2))
      try await scene.isAsUndisturbed()
      #expect(leader.exit != nil)
      #expect(next.log.contains("Became leader"))
    }
  }

  @Test("A leader whose lease was taken ends at once with status 1, in the middle of a rollback")
  func leaseTaken() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.allowLeases()
      let leader = try await scene.startLeader(through: proxy)
      try await scene.protect()
      let taken = FaultCounter()
      proxy.setRule { [client = scene.client, namespace = scene.namespace] request in
        guard request.isTemplatePatch, taken.next() == 1 else { return .forward }
        _ = try? await client.patch(
          .leases, namespace: namespace, name: Operator.leaseName,
          .merge(["spec": ["holderIdentity": "thief", "leaseDurationSeconds": 6]]))
        _ = await leader.waitForExit()
        return .drop
      }
      try await scene.rollOut(.bad(2))
      let exit = await leader.waitForExit()
      #expect(exit == .exited(1))
      #expect(leader.log.contains("was taken over by thief"))
      #expect(try scene.templatePatches() == 0)
      // The thief never renews: after six seconds the next one may take over.
      try await scene.startOperator(through: proxy, arguments: scene.leaderElection)
      try await scene.isAsUndisturbed()
    }
  }

  @Test("A leader that cannot renew its lease ends with status 1")
  func leaseNotRenewed() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.allowLeases()
      let leader = try await scene.startLeader(through: proxy, arguments: scene.tightElection)
      proxy.setRule { request in
        if request.path.contains("/leases") { try? await Task.sleep(for: .seconds(60)) }
        return .forward
      }
      let exit = await leader.waitForExit()
      #expect(exit == .exited(1))
      #expect(leader.log.contains("could not be renewed in time; check the connection to the API server"))
    }
  }

  @Test("After SIGTERM the status is 0, the lease is free, and the next one goes on with the rollback")
  func graceful() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.allowLeases()
      let leader = try await scene.startLeader(through: proxy)
      try await scene.protect()
      let sent = FaultCounter()
      proxy.setRule { request in
        guard request.isTemplatePatch, sent.next() == 1 else { return .forward }
        return .forward(after: { leader.send(15) })
      }
      try await scene.rollOut(.bad(2))
      let exit = await leader.waitForExit()
      #expect(exit == .exited(0))
      let lease = try await scene.client.getValue(.leases, namespace: scene.namespace, name: Operator.leaseName)
      #expect(lease.at("/spec/holderIdentity")?.string ?? "" == "")
      let next = try await scene.startOperator(through: proxy, arguments: scene.leaderElection)
      try await eventually("the next one leads") { Progress(next.log.contains("Became leader"), next.logTail) }
      try await scene.isAsUndisturbed()
    }
  }
}

extension Scene {
  /// With the default times of the lease.
  fileprivate var tightElection: [String] {
    ["--leader-election-enabled=true", "--leader-election-namespace", namespace]
  }

  /// With times that a machine keeps on which many tests run at once.
  fileprivate var leaderElection: [String] {
    tightElection + ["--leader-election-lease-duration=15s", "--leader-election-renew-deadline=12s"]
  }

  fileprivate func startLeader(
    through proxy: FaultProxy, arguments: [String]? = nil
  ) async throws -> OperatorInstance {
    let leader = try await startOperator(through: proxy, arguments: arguments ?? leaderElection)
    try await eventually("the first operator leads") { Progress(leader.log.contains("Became leader"), leader.logTail) }
    return leader
  }

  /// Gives the operator's user the right to a lease in the scene's own namespace, so that scenes do not share one.
  fileprivate func allowLeases() async throws {
    let group = "rbac.authorization.k8s.io"
    let roles = APIResource(group: group, version: "v1", plural: "roles", kind: "Role")
    try await client.create(
      roles, namespace: namespace,
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": ["name": "leases"],
        "rules": [
          ["apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]]
        ],
      ])
    try await client.create(
      .roleBindings, namespace: namespace,
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": ["name": "leases"],
        "roleRef": ["apiGroup": .string(group), "kind": "Role", "name": "leases"],
        "subjects": [["kind": "User", "apiGroup": .string(group), "name": .string(World.operatorUser)]],
      ])
  }
}
