import Synchronization
import Testing

@testable import Simulation

@Suite("The simulation's engine")
struct EngineTests {
  /// Three tasks that sleep and write into a diary; in which order is the seed's choice.
  private func diary(seed: UInt64) -> [String] {
    let engine = SimulationEngine(seed: seed)
    let clock = SimulatedClock(engine)
    let keeper = Diary()
    for name in ["a", "b", "c"] {
      engine.spawn {
        for step in 0..<20 {
          keeper.lines.withLock { $0.append("\(name)\(step)") }
          try? await clock.sleep(for: .milliseconds(clock.random(in: 0...2)))
        }
      }
    }
    #expect(engine.run() == .stillness)
    return keeper.lines.withLock { $0 }
  }

  private final class Diary: Sendable {
    let lines = Mutex<[String]>([])
  }

  @Test("The same seed gives the same order, another seed another one")
  func order() {
    #expect(diary(seed: 7) == diary(seed: 7))
    #expect(Set((0..<8).map { diary(seed: $0).joined() }).count > 1)
  }

  @Test("Time moves only when nothing is ready, and to the next timer at once")
  func time() {
    let engine = SimulationEngine(seed: 1)
    let clock = SimulatedClock(engine)
    let woken = Diary()
    engine.spawn {
      try? await clock.sleep(for: .seconds(3_600))
      woken.lines.withLock { $0.append("\(engine.now)") }
    }
    #expect(engine.run(for: .seconds(3_599)) == .time)
    #expect(woken.lines.withLock { $0 } == [])
    #expect(engine.run(for: .seconds(1)) == .stillness)
    #expect(woken.lines.withLock { $0 } == ["3600.0 seconds"])
  }

  @Test("A task without an owner stays on the engine")
  func looseTask() {
    let engine = SimulationEngine(seed: 1)
    let seen = Diary()
    engine.spawn {
      let task = Task { seen.lines.withLock { $0.append("loose") } }
      await task.value
      seen.lines.withLock { $0.append("after") }
    }
    #expect(engine.run() == .stillness)
    #expect(seen.lines.withLock { $0 } == ["loose", "after"])
    #expect(engine.escapes == 0)
  }

  @Test("What would run for ever without time moving on is noticed")
  func livelock() {
    let engine = SimulationEngine(seed: 1)
    engine.spawn { while !Task.isCancelled { await Task.yield() } }
    #expect(engine.run() == .livelock)
  }

  @Test("A sleep ends with its task, a ring that nobody awaits is remembered")
  func signals() {
    let engine = SimulationEngine(seed: 1)
    let seen = Diary()
    let sleeper = engine.spawn {
      let outcome = await Signal(engine).wait(atMost: .seconds(100))
      seen.lines.withLock { $0.append("\(outcome)") }
    }
    engine.schedule(after: .seconds(1)) { sleeper.cancel() }
    engine.spawn {
      let signal = Signal(engine)
      signal.ring()
      for _ in 0..<2 {
        let outcome = await signal.wait(atMost: .seconds(10))
        seen.lines.withLock { $0.append("\(outcome)") }
      }
    }
    #expect(engine.run(for: .seconds(50)) == .stillness)
    #expect(seen.lines.withLock { $0 } == ["rung", "cancelled", "timedOut"])
  }

  @Test("A stopped machine does nothing until it goes on")
  func frozen() {
    let engine = SimulationEngine(seed: 1)
    let machine = Machine(engine)
    let clock = SimulatedClock(engine)
    let seen = Diary()
    _ = machine.spawn {
      try? await clock.sleep(for: .seconds(1))
      seen.lines.withLock { $0.append("\(engine.now)") }
    }
    engine.run(for: .milliseconds(500))
    machine.freeze()
    engine.schedule(after: .seconds(60)) {}
    engine.run(for: .seconds(60))
    #expect(seen.lines.withLock { $0 } == [])
    machine.thaw()
    engine.run()
    #expect(seen.lines.withLock { $0 } == ["60.5 seconds"])
  }
}
