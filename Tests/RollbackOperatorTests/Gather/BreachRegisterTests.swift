import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("What breaches together is known, and told once")
struct BreachRegisterTests {
  private let register = BreachRegister(limits: SharedCauseLimits())

  private func note(_ number: Int, since: Date?) {
    let status = TriggerStatus(
      name: "pods", state: since == nil ? .healthy : .breached, value: "1", threshold: "0", since: since)
    let verdict = TriggerVerdict(
      trigger: Trigger(name: "pods", .pods(PodsTrigger())), status: status, message: nil)
    let assessment = Assessment(
      state: .onTrial, memory: TargetMemory(), verdicts: [verdict], explanation: "on trial", isOnTrial: true)
    register.note(assessment, policyUID: "policy", workloadUID: "workload-\(number)")
  }

  @Test("A workload is compared with the others, not with itself")
  func peers() {
    for number in 1...8 { note(number, since: number <= 3 ? testStart : nil) }
    #expect(register.peers(of: "workload-1", at: testStart).breachedSince.count == 2)
    #expect(register.peers(of: "workload-1", at: testStart).sharedCause(since: testStart)?.breached == 3)
    note(3, since: nil)
    #expect(register.peers(of: "workload-1", at: testStart).sharedCause(since: testStart) == nil)
    register.forget(workloadUID: "workload-8")
    #expect(register.peers(of: "workload-1", at: testStart).targets == 7)
  }

  @Test("Since when anything is known of others is the first time at which it was asked for")
  func knownSince() {
    #expect(register.peers(of: "workload-1", at: testStart).knownSince == testStart)
    #expect(register.peers(of: "workload-2", at: testStart.addingTimeInterval(60)).knownSince == testStart)
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
