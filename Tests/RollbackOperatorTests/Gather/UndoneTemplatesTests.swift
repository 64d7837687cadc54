import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("What this process has undone it knows before its cache does")
struct UndoneTemplatesTests {
  private static func event(_ name: String, undid hash: String, isAccepted: Bool = true) -> EventObject {
    var event = EventObject(metadata: ObjectMeta(name: name, namespace: "shop", uid: name), spec: Maximal.eventSpec)
    event.status.from = RevisionReference(revision: 2, hash: hash)
    event.status.actedAfter = isAccepted ? .seconds(1) : nil
    return event
  }

  @Test("Accepted undos count, until their event or their workload is gone")
  func counts() {
    let undone = UndoneTemplates()
    undone.note(Self.event("first", undid: "r2"))
    undone.note(Self.event("second", undid: "r3"))
    undone.note(Self.event("third", undid: "r4", isAccepted: false))
    #expect(undone["workload"] == ["r2", "r3"])
    #expect(undone["another"] == [])
    undone.forget(Self.event("first", undid: "r2"))
    #expect(undone["workload"] == ["r3"])
    undone.forget(workloadUID: "workload")
    #expect(undone["workload"] == [])
  }
}
