import ControllerRuntime
import KubernetesClient
import TestSupport
import Testing

@Suite("Write tracker")
struct WriteTrackerTests {
  let clock = ManualClock()
  let web = NamespacedName(namespace: "shop", name: "web")

  @Test(
    "After an own write the store has to show it or something later",
    arguments: [
      (nil, false), ("9", false), ("99", false), ("100", true), ("101", true), ("1000", true), ("opaque", false),
    ] as [(String?, Bool)])
  func decimal(seen: String?, isCurrent: Bool) {
    let tracker = WriteTracker(clock: clock)
    tracker.expects(.deployments, web, resourceVersion: "100")
    #expect(tracker.isCurrent(.deployments, web, seen: seen) == isCurrent)
    #expect(tracker.pending == (isCurrent ? 0 : 1))
  }

  @Test("Opaque versions are current only when they are the very same")
  func opaque() {
    let tracker = WriteTracker(clock: clock)
    tracker.expects(.deployments, web, resourceVersion: "abc")
    #expect(!tracker.isCurrent(.deployments, web, seen: "abd"))
    #expect(tracker.isCurrent(.deployments, web, seen: "abc"))
    #expect(tracker.isCurrent(.deployments, web, seen: "abd"), "seen once is seen")
  }

  @Test("Other objects and other kinds of the same name are not concerned")
  func others() {
    let tracker = WriteTracker(clock: clock)
    tracker.expects(.deployments, web, resourceVersion: "100")
    #expect(tracker.isCurrent(.replicaSets, web, seen: "1"))
    #expect(tracker.isCurrent(.deployments, NamespacedName(namespace: "other", name: "web"), seen: "1"))
  }

  @Test("The latest of several writes counts, whatever order the responses come in")
  func latest() {
    let tracker = WriteTracker(clock: clock)
    tracker.expects(.deployments, web, resourceVersion: "101")
    tracker.expects(.deployments, web, resourceVersion: "100")
    #expect(!tracker.isCurrent(.deployments, web, seen: "100"))
    #expect(tracker.isCurrent(.deployments, web, seen: "101"))
  }

  @Test("After the limit an unseen write is no longer waited for")
  func limit() {
    let tracker = WriteTracker(clock: clock, limit: .seconds(10))
    tracker.expects(.deployments, web, resourceVersion: "100")
    clock.advance(by: .seconds(9))
    #expect(tracker.timeUntilTrusted(.deployments, web, seen: "1") == .seconds(1))
    clock.advance(by: .seconds(1))
    #expect(tracker.isCurrent(.deployments, web, seen: "1"))
  }

  @Test("A deleted object is not waited for")
  func forgotten() {
    let tracker = WriteTracker(clock: clock)
    tracker.expects(.deployments, web, resourceVersion: "100")
    tracker.forget(.deployments, web)
    #expect(tracker.isCurrent(.deployments, web, seen: nil))
  }

  @Test("Writes that nobody asks about again do not pile up")
  func bounded() {
    let tracker = WriteTracker(clock: clock, limit: .seconds(10))
    for index in 0..<10_000 {
      tracker.expects(.deployments, NamespacedName(namespace: "shop", name: "web\(index)"), resourceVersion: "1")
      clock.advance(by: .seconds(1))
    }
    #expect(tracker.pending <= 256)
  }
}
