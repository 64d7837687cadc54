import Testing

@testable import ControllerRuntime

struct TestFailure: Error {}

/// The state in a class, because expectations cannot call mutating functions.
private final class Subject {
  private(set) var state = WorkQueueState<String>()

  var depth: Int { state.depth }
  var running: Int { state.running }
  var trackedKeys: Int { state.trackedKeys }

  func depth(of lane: Lane) -> Int { state.depth(of: lane) }

  @discardableResult
  func add(_ key: String, _ lane: Lane, now: Duration) -> Bool { state.add(key, lane, now: now) }

  func add(_ key: String, _ lane: Lane, at deadline: Duration, now: Duration) {
    state.add(key, lane, at: deadline, now: now)
  }

  func take(limit: Int, now: Duration) -> WorkQueueState<String>.Taken? { state.take(limit: limit, now: now) }

  @discardableResult
  func finish(_ key: String, _ outcome: WorkOutcome, now: Duration) -> Duration? {
    state.finish(key, outcome, now: now, jitter: 0)
  }

  func retry(_ key: String, now: Duration) -> Duration { state.retry(key, now: now, jitter: 0) }
  func forget(_ key: String) { state.forget(key) }
  func nextDeadline() -> Duration? { state.nextDeadline() }
  func fire(now: Duration) -> Int { state.fire(now: now) }
  func shutDown() { state.shutDown() }
}

@Suite("Decisions of the work queue")
struct WorkQueueStateTests {
  private let queue = Subject()

  func take(at now: Duration = .zero, limit: Int = 100) -> String? { queue.take(limit: limit, now: now)?.key }

  @Test("A key added twice is one run")
  func once() {
    #expect(queue.add("a", .evaluate, now: .zero))
    #expect(!queue.add("a", .evaluate, now: .zero))
    #expect(queue.depth == 1)
    #expect(take() == "a")
    #expect(take() == nil)
  }

  @Test("Higher lanes first, each in the order of arrival")
  func lanes() {
    for (key, lane) in [("h", Lane.housekeeping), ("e1", .evaluate), ("a1", .act), ("e2", .evaluate), ("a2", .act)] {
      queue.add(key, lane, now: .zero)
    }
    #expect((0..<5).map { _ in take() } == ["a1", "a2", "e1", "e2", "h"])
  }

  @Test("Adding in a higher lane moves a waiting key up, in a lower lane does nothing")
  func promotion() {
    queue.add("a", .housekeeping, now: .seconds(1))
    queue.add("b", .evaluate, now: .seconds(1))
    queue.add("a", .act, now: .seconds(3))
    queue.add("a", .housekeeping, now: .seconds(3))
    #expect(queue.depth(of: .housekeeping) == 0 && queue.depth(of: .act) == 1)
    let taken = queue.take(limit: 1, now: .seconds(5))
    #expect(taken?.key == "a" && taken?.lane == .act)
    #expect(taken?.waited == .seconds(4), "waiting counts from the first add")
    queue.finish("a", .settled, now: .seconds(5))
    #expect(take() == "b")
  }

  @Test("A running key is not run beside itself; added meanwhile it runs once more, in the highest lane asked for")
  func dirty() {
    queue.add("a", .evaluate, now: .zero)
    #expect(take() == "a")
    #expect(queue.add("a", .evaluate, now: .zero))
    #expect(!queue.add("a", .act, now: .zero))
    #expect(take() == nil)
    queue.finish("a", .settled, now: .zero)
    #expect(queue.take(limit: 1, now: .zero)?.lane == .act)
    queue.finish("a", .settled, now: .zero)
    #expect(take() == nil && queue.trackedKeys == 0)
  }

  @Test("No more keys run than there are workers")
  func limit() {
    for key in ["a", "b", "c"] { queue.add(key, .act, now: .zero) }
    #expect(take(limit: 2) == "a" && take(limit: 2) == "b" && take(limit: 2) == nil)
    queue.finish("a", .settled, now: .zero)
    #expect(take(limit: 2) == "c")
  }

