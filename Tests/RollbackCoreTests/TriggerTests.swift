import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@Suite("Triggers read facts and give three-valued verdicts")
struct TriggerTests {
  private func read(_ trigger: PodsTrigger, _ pods: [PodFacts]?, at seconds: TimeInterval = 60) -> Reading {
    Evaluation.read(
      Trigger(name: "pods", .pods(trigger)), workload: Facts.healthy.workload, pods: pods,
      now: testStart.addingTimeInterval(seconds))
  }

  private func value(_ reading: Reading) -> String? {
    if case .breached(let breach) = reading { return breach.value }
    return nil
  }

  @Test(
    "The built-in pods trigger knows the ways in which a container fails to run",
    arguments: [
      ("CrashLoopBackOff", true), ("ImagePullBackOff", true), ("InvalidImageName", true), ("ErrImagePull", false),
      ("ContainerCreating", false), ("PodInitializing", false),
    ])
  func waitingReasons(reason: String, isBreach: Bool) {
    #expect((value(read(PodsTrigger(), [.healthy("a"), .waiting("b", reason)])) != nil) == isBreach)
  }

  @Test("A container killed for its memory is a breach, one that ended by itself is none")
  func outOfMemory() {
    var pod = PodFacts.healthy("a")
    pod.containers[0].terminationReason = "OOMKilled"
    pod.containers[0].terminatedAt = testStart.addingTimeInterval(30)
    #expect(value(read(PodsTrigger(), [pod])) == "OOMKilled in 1/1 pods")
    pod.containers[0].terminationReason = "Completed"
    #expect(read(PodsTrigger(), [pod]) == .healthy)
  }

  @Test("Pods that are not known are unknown, not healthy")
  func unknown() {
    guard case .unknown = read(PodsTrigger(), nil) else {
      Issue.record("unknown pods were judged")
      return
    }
  }

  @Test("A pod on its way out says nothing about the release")
  func leavingPods() {
    var pod = PodFacts.waiting("a", "CrashLoopBackOff")
    pod.isBeingDeleted = true
    #expect(read(PodsTrigger(), [pod, .healthy("b")]) == .healthy)
  }

  @Test("A switched-off check does not count")
  func switchedOff() {
    #expect(read(PodsTrigger(crashLooping: false), [.waiting("a", "CrashLoopBackOff")]) == .healthy)
    #expect(read(PodsTrigger(imagePull: false), [.waiting("a", "ImagePullBackOff")]) == .healthy)
  }

  @Test("Restarts count within their window only")
  func restarts() {
    var pod = PodFacts.healthy("a")
    pod.containers[0].restarts = [10, 20, 50].map { testStart.addingTimeInterval($0) }
    let trigger = PodsTrigger(restarts: .init(atLeast: 3, within: .seconds(60)))
    #expect(value(read(trigger, [pod], at: 60)) == "3")
    #expect(read(trigger, [pod], at: 75) == .healthy)
  }

  @Test("The share of unready pods is breached since the pod that took it over the limit")
  func unready() {
    func pod(_ name: String, unreadySince: TimeInterval?) -> PodFacts {
      var pod = PodFacts.healthy(name)
      guard let unreadySince else { return pod }
      pod.isReady = false
      pod.readyChangedAt = testStart.addingTimeInterval(unreadySince)
      return pod
    }
    let trigger = PodsTrigger(unready: Above(.percent(50)))
    let reading = read(
      trigger,
      [pod("a", unreadySince: 5), pod("b", unreadySince: 20), pod("c", unreadySince: 12), pod("d", unreadySince: nil)])
    guard case .breached(let breach) = reading else {
      Issue.record("not breached")
      return
    }
    #expect(breach.value == "75%")
    #expect(breach.since == testStart.addingTimeInterval(20))
    #expect(read(trigger, [pod("a", unreadySince: 5), pod("b", unreadySince: nil)]) == .healthy)
    #expect(read(trigger, []) == .healthy)
  }

  @Test("Only a rollout in progress can stall: growth by an autoscaler is none")
  func stalled() {
    var workload = Facts.healthy.workload
    workload.availableReplicas = 1
    let trigger = Trigger(name: "rollout", .rollout(RolloutTrigger(stalledFor: .seconds(30))))
    let now = testStart.addingTimeInterval(60)
    #expect(Evaluation.read(trigger, workload: workload, pods: nil, now: now) == .healthy)
    workload.progressing = .init(isTrue: true, reason: "ReplicaSetUpdated", lastUpdate: testStart)
    guard case .breached = Evaluation.read(trigger, workload: workload, pods: nil, now: now) else {
      Issue.record("a stalled rollout was not seen")
      return
    }
    #expect(
      Evaluation.read(trigger, workload: workload, pods: nil, now: testStart.addingTimeInterval(29)) == .healthy)
  }

  @Test("A status about an older spec is unknown")
  func unobserved() {
    var workload = Facts.healthy.workload
    workload.generation = 2
    let reading = Evaluation.read(
      Trigger(name: "rollout", .rollout(RolloutTrigger())), workload: workload, pods: nil, now: testStart)
    guard case .unknown = reading else {
      Issue.record("judged on an old status")
      return
    }
  }

  @Test("A breach counts only after it has held without a break for as long as the trigger asks")
  func holds() {
    let facts = Facts.healthy.policy {
      $0.triggers = [Trigger(name: "pods", for: .seconds(10), .pods(PodsTrigger()))]
    }
    let first = Assessment(facts.crashLooping().at(60))
    #expect(first.state == .breaching)
    #expect(first.reconsiderAt == testStart.addingTimeInterval(70))
    let broken = Assessment(facts.after(first, at: 65))
    #expect(broken.state == .onTrial)
    let again = Assessment(facts.crashLooping().after(broken, at: 69))
    #expect(again.state == .breaching)
    #expect(Assessment(facts.crashLooping().after(again, at: 78)).state == .breaching)
    #expect(Assessment(facts.crashLooping().after(again, at: 79)).state == .rollingBack)
  }

  @Test("Nothing counts before the initial delay has passed")
  func initialDelay() {
    let facts = Facts.healthy.crashLooping().policy { $0.trial.initialDelay = .seconds(90) }
    let early = Assessment(facts.at(60))
    #expect(early.state == .onTrial)
    #expect(early.reconsiderAt == testStart.addingTimeInterval(90))
    #expect(Assessment(facts.after(early, at: 90)).state == .rollingBack)
  }
}
