import Testing

@testable import KubernetesClient

/// One test for each arrow of the states of an open watch.
@Suite("The states of a watch: watching")
struct WatchMachineTests: WatchMachineTesting {
  @Test("watching: objects and bookmarks move the resource version forward")
  func progress() {
    var machine = watching()
    guard case .changed = machine.object(.applied, resourceVersion: "11", jitter: 0) else {
      Issue.record("not told")
      return
    }
    #expect(machine.seen == "11")
    guard case .bookmark("20") = machine.bookmark(resourceVersion: "20", endsInitialEvents: false, jitter: 0) else {
      Issue.record("not told")
      return
    }
    #expect(machine.seen == "20")
    guard case .ignore = machine.bookmark(resourceVersion: "19", endsInitialEvents: false, jitter: 0) else {
      Issue.record("a bookmark led back")
      return
    }
    #expect(machine.seen == "20")
    guard case .changed = machine.object(.deleted, resourceVersion: "", jitter: 0) else {
      Issue.record("not told")
      return
    }
    #expect(machine.seen == "20")
  }

  @Test("watching → opening: a watch that ends by itself is resumed at once from the newest version seen")
  func resumed() {
    var machine = watching()
    _ = machine.object(.applied, resourceVersion: "11", jitter: 0)
    let step = machine.streamEnded(cutLine: nil, at: .seconds(1), jitter: 0)
    #expect(told(step) == [])
    #expect(step.operation == watch("11"))
  }

  @Test("watching → opening: a silent watch that lived for a decent time is resumed at once")
  func silentButOld() {
    var machine = watching()
    #expect(machine.streamEnded(cutLine: nil, at: .seconds(240), jitter: 0).operation == watch("10"))
  }

  @Test("watching → backing off: a server that ends watches at once is given time")
  func endedAtOnce() {
    var machine = watching()
    var delays: [Machine.Operation] = []
    for _ in 0..<3 {
      delays.append(machine.streamEnded(cutLine: nil, at: .zero, jitter: 1).operation)
      #expect(machine.resume(jitter: 0).operation == watch("10"))
      machine.streamOpened(at: .zero)
    }
    #expect(delays == [250, 500, 1_000].map { .wait(.milliseconds($0)) })
  }

  @Test("watching → backing off → opening: a cut last line is an interruption")
  func cutLine() {
    var machine = watching()
    let step = machine.streamEnded(cutLine: Self.error(.transport), at: .seconds(60), jitter: 1)
    #expect(told(step) == ["interrupted transport"])
    #expect(step.operation == .wait(.milliseconds(250)))
    #expect(machine.resume(jitter: 0).operation == watch("10"))
  }

  @Test("opening and watching → listing: 410 leads to a list that is not older, at once", arguments: [true, false])
  func gone(isOpen: Bool) {
    var machine = watching()
    if !isOpen { _ = machine.streamEnded(cutLine: nil, at: .seconds(60), jitter: 0) }
    let step = machine.streamFailed(Self.error(.expired), at: .seconds(60), jitter: 0)
    #expect(told(step) == ["interrupted expired", "started"])
    #expect(step.operation == list("10"))
  }

  @Test("watching → backing off → listing: 410 right after each list is given time")
  func goneAgain() {
    var machine = watching()
    var operations: [Machine.Operation] = []
    for _ in 0..<4 {
      operations.append(machine.streamFailed(Self.error(.gone), at: .zero, jitter: 1).operation)
      if case .wait = operations.last { _ = machine.resume(jitter: 1) }
      _ = machine.pageReceived(resourceVersion: "10", continueToken: nil, jitter: 1)
      machine.streamOpened(at: .zero)
    }
    #expect(operations == [list("10")] + [500, 1_000, 2_000].map { .wait(.milliseconds($0)) })
  }

  @Test("opening → listing: a server that never reached the version seen is asked for its newest state")
  func versionTooLarge() {
    var machine = watching()
    #expect(machine.streamFailed(Self.tooLargeVersion, at: .zero, jitter: 0).operation == list(nil))
  }

