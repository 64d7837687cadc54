import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("Workloads that come and go leave nothing behind", .showsLogs, .timeLimitOfQueue)
struct ChurnTests {
  static let waves = 10
  static let waveSize = 100
  static let policy = "target: {selector: {matchLabels: {churn: \"yes\"}}}"

  @Test("After a thousand Deployments the operator is as large as after the first two hundred")
  func thousand() async throws {
    try await Scene.play { scene in
      let instance = try scene.lastOperator
      try await scene.policy(Self.policy)
      let start = try await OperatorReading(of: instance)
      #expect(start.connections >= 4, "the watches are connections: \(start)")
      for wave in 0..<2 { try await Self.play(wave, scene) }
      let warm = try await Self.rested(instance, like: start)
      for wave in 2..<Self.waves { try await Self.play(wave, scene) }
      let end = try await Self.rested(instance, like: start)

      // Allocators keep some of what they once had: a leak of a few kilobytes for each Deployment is far more than
      // that.
      #expect(end.resident <= warm.resident * 5 / 4 + 4_096, "\(warm) → \(end)")
      #expect(end.threads <= warm.threads + 2, "\(warm) → \(end)")
      // RollbackEvents are the audit: they stay, and are few here.
      for (series, value) in start.metrics
      where series.hasPrefix("rollback_store_objects") && !series.contains("rollbackevents") {
        #expect(end.metrics[series] == value, "\(series)")
      }
      #expect(end.metrics.count <= warm.metrics.count + 10, "series of metrics must not grow with workloads")
      #expect(instance.exit == nil)
      let status = try await scene.policy(named: "web").status
      #expect(status.targetCount == 0 && status.targets?.isEmpty != false)
      print("churn: \(start)\n→ \(warm)\n→ \(end)")
    }
  }

  /// Makes a wave of Deployments, waits until the operator has them all on trial, and deletes them.
  private static func play(_ wave: Int, _ scene: Scene) async throws {
    let names = (0..<waveSize).map { "churn-\(wave)-\($0)" }
    try await each(names) { name, number in
      // A few run a pod; on trial are all.
      var workload = Workload(name: name, replicas: number % 20 == 0 ? 1 : 0, labels: ["churn": "yes"])
      workload.release = number % 40 == 0 ? .bad(1) : .good(1)
      try await scene.client.create(
        .deployments, namespace: scene.namespace, workload.object(namespace: scene.namespace))
    }
    try await eventually("wave \(wave) is on trial", within: .seconds(180), every: .milliseconds(500)) {
      let status = try await scene.policy(named: "web").status
      let known = (status.targets ?? []).count { $0.trialEndsAt != nil }
      return Progress(status.targetCount == waveSize && known == waveSize, "\(status.targetCount ?? 0), \(known)")
    }
    try await each(names) { name, _ in
      try await scene.client.delete(.deployments, namespace: scene.namespace, name: name, propagation: .background)
    }
    try await eventually("wave \(wave) is gone", within: .seconds(180), every: .milliseconds(500)) {
      let sets = try await scene.client.list(ReplicaSetMetadata.self, namespace: scene.namespace).items.count
      let pods = try await scene.client.list(Pod.self, namespace: scene.namespace).items.count
      return Progress(sets + pods == 0, "\(sets) ReplicaSets, \(pods) Pods")
    }
  }

  private static func each(
    _ names: [String], _ body: @escaping @Sendable (String, Int) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup { group in
      for lane in 0..<8 {
        group.addTask {
          for number in stride(from: lane, to: names.count, by: 8) { try await body(names[number], number) }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Waits until nothing is under way and all connections beyond those of the start are closed.
  private static func rested(_ instance: OperatorInstance, like start: OperatorReading) async throws -> OperatorReading
  {
    try await eventually("the operator rests", within: .seconds(240), every: .seconds(1)) {
      try await OperatorReading(of: instance)
    } where: { now in
      let isEmpty = ["deployments", "replicasets", "pods"].allSatisfy {
        now.total("rollback_store_objects", "\"\($0)\"") == 0
      }
      return isEmpty && now.total("workqueue_depth") == 0 && now.connections <= start.connections + 2
        && now.descriptors <= start.descriptors + 4
    }
  }
}
