import Logging
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("A server that no longer answers is noticed", .timeLimit(.minutes(2)))
struct WatchLivenessTests {
  /// Runs the machine against a server that answers until `dies`, and a watch that is silent from the start.
  private func timeToNotice(dies: Duration, isRefusing: Bool = false) -> Duration? {
    var machine = LivenessMachine()
    var now: Duration = .zero
    while now < .seconds(300) {
      switch machine.next(at: now, oldestActivity: .zero) {
      case .wait(let duration): now += duration
      case .probe:
        let isAlive = now < dies
        if !isAlive { now += LivenessMachine.timeout }
        machine.probed(isAlive: isAlive)
      case .giveUp: return now - dies
      }
    }
    return nil
  }

  @Test("Whenever the server stops, it is noticed within 15 s")
  func within15Seconds() {
    for tenths in 0..<300 {
      let time = timeToNotice(dies: .milliseconds(100 * tenths))
      #expect(time.map { $0 <= .seconds(15) } == true, "stopped after \(tenths) tenths: \(String(describing: time))")
    }
  }

  @Test("Less than one request in five seconds, however many watches are silent")
  func rate() {
    var machine = LivenessMachine()
    var now: Duration = .zero
    var probes = 0
    while now < .seconds(3_600) {
      switch machine.next(at: now, oldestActivity: .zero) {
      case .wait(let duration): now += duration
      case .probe:
        probes += 1
        machine.probed(isAlive: true)
      case .giveUp: Issue.record("gave up a server that answers")
      }
    }
    #expect(Double(probes) / 3_600 < 0.2)
  }

  @Test("Watches that are heard of cause no requests, no watch neither")
  func busy() {
    var machine = LivenessMachine()
    for second in 0..<100 {
      let now = Duration.seconds(second)
      guard case .wait = machine.next(at: now, oldestActivity: now) else {
        Issue.record("asked although it was heard of")
        return
      }
    }
    #expect(machine.next(at: .seconds(100), oldestActivity: nil) == .wait(.seconds(5)))
  }

  @Test("One question without an answer is forgiven")
  func oneFailure() {
    var machine = LivenessMachine()
    #expect(machine.next(at: .seconds(5), oldestActivity: .zero) == .probe)
    machine.probed(isAlive: false)
    #expect(machine.next(at: .seconds(9), oldestActivity: .zero) == .probe)
    machine.probed(isAlive: true)
    #expect(machine.next(at: .seconds(9), oldestActivity: .zero) == .wait(.seconds(5)))
  }

  @Test("Silent watches are given up together; one that was heard of meanwhile is not")
  func giveUp() async {
    let clock = ManualClock()
    let transport = ScriptedTransport(clock: clock) { _, _ in .silence }
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    let liveness = client.watchLiveness
    let givenUp = Mutex<[String]>([])
    _ = liveness.register { givenUp.withLock { $0.append("first") } }
    _ = liveness.register { givenUp.withLock { $0.append("second") } }
    let heard = liveness.register { givenUp.withLock { $0.append("heard") } }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await liveness.run() }
      await clock.waitForSleeper(of: .seconds(5))
      clock.advance(by: .seconds(5))
      await clock.waitForSleeper(of: .seconds(4))
      clock.advance(by: .seconds(4))
      await transport.waitForRequests(2)
      await clock.waitForSleeper(of: .seconds(4))
      liveness.heard(of: heard)
      clock.advance(by: .seconds(4))
      await clock.waitForSleeper(of: .seconds(2))
      group.cancelAll()
    }
    #expect(givenUp.withLock { $0.sorted() } == ["first", "second"])
    #expect(clock.monotonicTime == .seconds(13))
    #expect(transport.paths == ["/livez?exclude=etcd", "/livez?exclude=etcd"])
  }

  @Test(
    "Every answer is a sign of life, and what was not asked says nothing",
    arguments: [
      ScriptedTransport.Answer.json(200, "ok"), .status(401, "Unauthorized"), .status(403, "Forbidden"),
      .status(429, "TooManyRequests"), .page(500, "livez check failed"),
      .failure(TransportError(.credentials, requestMayHaveBeenSent: false, message: "the token file is empty")),
      .failure(TransportError(.tls, requestMayHaveBeenSent: false, message: "refused")),
    ])
  func answers(answer: ScriptedTransport.Answer) async {
    let clock = ManualClock(.automatic)
    let transport = ScriptedTransport(clock: clock) { _, _ in answer }
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    let isGivenUp = Mutex(false)
    _ = client.watchLiveness.register { isGivenUp.withLock { $0 = true } }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await client.watchLiveness.run() }
      await transport.waitForRequests(20)
      group.cancelAll()
    }
    #expect(!isGivenUp.withLock { $0 })
  }
}
