import FoundationEssentials
import Logging
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("The API server's clock")
struct ServerClockTests {
  private func answer(_ date: Date?) -> TransportResponse {
    TransportResponse(status: 200, headers: date.map { [("date", HTTPDate.text($0))] } ?? [])
  }

  @Test(
    "Dates of header fields, there and back",
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Fri, 15 Jan 2027 08:00:00 GMT", 1_800_000_000), ("Tue, 29 Feb 2028 23:59:59 GMT", 1_835_481_599),
    ])
  func dates(text: String, seconds: Double) {
    #expect(HTTPDate.date(text) == Date(timeIntervalSince1970: seconds))
    #expect(HTTPDate.text(Date(timeIntervalSince1970: seconds + 0.9)) == text)
  }

  @Test(
    "Other dates are none",
    arguments: [
      "", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 CET",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
    ])
  func noDates(text: String) {
    #expect(HTTPDate.date(text) == nil)
  }

  @Test("A machine whose clock is two hours off takes the time of the answers", arguments: [-7_200.0, 7_200])
  func wrongClock(skew: Double) {
    let own = ManualClock()
    let clock = ServerClock(own)
    let right = own.wallTime.addingTimeInterval(skew)
    clock.note(answer(right), sent: own.monotonicTime)
    #expect(abs(clock.wallTime.timeIntervalSince(right)) <= 1)
    own.advance(by: .seconds(60))
    #expect(abs(clock.wallTime.timeIntervalSince(right.addingTimeInterval(60))) <= 1)
  }

  @Test("A clock that is right to two seconds is believed, and one that was set right is believed again")
  func rightClock() {
    let own = ManualClock()
    let clock = ServerClock(own)
    clock.note(answer(own.wallTime.addingTimeInterval(-1)), sent: own.monotonicTime)
    #expect(clock.wallTime == own.wallTime)
    clock.note(answer(own.wallTime.addingTimeInterval(100)), sent: own.monotonicTime)
    #expect(clock.wallTime > own.wallTime.addingTimeInterval(99))
    clock.note(answer(own.wallTime), sent: own.monotonicTime)
    #expect(clock.wallTime == own.wallTime)
  }

  /// A machine whose wall clock somebody sets.
  private final class SetClock: RuntimeClock {
    let inner = ManualClock()
    let shift = Mutex<TimeInterval>(0)
    var wallTime: Date { inner.wallTime.addingTimeInterval(shift.withLock { $0 }) }
    var monotonicTime: Duration { inner.monotonicTime }
    func sleep(for duration: Duration) async throws(CancellationError) { try await inner.sleep(for: duration) }
    func random(in range: ClosedRange<Double>) -> Double { range.lowerBound }
  }

  @Test("A machine's clock that jumps ends no deadline, neither before the next answer nor after it")
  func jump() {
    let own = SetClock()
    let clock = ServerClock(own)
    for shift in [86_400.0, -86_400, 0] {
      own.shift.withLock { $0 = shift }
      #expect(clock.wallTime == own.inner.wallTime)
      own.inner.advance(by: .seconds(10))
      clock.note(answer(own.inner.wallTime), sent: own.monotonicTime)
      #expect(clock.wallTime == own.inner.wallTime)
    }
  }

  @Test("An answer that was long under way proves nothing by its age")
  func slowAnswer() {
    let own = ManualClock()
    let clock = ServerClock(own)
    let sent = own.monotonicTime
    let early = own.wallTime
    own.advance(by: .seconds(30))
    clock.note(answer(early), sent: sent)
    #expect(clock.wallTime == own.wallTime)
  }

  @Test("An answer without a date changes nothing")
  func noDate() {
    let own = ManualClock()
    let clock = ServerClock(own)
    clock.note(answer(nil), sent: own.monotonicTime)
    #expect(clock.wallTime == own.wallTime)
  }

  @Test("A client takes the time of every answer, also of a refusal")
  func client() async throws {
    let own = ManualClock(.automatic)
    let right = own.wallTime.addingTimeInterval(-3_600)
    let transport = ScriptedTransport(
      clock: own,
      [.response(TransportResponse(status: 404, headers: [("Date", HTTPDate.text(right))]))])
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let client = KubernetesClient(transport: transport, clock: own, logger: logger)
    _ = try? await client.getValue(.deployments, namespace: "a", name: "b")
    #expect(abs(client.serverClock.wallTime.timeIntervalSince(right)) <= 1)
  }
}