  @Test("Of several delayed adds the earliest wins, in the highest lane")
  func earliest() {
    queue.add("a", .evaluate, at: .seconds(10), now: .zero)
    queue.add("a", .act, at: .seconds(20), now: .zero)
    queue.add("a", .housekeeping, at: .seconds(5), now: .zero)
    #expect(queue.nextDeadline() == .seconds(5))
    #expect(queue.fire(now: .seconds(4)) == 0)
    #expect(queue.fire(now: .seconds(5)) == 1)
    #expect(queue.depth(of: .act) == 1)
    #expect(queue.nextDeadline() == nil)
  }

  @Test("A delayed add that is due is an add")
  func due() {
    queue.add("a", .act, at: .zero, now: .zero)
    #expect(take() == "a")
  }

  @Test("An immediate add leaves the later timer alone")
  func immediateKeepsTimer() {
    queue.add("a", .evaluate, at: .seconds(60), now: .zero)
    queue.add("a", .act, now: .seconds(1))
    #expect(take(at: .seconds(1)) == "a")
    queue.finish("a", .settled, now: .seconds(2))
    #expect(queue.nextDeadline() == .seconds(60))
    #expect(queue.fire(now: .seconds(60)) == 1)
  }

  @Test("Of a key that is gone nothing is kept, but what was asked for meanwhile")
  func gone() {
    queue.add("a", .evaluate, at: .seconds(60), now: .zero)
    queue.add("a", .act, now: .seconds(1))
    #expect(take(at: .seconds(1)) == "a")
    queue.finish("a", .gone, now: .seconds(2))
    #expect(queue.trackedKeys == 0 && queue.nextDeadline() == nil)
    queue.add("a", .act, now: .seconds(3))
    #expect(take(at: .seconds(3)) == "a")
    queue.add("a", .evaluate, at: .seconds(9), now: .seconds(3))
    queue.finish("a", .gone, now: .seconds(4))
    #expect(queue.nextDeadline() == .seconds(9))
  }

  @Test("The outcome `again` replaces the timer from before the run, earlier or later", arguments: [5, 500])
  func againReplaces(earlier: Int) {
    queue.add("a", .evaluate, at: .seconds(earlier), now: .zero)
    queue.add("a", .act, now: .zero)
    #expect(take() == "a")
    queue.finish("a", .again(after: .seconds(30)), now: .seconds(1))
    #expect(queue.nextDeadline() == .seconds(31))
    #expect(queue.fire(now: .seconds(1_000)) == 1)
    #expect(queue.nextDeadline() == nil)
  }

  @Test(
    "A delayed add made during the run is not replaced: the earlier of both wins",
    arguments: [(10, 10), (100, 31)])
  func againMerges(requested: Int, expected: Int) {
    queue.add("a", .evaluate, at: .seconds(5), now: .zero)
    queue.add("a", .act, now: .zero)
    #expect(take() == "a")
    queue.add("a", .act, at: .seconds(requested), now: .seconds(1))
    queue.finish("a", .again(after: .seconds(30)), now: .seconds(1))
    #expect(queue.nextDeadline() == .seconds(expected))
  }

  @Test("A timer that fires during the run queues the key after it")
  func firesWhileRunning() {
    queue.add("a", .evaluate, at: .seconds(5), now: .zero)
    queue.add("a", .act, now: .zero)
    #expect(take() == "a")
    #expect(queue.fire(now: .seconds(5)) == 1)
    #expect(take() == nil)
    queue.finish("a", .again(after: .seconds(30)), now: .seconds(6))
    #expect(take() == "a")
    #expect(queue.nextDeadline() == .seconds(36))
  }

