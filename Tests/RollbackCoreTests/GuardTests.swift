import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("Guards stand between a breach and a rollback, in one order, each with a sentence")
struct GuardTests {
  /// Every guard objects at once; each line takes the first one away.
  private static let removals: [(reason: String, remove: @Sendable (inout Facts) -> Void)] = [
    ("Frozen", { $0.freeze = nil }),
    ("Paused", { $0.workload.isPaused = false }),
    ("OnHold", { $0.holdReason = nil }),
    ("SharedCause", { $0.peers = Peers() }),
    ("MaxRollbacks", { $0.policy.spec.limits.maxRollbacks = 3 }),
    ("Cooldown", { $0.policy.spec.limits.cooldown = .seconds(0) }),
    ("HotfixWindow", { $0.policy.spec.decisions = [] }),
  ]

  private static var besieged: Facts {
    Facts.healthy.crashLooping().at(60).with {
      $0.freeze = Freeze(reason: "audit")
      $0.workload.isPaused = true
      $0.holdReason = "we look at it"
      $0.peers = Peers(
        targets: 8, breachedSince: Array(repeating: testStart.addingTimeInterval(60), count: 7))
      $0.history = [
        EventFacts(
          name: "web-old", suspectHash: "r0", suspectRevision: 0, isAutomatic: true, outcome: .recovered,
          actedAt: testStart.addingTimeInterval(30))
      ]
      $0.policy.spec.limits.maxRollbacks = 1
      $0.policy.spec.limits.cooldown = .minutes(10)
      $0.policy.spec.decisions = [DecisionRule(severity: .high, respond: .act, hotfixWindow: .minutes(5))]
    }
  }

  /// The look at which it is known whether others breach as well.
  private func permission(_ facts: Facts) -> Permission? {
    let later = facts.after(Assessment(facts), at: 63)
    guard case .open(_, let permission) = Assessment(later).decision else { return nil }
    return permission
  }

  @Test("The first that objects is told, with a sentence in the policy as well")
  func order() {
    var facts = Self.besieged
    for (reason, remove) in Self.removals {
      guard case .hold(let hold) = permission(facts) else {
        Issue.record("\(reason) does not hold: \(String(describing: permission(facts)))")
        return
      }
      #expect(hold.reason == reason)
      #expect(hold.message.count > 20)
      let later = facts.after(Assessment(facts), at: 63)
      #expect(Assessment(later).explanation.contains(hold.message))
      remove(&facts)
    }
    #expect(permission(facts) == .act)
  }

  @Test("A freeze that allows Critical lets a Critical breach through, not a High one")
  func allowed() {
    var facts = Facts.healthy.crashLooping().with { $0.freeze = Freeze(allow: .critical) }
    guard case .hold = permission(facts) else {
      Issue.record("not held")
      return
    }
    facts.policy.spec.triggers = [Trigger(name: "pods", severity: .critical, .pods(PodsTrigger()))]
    #expect(permission(facts) == .act)
    facts.freeze = Freeze(until: testStart, reason: "over")
    #expect(permission(facts) == .act)
  }

  @Test("The worst breach decides, whichever trigger began it")
  func worst() {
    var facts = Facts.healthy.crashLooping()
    facts.policy.spec.triggers = [Trigger(name: "crash", severity: .medium, .pods(PodsTrigger()))]
    guard case .ask = permission(facts) else {
      Issue.record("not asked")
      return
    }
    facts.policy.spec.triggers.append(Trigger(name: "grave", severity: .critical, .pods(PodsTrigger())))
    #expect(permission(facts) == .act)
  }

  @Test("A breach that lasts is judged at the higher severity")
  func raised() {
    var facts = Facts.healthy.crashLooping()
    facts.policy.spec.triggers = [Trigger(name: "crash", severity: .low, .pods(PodsTrigger()))]
    facts.policy.spec.decisions = [
      DecisionRule(severity: .low, respond: .notify, raise: .init(after: .minutes(1), to: .critical))
    ]
    let first = Assessment(facts)
    guard case .open(_, .notify) = first.decision else {
      Issue.record("not told: \(first.decision)")
      return
    }
    #expect(first.reconsiderAt == testStart.addingTimeInterval(120))
    guard case .open(_, .act) = Assessment(facts.after(first, at: 120)).decision else {
      Issue.record("not raised")
      return
    }
  }

  @Test("Mode Approve asks where it would act, and expires")
  func approve() {
    let facts = Facts.healthy.crashLooping().policy { $0.mode = .approve }
    guard case .ask(let ask) = permission(facts) else {
      Issue.record("not asked")
      return
    }
    #expect(ask.reason == "the policy's mode is Approve" && ask.onTimeout == .expire)
  }
}
