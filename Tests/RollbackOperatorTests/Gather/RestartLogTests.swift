import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Restarts of watched pods")
struct RestartLogTests {
  private let log = RestartLog()
  private let key = RevisionPods(workload: NamespacedName(namespace: "shop", name: "web"), hash: "abc")

  private func pod(_ uid: String = "p", restarts: Int, lastEnded: TimeInterval? = nil) -> Pod {
    let last = lastEnded.map {
      ContainerState.terminated(.init(reason: "Error", finishedAt: testStart.addingTimeInterval($0)))
    }
    return Pod(
      metadata: ObjectMeta(name: uid, uid: uid, creationTimestamp: testStart),
      status: .init(containerStatuses: [
        ContainerStatus(name: "web", restartCount: restarts, lastState: last), ContainerStatus(name: "sidecar"),
      ]))
  }

  private func see(_ pod: Pod, at seconds: TimeInterval = 0, of other: RevisionPods? = nil) {
    log.see(pod, of: other ?? key, at: testStart.addingTimeInterval(seconds))
  }

  private func times(_ uid: String = "p") -> [TimeInterval] {
    (log[uid, of: key]["web"] ?? []).map { $0.timeIntervalSince(testStart) }
  }

  @Test("Restarts before the first look lie between the pod's start and the last one")
  func unseen() {
    see(pod(restarts: 2, lastEnded: 60), at: 90)
    #expect(times() == [30, 60])
    #expect(log["p", of: key]["sidecar"] == nil)
  }

  @Test("Each further restart is at its own time, the same look twice is one")
  func seen() {
    see(pod(restarts: 1, lastEnded: 10), at: 12)
    see(pod(restarts: 1, lastEnded: 10), at: 15)
    see(pod(restarts: 2, lastEnded: 20), at: 21)
    #expect(times() == [10, 20])
    see(pod(restarts: 0), at: 30)
    #expect(times() == [10, 20])
  }

  @Test("A billion restarts are a hundred")
  func bounded() {
    see(pod(restarts: .max), at: 100)
    #expect(times().count == 100)
  }

  @Test("Nothing is kept of a pod that is gone, nor of a revision that is no longer watched")
  func forgotten() {
    let other = RevisionPods(workload: key.workload, hash: "def")
    see(pod("a", restarts: 1))
    see(pod("b", restarts: 1))
    see(pod("c", restarts: 1), of: other)
    #expect(log.count == 3)
    log.forget("a", of: key)
    #expect(log.count == 2 && times("a").isEmpty && times("b").count == 1)
    log.keep(["def"], of: key.workload)
    #expect(log.count == 1 && times("b").isEmpty && log["c", of: other].count == 1)
    log.keep([], of: key.workload)
    #expect(log.count == 0)
    see(pod("a", restarts: 0))
    #expect(log.count == 0)
  }
}
