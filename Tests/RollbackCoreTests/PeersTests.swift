import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("Many breaches at once are not one bad release")
struct PeersTests {
  private static func facts(breached: Int, of targets: Int, onTrial: Int? = nil, at seconds: TimeInterval = 70) -> Facts
  {
    Facts.healthy.crashLooping().at(seconds).with {
      $0.peers = Peers(
        targets: targets, breachedSince: Array(repeating: testStart.addingTimeInterval(61), count: breached - 1),
        onTrial: onTrial ?? breached - 1)
      $0.memory.triggers = [TriggerStatus(name: "pods", state: .breached, since: testStart.addingTimeInterval(60))]
    }
  }

  private static func hold(_ facts: Facts) -> String? {
    guard case .open(_, .hold(let hold)) = Assessment(facts).decision else { return nil }
    return hold.reason
  }

  private static func acts(_ facts: Facts) -> Bool {
    if case .open(_, .act) = Assessment(facts).decision { true } else { false }
  }

  @Test("Above the limit all plans are held, at it and among few workloads they are not")
  func limit() {
    #expect(Self.hold(Self.facts(breached: 40, of: 100)) == "SharedCause")
    #expect(Self.acts(Self.facts(breached: 30, of: 100)))
    #expect(Self.acts(Self.facts(breached: 4, of: 4)))
    #expect(Self.acts(Self.facts(breached: 1, of: 5)))
  }

  @Test("Breaches that began at other times have other causes")
  func window() {
    let facts = Self.facts(breached: 40, of: 100).with {
      $0.peers.breachedSince = $0.peers.breachedSince.map { $0.addingTimeInterval(-600) }
    }
    #expect(Self.acts(facts))
  }

  @Test("Where others may follow it is looked first whether they do, and only there")
  func settling() {
    func decides(_ facts: Facts) -> Bool { if case .none = Assessment(facts).decision { false } else { true } }
    #expect(!decides(Self.facts(breached: 1, of: 100, onTrial: 50, at: 61)))
    #expect(decides(Self.facts(breached: 1, of: 100, onTrial: 50, at: 62)))
    #expect(decides(Self.facts(breached: 1, of: 100, onTrial: 0, at: 61)))
  }

  @Test("What could not be looked at yet is waited for where it would decide, and not for ever")
  func unassessed() {
    func decides(_ facts: Facts) -> Bool { if case .none = Assessment(facts).decision { false } else { true } }
    let facts = Self.facts(breached: 2, of: 9, onTrial: 0, at: 200).with {
      $0.peers.unjudgedSince = [$0.now.addingTimeInterval(-30)]
    }
    #expect(!decides(facts))
    #expect(Assessment(facts).reconsiderAt == facts.now.addingTimeInterval(1))
    // Three of nine are more than 30 %, three of ten are not.
    #expect(decides(facts.with { $0.peers.targets = 10 }))
    #expect(decides(facts.with { $0.peers.unjudgedSince = [] }))
    #expect(decides(facts.with { $0.now += 91 }))
  }

  @Test("A breach that was first heard of after a silence is compared with what else comes of it")
  func silence() {
    func decides(_ facts: Facts) -> Bool { if case .none = Assessment(facts).decision { false } else { true } }
    let facts = Self.facts(breached: 1, of: 100, onTrial: 50, at: 100).with {
      $0.peers.knownSince = testStart
      $0.peers.breachSeen = $0.now
    }
    #expect(!decides(facts))
    #expect(decides(facts.with { $0.now += 2 }))
    // What was just read of its past makes it another story.
    let older = facts.with { ($0.peers.breachSeen, $0.peers.breachSince) = (testStart + 60, testStart + 60) }
    #expect(decides(older) && !decides(older.with { $0.peers.breachSince = testStart + 50 }))
    // What was seen in the first look after a start has been looked at together already.
    #expect(decides(facts.with { $0.peers.knownSince = $0.now.addingTimeInterval(-2) }))
  }

  @Test("Who has just begun to look waits until the others were looked at, too, however old a breach is")
  func justBegun() {
    func decides(_ facts: Facts) -> Bool { if case .none = Assessment(facts).decision { false } else { true } }
    // At first none of the others is known.
    let facts = Self.facts(breached: 1, of: 1, at: 200).with { $0.peers.knownSince = $0.now }
    #expect(!decides(facts))
    #expect(Assessment(facts).reconsiderAt == facts.now.addingTimeInterval(2))
    #expect(decides(facts.with { $0.now += 2 }))
    let known = Assessment(facts.with { $0.now += 2 })
    guard case .open(let intent, _) = known.decision else {
      Issue.record("nothing was decided")
      return
    }
    // An event that was made before the restart is not acted on sooner.
    let made = facts.with {
      $0.history = [
        EventFacts(
          name: intent.eventName, suspectHash: intent.suspect?.hash, suspectRevision: intent.suspect?.number,
          isAutomatic: true, outcome: nil)
      ]
    }
    #expect(!decides(made))
    #expect(decides(made.with { $0.now += 2 }))
  }
}
