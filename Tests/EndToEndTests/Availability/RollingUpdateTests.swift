import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite("A rolling update of the operator itself loses nothing", .showsLogs, .timeLimit(.minutes(5)))
struct AvailabilityRollingUpdateTests {
  static let workloads = ["a", "b", "c", "d", "e", "f"]

  @Test("Both replicas are replaced, as the Deployment's strategy has it, while six workloads roll back")
  func replaced() async throws {
    try await Scene.playReplicas(2) { scene, replicas in
      try await scene.protect(all: Self.workloads)
      for name in Self.workloads { try await scene.rollOut(.bad(2), of: name) }
      // One more is made and is ready, then one of the old ones is asked to end: the leader first, which is worse.
      var old = [replicas.leader] + replicas.others
      for number in 3...4 {
        _ = try await scene.startReplica(number, kubeconfig: scene.kubeconfig(ofReplica: number))
        let exit = await old.removeFirst().instance.terminate()
        #expect(exit == .exited(0))
      }
      for name in Self.workloads { try await scene.isUndoneOnce(name) }
      let history = try scene.leaseHistory()
      history.check()
      #expect(history.outsideTerms(try scene.writesOfReplicas()) == [])
      for term in history.terms.dropFirst() {
        #expect(try #require(term.gap) <= Replicas.retryPeriod + Replicas.slack)
      }
      #expect(history.terms.count >= 2)
      #expect(history.terms.dropLast().count { !$0.isGivenUp } == 0, "nobody waits")
    }
  }
}
