import Testing

@testable import KubernetesClient

/// One test for each arrow of the states of a list.
@Suite("The states of a watch: listing")
struct WatchMachineListTests: WatchMachineTesting {
  @Test("idle → listing: the first list asks for the newest state")
  func start() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    let step = machine.resume(jitter: 0)
    #expect(told(step) == ["started"])
    #expect(step.operation == list(nil))
  }

  @Test("listing → listing: a page with a token leads to the next page")
  func nextPage() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    _ = machine.resume(jitter: 0)
    let step = machine.pageReceived(resourceVersion: "10", continueToken: "t", jitter: 0)
    #expect(told(step) == ["page"])
    #expect(step.operation == list(nil, "t"))
  }

  @Test("listing → opening: the last page ends the list at the version of the first")
  func lastPage() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    _ = machine.resume(jitter: 0)
    _ = machine.pageReceived(resourceVersion: "10", continueToken: "t", jitter: 0)
    let step = machine.pageReceived(resourceVersion: "12", continueToken: "", jitter: 0)
    #expect(told(step) == ["page", "done 10"])
    #expect(step.operation == watch("10"))
  }

  @Test("listing → backing off → the same page: what may pass does not throw pages away")
  func pageRetried() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    _ = machine.resume(jitter: 0)
    _ = machine.pageReceived(resourceVersion: "10", continueToken: "t", jitter: 0)
    let failed = machine.pageFailed(Self.error(.unavailable), jitter: 1)
    #expect(told(failed) == ["interrupted unavailable"])
    #expect(failed.operation == .wait(.milliseconds(250)))
    let step = machine.resume(jitter: 0)
    #expect(told(step) == [])
    #expect(step.operation == list(nil, "t"))
  }

  @Test("listing → backing off → listing: a first page that fails starts again, ever later")
  func firstPageRetried() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    var delays: [Machine.Operation] = []
    for _ in 0..<8 {
      #expect(machine.resume(jitter: 1).operation == list(nil))
      delays.append(machine.pageFailed(Self.error(.transport), jitter: 1).operation)
    }
    #expect(
      delays
        == [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000].map { .wait(.milliseconds($0)) })
  }

  @Test("listing → listing: a token that expired on the way starts again with the newest state, at once")
  func tokenExpired() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    _ = machine.resume(jitter: 0)
    _ = machine.pageReceived(resourceVersion: "10", continueToken: "t", jitter: 0)
    let step = machine.pageFailed(Self.error(.expired), jitter: 0)
    #expect(told(step) == ["interrupted expired", "started"])
    #expect(step.operation == list(nil))
  }

  @Test("listing → backing off: tokens that expire again and again are given time")
  func tokenExpiresAlways() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    _ = machine.resume(jitter: 1)
    var operations: [Machine.Operation] = []
    for _ in 0..<4 {
      _ = machine.pageReceived(resourceVersion: "10", continueToken: "t", jitter: 1)
      operations.append(machine.pageFailed(Self.error(.expired), jitter: 1).operation)
      if case .wait = operations.last { _ = machine.resume(jitter: 1) }
    }
    #expect(operations == [list(nil)] + [500, 1_000, 2_000].map { .wait(.milliseconds($0)) })
  }

  @Test("listing → listing: a list older than what was seen is refused, and the newest asked for")
  func olderList() {
    var machine = watching()
    _ = machine.streamFailed(Self.error(.gone), at: .zero, jitter: 0)
    let step = machine.pageReceived(resourceVersion: "9", continueToken: nil, jitter: 0)
    #expect(told(step) == ["interrupted unavailable", "started"])
    #expect(step.operation == list(nil))
    #expect(machine.seen == "10")
  }

  @Test("A server that insists on an older state was restored from a backup, and is believed in the end")
  func restoredFromBackup() {
    var machine = watching()
    var step = machine.streamFailed(Self.error(.gone), at: .zero, jitter: 0)
    var refused = 0
    while refused < 10 {
      if case .wait = step.operation { step = machine.resume(jitter: 0) }
      step = machine.pageReceived(resourceVersion: "3", continueToken: nil, jitter: 0)
      if told(step).contains("done 3") { break }
      refused += 1
    }
    #expect(refused == Machine.olderListsRefused)
    #expect(step.operation == watch("3"))
    #expect(machine.seen == "3")
  }
}
