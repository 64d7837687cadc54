import Testing

@testable import KubernetesClient

/// One test for each arrow of the states of a streamed initial list.
@Suite("The states of a watch: streamed initial lists")
struct WatchMachineStreamedListTests: WatchMachineTesting {
  @Test("idle → opening → streaming list → watching: the closing bookmark makes the list whole")
  func streamedList() {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    machine.usesStreamedLists = true
    let step = machine.resume(jitter: 0)
    #expect(told(step) == ["started"])
    #expect(step.operation == watch(nil, initial: true))
    machine.streamOpened(at: .zero)
    for version in ["30", "7"] {
      guard case .relisted = machine.object(.applied, resourceVersion: version, jitter: 0) else {
        Issue.record("not part of the list")
        return
      }
    }
    #expect(machine.seen == nil)
    guard case .relistDone("31") = machine.bookmark(resourceVersion: "31", endsInitialEvents: true, jitter: 0) else {
      Issue.record("not whole")
      return
    }
    #expect(machine.seen == "31")
    guard case .changed = machine.object(.applied, resourceVersion: "32", jitter: 0) else {
      Issue.record("not a change")
      return
    }
  }

  @Test("streaming list: an object that goes meanwhile is told as deleted")
  func deletedMeanwhile() {
    var machine = streaming()
    guard case .changed = machine.object(.deleted, resourceVersion: "8", jitter: 0) else {
      Issue.record("not told")
      return
    }
  }

  @Test(
    "opening → listing: where streamed lists are refused, pages are asked for at once",
    arguments: [
      KubernetesError.Code.badRequest, .invalid, .forbidden, .notAcceptable,
    ])
  func streamedListRefused(code: KubernetesError.Code) {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    machine.usesStreamedLists = true
    _ = machine.resume(jitter: 0)
    let step = machine.streamFailed(Self.error(code), at: .zero, jitter: 0)
    #expect(step.operation == list(nil))
    #expect(!machine.usesStreamedLists)
  }

  @Test("streaming list → listing: a server that does not know the parameter sends ordinary bookmarks, or nothing")
  func parameterUnknown() {
    var machine = streaming()
    #expect(
      step(machine.bookmark(resourceVersion: "9", endsInitialEvents: false, jitter: 0))?.operation == list(nil))
    machine = streaming()
    #expect(machine.initialListOverdue(jitter: 0)?.operation == list(nil))
    machine = watching()
    #expect(machine.initialListOverdue(jitter: 0)?.operation == nil)
  }

  @Test("streaming list → backing off → opening: a list that breaks starts again from the beginning")
  func streamedListBroken() {
    var machine = streaming()
    _ = machine.object(.applied, resourceVersion: "8", jitter: 0)
    #expect(told(machine.streamFailed(Self.error(.transport), at: .zero, jitter: 0)) == ["interrupted transport"])
    let again = machine.resume(jitter: 0)
    #expect(told(again) == ["started"])
    #expect(again.operation == watch(nil, initial: true))
  }

  @Test("A streamed re-list must reach what was seen; one that does not is refused")
  func streamedRelist() {
    var machine = streaming()
    _ = machine.bookmark(resourceVersion: "31", endsInitialEvents: true, jitter: 0)
    #expect(
      machine.streamFailed(Self.error(.gone), at: .seconds(60), jitter: 0).operation
        == watch("31", initial: true, idle: .seconds(165)))
    machine.streamOpened(at: .zero)
    let step = step(machine.bookmark(resourceVersion: "30", endsInitialEvents: true, jitter: 0))
    #expect(step?.operation == watch(nil, initial: true, idle: .seconds(165)))
  }
}
