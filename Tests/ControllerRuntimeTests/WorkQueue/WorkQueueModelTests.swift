import Testing

@testable import ControllerRuntime

/// The rules of the queue once more, without heaps, tickets or lazy deletion.
private struct Model {
  struct Timer: Equatable {
    var deadline: Duration
    var lane: Lane

    static func merge(_ left: Timer?, _ right: Timer?) -> Timer? {
      guard let left else { return right }
      guard let right else { return left }
      return Timer(deadline: min(left.deadline, right.deadline), lane: max(left.lane, right.lane))
    }
  }

  struct Key {
    var isRunning = false
    var runLane = Lane.evaluate
    var again: Lane?
    var scheduled: Timer?
    var requested: Timer?
    var retry: Timer?
    var failures = 0
  }

  var keys: [Int: Key] = [:]
  /// Waiting keys in the order they entered their lane.
  var waiting: [(key: Int, lane: Lane)] = []
  var passedOver: [Lane: Int] = [:]

  subscript(key: Int) -> Key {
    get { keys[key] ?? Key() }
    set { keys[key] = newValue }
  }

  mutating func add(_ key: Int, _ lane: Lane) {
    if self[key].isRunning {
      self[key].again = max(self[key].again ?? lane, lane)
    } else if let index = waiting.firstIndex(where: { $0.key == key }) {
      guard lane > waiting[index].lane else { return }
      waiting.remove(at: index)
      waiting.append((key, lane))
    } else {
      waiting.append((key, lane))
    }
    resetEmptyLanes()
  }

  mutating func resetEmptyLanes() {
    for lane in Lane.allCases where !waiting.contains(where: { $0.lane == lane }) { passedOver[lane] = 0 }
  }

  mutating func add(_ key: Int, _ lane: Lane, at deadline: Duration) {
    let timer = Timer(deadline: deadline, lane: lane)
    if self[key].isRunning {
      self[key].requested = Timer.merge(self[key].requested, timer)
    } else {
      self[key].scheduled = Timer.merge(self[key].scheduled, timer)
    }
  }

  mutating func take() -> (key: Int, lane: Lane)? {
    guard let highest = waiting.map(\.lane).max() else { return nil }
    var lane = highest
    for (candidate, patience) in [(Lane.housekeeping, 32), (.evaluate, 8)]
    where waiting.contains(where: { $0.lane == candidate }) && passedOver[candidate, default: 0] >= patience {
      lane = candidate
    }
    for lower in Lane.allCases where lower < lane && waiting.contains(where: { $0.lane == lower }) {
      passedOver[lower, default: 0] += 1
    }
    passedOver[lane] = 0
    guard let index = waiting.firstIndex(where: { $0.lane == lane }) else { return nil }
    let taken = waiting.remove(at: index)
    self[taken.key].isRunning = true
    self[taken.key].runLane = lane
    resetEmptyLanes()
    return taken
  }

  mutating func finish(_ key: Int, _ outcome: WorkOutcome, now: Duration, backOff: BackOff) {
    self[key].isRunning = false
    switch outcome {
    case .settled:
      self[key].failures = 0
      self[key].retry = nil
    case .gone:
      self[key].failures = 0
      self[key].retry = nil
      self[key].scheduled = nil
    case .again(let delay, let lane):
      self[key].failures = 0
      self[key].retry = nil
      self[key].scheduled = delay > .zero ? Timer(deadline: now + delay, lane: lane) : nil
      if delay <= .zero { self[key].again = max(self[key].again ?? lane, lane) }
    case .failed:
      self[key].failures += 1
      let delay = backOff.delay(failures: self[key].failures, jitter: 0)
      self[key].retry = Timer(deadline: now + delay, lane: self[key].runLane)
    }
    self[key].scheduled = Timer.merge(self[key].scheduled, self[key].requested)
    self[key].requested = nil
    if let lane = self[key].again {
      self[key].again = nil
      add(key, lane)
    }
  }

  var nextDeadline: Duration? {
    keys.values.flatMap { [$0.scheduled, $0.requested, $0.retry] }.compactMap { $0?.deadline }.min()
  }

  /// Fires one timer of the key, the earliest; false when none is due.
  mutating func fire(_ key: Int, _ path: WritableKeyPath<Key, Timer?>) {
    guard let timer = self[key][keyPath: path] else { return }
    self[key][keyPath: path] = nil
    add(key, timer.lane)
  }

  var running: Int { keys.values.count { $0.isRunning } }
}

@Suite("The work queue against a simple model")
struct WorkQueueModelTests {
  @Test("Random operations give what the model gives", arguments: 0..<60)
  func agrees(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let backOff = BackOff()
    var queue = WorkQueueState<Int>(backOff: backOff)
    var model = Model()
    var now = Duration.zero
    var running: [Int] = []
    for step in 0..<2_000 {
      // Distinct deadlines: which of two equal ones fires first is not promised.
      now += .nanoseconds(1)
      let key = Int.random(in: 0..<12, using: &generator)
      let lane = Lane.allCases[Int.random(in: 0..<3, using: &generator)]
      let wait = Duration.milliseconds(Int.random(in: 1..<2_000, using: &generator)) + .nanoseconds(step * 3)
      switch Int.random(in: 0..<12, using: &generator) {
      case 0...3:
        queue.add(key, lane, now: now)
        model.add(key, lane)
      case 4...5:
        queue.add(key, lane, at: now + wait, now: now)
        model.add(key, lane, at: now + wait)
      case 6...7:
        let taken = running.count < 4 ? model.take() : nil
        let real = queue.take(limit: 4, now: now)
        #expect(real?.key == taken?.key && real?.lane == taken?.lane)
        if let taken { running.append(taken.key) }
      case 8...9:
        guard let index = running.indices.randomElement(using: &generator) else { continue }
        let finished = running.remove(at: index)
        let outcome = [
          WorkOutcome.settled, .gone, .again(after: wait, lane: lane), .again(after: .zero), .failed(TestFailure()),
        ][Int.random(in: 0..<4, using: &generator)]
        queue.finish(finished, outcome, now: now, jitter: 0)
        model.finish(finished, outcome, now: now, backOff: backOff)
      case 10:
        now += wait
        _ = queue.fire(now: now)
        fireModel(&model, now)
      default:
        queue.forget(key)
        model[key].failures = 0
        model[key].retry = nil
      }
      try #require(queue.nextDeadline() == model.nextDeadline)
      try #require(queue.depth == model.waiting.count)
      try #require(queue.running == model.running)
      for key in model.keys.keys { try #require(queue.failures(of: key) == model[key].failures) }
    }
    drain(&queue, now: now)
  }

  private func fireModel(_ model: inout Model, _ now: Duration) {
    while let deadline = model.nextDeadline, deadline <= now {
      for key in model.keys.keys.sorted() {
        for path in [\Model.Key.scheduled, \.requested, \.retry] where model[key][keyPath: path]?.deadline == deadline {
          model.fire(key, path)
        }
      }
    }
  }

  /// When everything settles, nothing is remembered.
  private func drain(_ queue: inout WorkQueueState<Int>, now: Duration) {
    for key in 0..<12 {
      queue.finish(key, .settled, now: now, jitter: 0)
      queue.forget(key)
    }
    _ = queue.fire(now: now + .seconds(1_000_000))
    while let taken = queue.take(limit: .max, now: now) { queue.finish(taken.key, .settled, now: now, jitter: 0) }
    #expect(queue.trackedKeys == 0 && queue.depth == 0 && queue.running == 0)
  }
}
