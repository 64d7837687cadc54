import FoundationEssentials
import RollbackCore
import Testing

@Suite("What two operators remember of one workload")
struct TargetMemoryTests {
  private let start = Date(timeIntervalSince1970: 1_800_000_000)

  private func memory(
    _ state: TriggerStatus.State, after seconds: TimeInterval, revision: Int64 = 2
  ) -> TargetMemory {
    let since = start.addingTimeInterval(seconds)
    return TargetMemory(
      current: RevisionStatus(revision: revision, hash: "hash\(revision)", images: nil, since: start),
      triggers: [TriggerStatus(name: "pods", state: state, since: since)])
  }

  @Test("The status comes to rest: whoever shows a breach, it began when the first of them saw it")
  func comesToRest() {
    for state in [TriggerStatus.State.breached, .breaching, .healthy, .noData] {
      let (early, late) = (memory(state, after: 10), memory(state, after: 20))
      #expect(late.shown(inPlaceOf: early) == early)
      #expect(early.shown(inPlaceOf: late) == early)
    }
  }

  @Test("The earlier beginning of a revision has the earlier end of its trial")
  func trialEnd() {
    func memory(_ seconds: TimeInterval) -> TargetMemory {
      let since = start.addingTimeInterval(seconds)
      return TargetMemory(
        current: RevisionStatus(revision: 2, hash: "hash2", images: nil, since: since),
        trialEndsAt: since.addingTimeInterval(600))
    }
    #expect(memory(5).shown(inPlaceOf: memory(3)) == memory(3))
    #expect(memory(3).shown(inPlaceOf: memory(5)) == memory(3))
  }

  @Test("Decisions are made on what was seen by oneself: a breach that another saw is not taken over")
  func ownBreach() {
    let (early, late) = (memory(.breaching, after: 10), memory(.breaching, after: 20))
    #expect(late.agreeing(with: early) == late)
  }

  @Test("What another state or another revision began with is not taken over")
  func anotherStory() {
    let late = memory(.breached, after: 20)
    #expect(late.shown(inPlaceOf: memory(.healthy, after: 10)) == late)
    #expect(late.shown(inPlaceOf: memory(.breached, after: 10, revision: 1)) == late)
  }
}
