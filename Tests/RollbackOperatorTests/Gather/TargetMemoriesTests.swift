import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("What was concluded last about policies and workloads")
struct TargetMemoriesTests {
  private let memories = TargetMemories()
  private let policy = PolicyObject(
    metadata: ObjectMeta(name: "web", uid: "p"), spec: .success(PolicySpec(target: Target(name: "web"))))

  private func assessment(_ state: PolicyStatus.State) -> Assessment {
    Assessment(state: state, memory: TargetMemory(current: Maximal.revision), explanation: "so")
  }

  @Test("Only what a status shows is news")
  func news() {
    let workload = ObjectMeta(name: "web", uid: "w")
    #expect(memories.store(assessment(.onTrial), policyUID: "p", workload: workload))
    #expect(!memories.store(assessment(.onTrial), policyUID: "p", workload: workload))
    #expect(memories.store(assessment(.watching), policyUID: "p", workload: workload))
    #expect(memories["p", "w"]?.state == .watching)
  }

  @Test("After a restart the policy's own status is the memory, but not that of another UID")
  func fromStatus() {
    var policy = policy
    policy.status = Maximal.policyStatus
    let remembered = memories.memory(policy: policy, workload: ObjectMeta(name: "web", uid: "uid"))
    #expect(remembered.current == Maximal.revision && remembered.triggers.count == 1)
    #expect(memories.memory(policy: policy, workload: ObjectMeta(name: "web", uid: "new")) == TargetMemory())
  }

  @Test("What is gone is forgotten, by policy, by workload and by both")
  func forget() {
    for policy in ["p", "q"] {
      for workload in ["v", "w", "x"] {
        _ = memories.store(assessment(.watching), policyUID: policy, workload: ObjectMeta(name: "web", uid: workload))
      }
    }
    #expect(memories.count == 6)
    memories.forget(policyUID: "p", workloadUID: "v")
    #expect(memories.count == 5 && memories["q", "v"] != nil)
    memories.forget(workloadUID: "w")
    #expect(memories.count == 3)
    memories.forget(policyUID: "q")
    #expect(memories.count == 1 && memories["p", "x"] != nil)
  }
}
