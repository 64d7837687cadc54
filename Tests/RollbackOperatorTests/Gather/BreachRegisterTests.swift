import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("What breaches together is known, and told once")
struct BreachRegisterTests {
  private let register = BreachRegister(limits: SharedCauseLimits())

  private func peers(_ number: Int = 1, after seconds: TimeInterval = 0) -> Peers {
    register.peers(
      policyUID: "policy", workloadUID: "workload-\(number)", at: testStart.addingTimeInterval(seconds))
  }

  private func note(
    _ number: Int, since: Date?, after seconds: TimeInterval = 0, isUnobserved: Bool = false, isPending: Bool = false
  ) {
    let status = TriggerStatus(
      name: "pods", state: since == nil ? .healthy : .breached, value: "1", threshold: "0", since: since)
    var verdict = TriggerVerdict(
      trigger: Trigger(name: "pods", .pods(PodsTrigger())), status: status, message: nil)
    verdict.isPending = isPending
    var assessment = Assessment(
      state: .onTrial, memory: TargetMemory(), verdicts: [verdict], explanation: "on trial", isOnTrial: true)
    assessment.isUnobserved = isUnobserved
    register.note(
      assessment, policyUID: "policy", workloadUID: "workload-\(number)", at: testStart.addingTimeInterval(seconds))
  }

  @Test("A workload is compared with the others, not with itself")
  func comparison() {
    for number in 1...8 { note(number, since: number <= 3 ? testStart : nil) }
    #expect(peers().breachedSince.count == 2)
    #expect(peers().sharedCause(since: testStart)?.breached == 3)
    note(3, since: nil)
    #expect(peers().sharedCause(since: testStart) == nil)
    register.forget(workloadUID: "workload-8")
    #expect(peers().targets == 7)
  }

  @Test("Since when anything is known of others is the first time at which it was asked for")
  func knownSince() {
    #expect(peers().knownSince == testStart)
    #expect(peers(2, after: 60).knownSince == testStart)
  }

  private func expect(_ number: Int, after seconds: TimeInterval = 0) {
    register.expect(
      policyUID: "policy", workloadUID: "workload-\(number)", at: testStart.addingTimeInterval(seconds))
  }

  @Test("What cannot be judged is counted until it was, or is gone")
  func unjudged() {
    for number in 1...4 { expect(number) }
    #expect(peers().unjudgedSince.count == 3 && peers().targets == 4)
    note(2, since: nil)
    for number in 2...4 { expect(number, after: 5) }
    #expect(peers().unjudgedSince == [testStart, testStart] && peers().targets == 4)
    register.forget(workloadUID: "workload-3")
    #expect(peers().unjudgedSince.count == 1)
    for seconds in [10.0, 20] { note(2, since: nil, after: seconds, isUnobserved: true) }
    #expect(peers().unjudgedSince == [testStart, .distantFuture] && peers().targets == 3)
    for seconds in [21.0, 22] { note(2, since: nil, after: seconds, isPending: true) }
    #expect(peers().unjudgedSince == [testStart, testStart.addingTimeInterval(21)])
    note(2, since: nil, after: 30)
    #expect(peers().unjudgedSince == [testStart])
    register.forget(policyUID: "policy")
    #expect(peers().unjudgedSince.isEmpty && peers().targets == 1)
  }

  @Test("A breach is first heard of once, and stays while nothing can be judged")
  func seen() {
    #expect(peers(1, after: 5).breachSeen == testStart.addingTimeInterval(5))
    note(1, since: testStart, after: 5)
    note(1, since: testStart, after: 6)
    #expect(peers(1, after: 9).breachSeen == testStart.addingTimeInterval(5))
    #expect(peers(1, after: 9).breachSince == testStart)
    note(1, since: nil, after: 9, isUnobserved: true)
    #expect(peers(1, after: 9).breachSeen == testStart.addingTimeInterval(5))
    #expect(peers(2, after: 9).breachedSince == [testStart])
    note(1, since: nil, after: 10)
    #expect(peers(1, after: 12).breachSeen == testStart.addingTimeInterval(12))
    #expect(peers(2, after: 12).breachedSince.isEmpty)
    // Of a breach that turns out to be older it is a new word.
    note(1, since: testStart, after: 20)
    note(1, since: testStart.addingTimeInterval(-300), after: 30)
    #expect(peers(1, after: 31).breachSeen == testStart.addingTimeInterval(30))
  }

  @Test("The first of many is told, those that follow are not, and a later story is told again")
  func once() {
    #expect(register.noteSharedCause(at: testStart))
    for seconds in [0, 60, 170, 290] as [TimeInterval] {
      #expect(!register.noteSharedCause(at: testStart.addingTimeInterval(seconds)))
    }
    #expect(register.noteSharedCause(at: testStart.addingTimeInterval(411)))
  }
}
