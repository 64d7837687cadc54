import Testing

@testable import RollbackOperator

@Suite("Requests at once")
struct RequestSlotsTests {
  @Test("One host fills its own places only, and what is free goes round")
  func turns() {
    var slots = RequestSlots(limits: .init(total: 3, perHost: 2))
    let entered = zip([1, 2, 3, 4, 5, 6] as [UInt64], ["a", "a", "a", "b", "b", "c"])
      .map { slots.enter($0, host: $1) }
    #expect(entered == [true, true, false, true, false, false])
    let started = ["a", "a", "b", "b"].map { slots.leave($0) }
    #expect(started == [3, 5, 6, nil])
    #expect(slots.runningCount == 2)
  }

  @Test("Who has withdrawn is passed over, and who runs cannot withdraw")
  func withdrawal() {
    var slots = RequestSlots(limits: .init(total: 1, perHost: 1))
    let entered = ([1, 2, 3] as [UInt64]).map { slots.enter($0, host: "a") }
    #expect(entered == [true, false, false])
    let withdrawn = ([1, 2, 2] as [UInt64]).map { slots.withdraw($0, host: "a") }
    #expect(withdrawn == [false, true, false])
    let started = (0..<3).map { _ in slots.leave("a") }
    #expect(started == [3, nil, nil])
    #expect(slots.runningCount == 0)
  }

  /// The same as a list that is walked through every time.
  @Test("Never above a bound, never idle while somebody could run, first come first served", arguments: 1...50)
  func model(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let limits = RequestSlots.Limits(
      total: Int.random(in: 1...6, using: &random), perHost: .random(in: 1...3, using: &random))
    var slots = RequestSlots(limits: limits)
    var running: [(id: UInt64, host: String)] = []
    var waiting: [(id: UInt64, host: String)] = []
    for id in 1...300 as ClosedRange<UInt64> {
      let host = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
      switch Int.random(in: 0...5, using: &random) {
      case 0...2:
        if slots.enter(id, host: host) { running.append((id, host)) } else { waiting.append((id, host)) }
      case 3, 4:
        guard let index = running.indices.randomElement(using: &random) else { continue }
        let ended = running.remove(at: index)
        guard let next = slots.leave(ended.host) else { continue }
        guard let place = waiting.firstIndex(where: { $0.id == next }) else {
          Issue.record("\(next) did not wait")
          return
        }
        let started = waiting.remove(at: place)
        #expect(!waiting[..<place].contains { $0.host == started.host })
        running.append(started)
      default:
        guard let index = waiting.indices.randomElement(using: &random) else { continue }
        let gone = waiting.remove(at: index)
        let wasWaiting = slots.withdraw(gone.id, host: gone.host)
        #expect(wasWaiting)
      }
      let counts = Dictionary(grouping: running, by: \.host).mapValues(\.count)
      #expect(slots.runningCount == running.count)
      #expect(slots.running == counts)
      #expect(running.count <= limits.total && counts.values.allSatisfy { $0 <= limits.perHost })
      let couldRun = waiting.contains { counts[$0.host, default: 0] < limits.perHost } && running.count < limits.total
      #expect(!couldRun)
    }
  }
}

/// SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
