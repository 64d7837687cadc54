import FoundationEssentials
import Testing

@testable import LocalCluster

@Suite("The life of a simulated container")
struct ContainerTimelineTests {
  static let start = Date(timeIntervalSince1970: 1_700_000_000)

  /// What is checked of a moment, short enough for a table.
  static func summary(_ behaviour: PodBehaviour, after seconds: Double, changed: Double? = nil) -> String {
    let timeline = ContainerTimeline(behaviour: behaviour, start: start, changed: changed.map { start + $0 })
    let moment = timeline.moment(at: start + seconds)
    let state =
      switch moment.state {
      case .running: "running"
      case .terminated: "terminated"
      case .waiting(let reason, _): reason
      }
    return "\(state)\(moment.isReady ? " ready" : "") \(moment.restartCount)\(moment.lastRun == nil ? "" : " again")"
  }

  @Test(
    "Each behaviour has its states in the kubelet's order",
    arguments: [
      (PodBehaviour(), 0, "running ready 0"),
      (PodBehaviour(readyAfter: .seconds(1)), 0.9, "running 0"),
      (PodBehaviour(readyAfter: .seconds(1)), 1, "running ready 0"),
      (PodBehaviour(kind: .succeed), 0, "terminated 0"),
      (PodBehaviour(kind: .succeed, readyAfter: .seconds(2)), 1.9, "running 0"),
      (PodBehaviour(kind: .succeed, readyAfter: .seconds(2)), 1_000, "terminated 0"),
      (PodBehaviour(kind: .fail, readyAfter: .seconds(2)), 2, "terminated 0"),
      (PodBehaviour(kind: .unready), 0, "running 0"),
      (PodBehaviour(kind: .unready), 1_000, "running 0"),
      (PodBehaviour(kind: .crashLoop), 0, "running 0"),
      (PodBehaviour(kind: .crashLoop), 0.4, "terminated 0"),
      (PodBehaviour(kind: .crashLoop), 0.6, "running 1 again"),
      (PodBehaviour(kind: .crashLoop), 0.9, "terminated 1 again"),
      (PodBehaviour(kind: .crashLoop), 1.1, "CrashLoopBackOff 1 again"),
      (PodBehaviour(kind: .crashLoop), 10.9, "CrashLoopBackOff 1 again"),
      (PodBehaviour(kind: .crashLoop), 11.1, "running 2 again"),
      (PodBehaviour(kind: .crashLoop), 12, "CrashLoopBackOff 2 again"),
      (PodBehaviour(kind: .oomKilled), 1.1, "CrashLoopBackOff 1 again"),
      (PodBehaviour(kind: .imagePull), 0, "ErrImagePull 0"),
      (PodBehaviour(kind: .imagePull), 0.4, "ImagePullBackOff 0"),
      (PodBehaviour(kind: .imagePull), 10.4, "ErrImagePull 0"),
      (PodBehaviour(kind: .imagePull), 10.7, "ImagePullBackOff 0"),
      (PodBehaviour(failAfter: .seconds(30)), 29, "running ready 0"),
      (PodBehaviour(failAfter: .seconds(30)), 30.1, "terminated 0"),
      (PodBehaviour(failAfter: .seconds(30)), 30.3, "running 1 again"),
      (PodBehaviour(failAfter: .seconds(30)), 31, "CrashLoopBackOff 1 again"),
      (PodBehaviour(failAfter: .seconds(30), signals: .good), 31, "running ready 0"),
      (PodBehaviour(kind: .crashLoop, failAfter: .seconds(30), signals: .good), 31, "CrashLoopBackOff 1 again"),
      (PodBehaviour(kind: .unready, failAfter: .seconds(5)), 4, "running ready 0"),
      (PodBehaviour(kind: .unready, failAfter: .seconds(5)), 5, "running 0"),
      (PodBehaviour(kind: .imagePull, failAfter: .seconds(5)), 6, "ImagePullBackOff 0 again"),
    ] as [(PodBehaviour, Double, String)])
  func states(behaviour: PodBehaviour, seconds: Double, expected: String) {
    #expect(Self.summary(behaviour, after: seconds) == expected)
  }

  @Test("A behaviour that is changed on a running pod shows from then on")
  func changed() {
    let behaviour = PodBehaviour(kind: .crashLoop)
    #expect(Self.summary(behaviour, after: 99, changed: 100) == "running ready 0")
    #expect(Self.summary(behaviour, after: 102, changed: 100) == "CrashLoopBackOff 1 again")
  }

  @Test("The back-off doubles up to five minutes")
  func backOff() {
    #expect((1...8).map(ContainerTimeline.backOff) == [10, 20, 40, 80, 160, 300, 300, 300])
  }

  @Test("A month of failures is counted as exactly as the first minutes")
  func month() {
    // The seventh run starts after 313 s, and each of those that follow 300.5 s after the one before.
    let runs = 6 + Int((2_592_000 - 313) / 300.5)
    #expect(Self.summary(PodBehaviour(kind: .crashLoop), after: 2_592_000) == "CrashLoopBackOff \(runs) again")
    let timeline = ContainerTimeline(behaviour: PodBehaviour(kind: .crashLoop), start: Self.start)
    let moment = timeline.moment(at: Self.start + 2_592_000)
    let next = moment.until ?? .distantFuture
    #expect(timeline.moment(at: next).restartCount == runs + 1)
    #expect(moment.lastRun.map { next.timeIntervalSince($0.startedAt) }.map { abs($0 - 300.5) < 0.001 } == true)
    #expect(Self.summary(PodBehaviour(kind: .imagePull), after: 2_592_000) == "ImagePullBackOff 0")
  }

  @Test("Nothing changes before the announced moment, and something does at it", arguments: PodBehaviour.Kind.allCases)
  func announcements(kind: PodBehaviour.Kind) {
    let behaviour = PodBehaviour(kind: kind, readyAfter: .seconds(2), failAfter: .seconds(20))
    let timeline = ContainerTimeline(behaviour: behaviour, start: Self.start, changed: nil)
    var now = Self.start
    for _ in 0..<30 {
      let moment = timeline.moment(at: now)
      guard let until = moment.until else { return }
      #expect(until > now)
      #expect(timeline.moment(at: until - 0.001) == moment)
      #expect(timeline.moment(at: until) != moment)
      now = until
    }
  }
}
