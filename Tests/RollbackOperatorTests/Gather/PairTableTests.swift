import ControllerRuntime
import Testing

@testable import RollbackOperator

@Suite("What belongs to a policy and a workload is found by either")
struct PairTableTests {
  private func pair(_ policy: Int, _ workload: Int) -> PolicyWorkload {
    PolicyWorkload(policyUID: "policy-\(policy)", workloadUID: "workload-\(workload)")
  }

  @Test("Everything of a policy or of a workload, and nothing else")
  func found() {
    var table = PairTable<Int>()
    for policy in 0..<3 { for workload in 0..<4 { table[pair(policy, workload)] = policy * 10 + workload } }
    #expect(table.count == 12 && table.workloadCount == 4)
    #expect(Set(table.pairs(policyUID: "policy-1")) == Set((0..<4).map { pair(1, $0) }))
    #expect(Set(table.pairs(workloadUID: "workload-2")) == Set((0..<3).map { pair($0, 2) }))
    table[pair(1, 2)] = 99
    #expect(table[pair(1, 2)] == 99 && table.count == 12)
  }

  @Test("What is taken out leaves nothing behind")
  func removed() {
    var table = PairTable<Int>()
    table[pair(1, 1)] = 1
    table[pair(1, 2)] = 2
    table[pair(9, 9)] = nil
    table[pair(1, 1)] = nil
    #expect(table.pairs(policyUID: "policy-1") == [pair(1, 2)])
    #expect(table.pairs(workloadUID: "workload-1").isEmpty && table.workloadCount == 1)
    table[pair(1, 2)] = nil
    #expect(table.count == 0 && table.workloadCount == 0 && table.pairs(policyUID: "policy-1").isEmpty)
  }

  @Test("The pods of a revision are let go when it is not named any more, unless nothing may be let go")
  func revisions() {
    let revisions = WatchedRevisions()
    let (web, api) = (RevisionPods.test("web").workload, RevisionPods.test("api").workload)
    #expect(revisions.update(["a", "b"], of: web, releasesOthers: true).isEmpty)
    #expect(revisions.update(["c"], of: api, releasesOthers: true).isEmpty)
    #expect(revisions.update(["b"], of: web, releasesOthers: false).isEmpty)
    #expect(revisions.update(["b", "d"], of: web, releasesOthers: true) == ["a"])
    #expect(revisions.update([], of: web, releasesOthers: true) == ["b", "d"])
    #expect(revisions.count == 1)
  }
}

extension RevisionPods {
  fileprivate static func test(_ name: String) -> RevisionPods {
    RevisionPods(workload: NamespacedName(namespace: "shop", name: name), hash: "h")
  }
}