  @Test("listing → listing: a server that never reached the version asked for is asked for its newest state")
  func listVersionTooLarge() {
    var machine = watching()
    _ = machine.streamFailed(Self.error(.gone), at: .seconds(60), jitter: 0)
    _ = machine.pageFailed(Self.tooLargeVersion, jitter: 0)
    #expect(machine.resume(jitter: 0).operation == list(nil))
  }

  @Test("watching → backing off → opening: a broken connection resumes, however often, and never lists")
  func broken() {
    var machine = watching()
    for _ in 0..<20 {
      let step = machine.streamFailed(Self.error(.transport), at: .zero, jitter: 0)
      #expect(told(step) == ["interrupted transport"])
      #expect(machine.resume(jitter: 0).operation == watch("10"))
    }
  }

  @Test(
    "watching → backing off → listing: what the server refuses three times is tried with a new list",
    arguments: [
      KubernetesError.Code.internalError, .forbidden, .notFound, .badRequest, .decoding, .tooLarge, .timeout,
    ])
  func refused(code: KubernetesError.Code) {
    var machine = watching()
    for _ in 0..<2 {
      _ = machine.streamFailed(Self.error(code), at: .zero, jitter: 0)
      #expect(machine.resume(jitter: 0).operation == watch("10"))
    }
    _ = machine.streamFailed(Self.error(code), at: .zero, jitter: 0)
    #expect(machine.resume(jitter: 0).operation == list("10"))
  }

  @Test("watching → backing off → listing: where it was asked for, a broken watch goes on with a list")
  func listsAfterInterruption() {
    var machine = watching(options: WatchOptions(afterInterruption: .list))
    #expect(machine.streamEnded(cutLine: nil, at: .seconds(240), jitter: 0).operation == watch("10"))
    #expect(told(machine.streamFailed(Self.error(.transport), at: .zero, jitter: 0)) == ["interrupted transport"])
    #expect(machine.resume(jitter: 0).operation == list("10"))
  }

  @Test("Delays start small again once a watch was of use")
  func delaysReset() {
    var machine = watching()
    for _ in 0..<6 {
      _ = machine.streamFailed(Self.error(.transport), at: .zero, jitter: 1)
      _ = machine.resume(jitter: 1)
    }
    machine.streamOpened(at: .zero)
    _ = machine.object(.applied, resourceVersion: "11", jitter: 1)
    #expect(
      machine.streamFailed(Self.error(.transport), at: .zero, jitter: 1).operation == .wait(.milliseconds(250)))
  }

  @Test("Retry-After is obeyed up to the maximum", arguments: [(2, 2), (3_600, 15)])
  func retryAfter(asked: Int, waited: Int) {
    var machine = watching()
    let step = machine.streamFailed(
      Self.error(.tooManyRequests, retryAfter: .seconds(asked)), at: .zero, jitter: 0)
    #expect(step.operation == .wait(.seconds(waited)))
  }

  @Test("watching → backing off → listing: a resource version that jumps back is not believed", arguments: ["9", "1"])
  func jumpsBack(version: String) {
    var machine = watching()
    let step = step(machine.object(.applied, resourceVersion: version, jitter: 0))
    #expect(step.map(told) == ["interrupted unavailable"])
    #expect(machine.seen == "10")
    #expect(machine.resume(jitter: 0).operation == list(nil))
  }

  @Test("Opaque resource versions are passed on and never compared")
  func opaque() {
    var machine = watching()
    for version in ["b", "a", "11x", "9"] {
      #expect(step(machine.object(.applied, resourceVersion: version, jitter: 0))?.operation == nil)
      #expect(machine.seen == version)
    }
  }

  @Test("Where bookmarks come, their absence ends a watch sooner")
  func bookmarkPatience() {
    var machine = watching()
    _ = machine.bookmark(resourceVersion: "12", endsInitialEvents: false, jitter: 0)
    #expect(
      machine.streamEnded(cutLine: nil, at: .seconds(240), jitter: 0).operation
        == watch("12", idle: .seconds(165)))
  }
}