  @Test("`again` at once runs once more")
  func againAtOnce() {
    queue.add("a", .act, now: .zero)
    #expect(take() == "a")
    queue.finish("a", .again(after: .zero, lane: .housekeeping), now: .zero)
    #expect(queue.depth(of: .housekeeping) == 1)
  }

  @Test("Failures back off exponentially in the lane of the run, and a success forgets them")
  func failures() {
    var now = Duration.zero
    queue.add("a", .act, now: now)
    for delay in [5, 10, 20, 40] {
      #expect(take(at: now) == "a")
      #expect(queue.finish("a", .failed(TestFailure()), now: now) == .milliseconds(delay))
      now += .milliseconds(delay)
      #expect(queue.nextDeadline() == now)
      #expect(queue.fire(now: now) == 1)
      #expect(queue.depth(of: .act) == 1)
    }
    #expect(queue.state.failures(of: "a") == 4)
    #expect(take(at: now) == "a")
    queue.finish("a", .settled, now: now)
    #expect(queue.state.failures(of: "a") == 0 && queue.trackedKeys == 0)
  }

  @Test("A success before the retry is due clears it and keeps the scheduled timer")
  func successClearsRetry() {
    queue.add("a", .evaluate, at: .seconds(60), now: .zero)
    queue.add("a", .act, now: .zero)
    #expect(take() == "a")
    queue.finish("a", .failed(TestFailure()), now: .zero)
    #expect(queue.nextDeadline() == .milliseconds(5))
    queue.add("a", .act, now: .milliseconds(1))
    #expect(take() == "a")
    queue.finish("a", .settled, now: .milliseconds(2))
    #expect(queue.nextDeadline() == .seconds(60))
  }

  @Test("Retry from outside backs off, forget ends it")
  func retryAndForget() {
    #expect(queue.retry("a", now: .zero) == .milliseconds(5))
    #expect(queue.retry("a", now: .zero) == .milliseconds(10))
    #expect(queue.nextDeadline() == .milliseconds(10))
    queue.forget("a")
    #expect(queue.nextDeadline() == nil && queue.trackedKeys == 0)
  }

  @Test("Lower lanes get their share under load from above")
  func fairness() {
    queue.add("housekeeping", .housekeeping, now: .zero)
    for index in 0..<100 {
      queue.add("act\(index)", .act, now: .zero)
      queue.add("evaluate\(index)", .evaluate, now: .zero)
    }
    let order = (0..<100).compactMap { _ in take() }
    #expect(order.prefix(8).allSatisfy { $0.hasPrefix("act") })
    #expect(order[8] == "evaluate0" && order[17] == "evaluate1")
    #expect((order.firstIndex(of: "housekeeping") ?? 100) <= 33)
    #expect(order.filter { $0.hasPrefix("act") }.count > 85)
  }

  @Test("Shutdown forgets what waits and lets what runs finish")
  func shutdown() {
    for key in ["a", "b"] { queue.add(key, .act, now: .zero) }
    queue.add("c", .act, at: .seconds(5), now: .zero)
    #expect(take() == "a")
    queue.add("a", .act, now: .zero)
    queue.shutDown()
    queue.add("d", .act, now: .zero)
    #expect(queue.depth == 0 && queue.nextDeadline() == nil && take() == nil && queue.running == 1)
    queue.finish("a", .failed(TestFailure()), now: .zero)
    #expect(queue.running == 0 && queue.trackedKeys == 0)
  }

  @Test("A million promotions, timers and runs of few keys leave no garbage behind")
  func bounded() {
    for round in 0..<20_000 {
      let now = Duration.seconds(round)
      queue.add("a", .housekeeping, now: now)
      queue.add("a", .act, now: now)
      queue.add("b", .evaluate, at: now + .seconds(1_000_000), now: now)
      #expect(take(at: now) == "a")
      queue.finish("a", .again(after: .seconds(1_000_000)), now: now)
    }
    #expect(queue.trackedKeys == 2)
    #expect(queue.state.storedItems < 300)
  }
}
