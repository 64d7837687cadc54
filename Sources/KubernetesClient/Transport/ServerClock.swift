public import FoundationEssentials
import Synchronization

/// A clock whose wall time is the API server's, as the `Date` of its answers tells it.
///
/// Creation times are the API server's, and trials and deadlines are counted from them: on a machine whose clock is
/// wrong they would end at once or never. The machine's own wall clock is used where it agrees with an answer, which
/// tells whole seconds only. From there on time is counted monotonically, so that a machine's clock that jumps ends
/// nothing before the next answer.
public final class ServerClock: RuntimeClock {
  /// How far the two may be apart, in seconds: half a second for the fraction that is cut off, the rest for a clock
  /// that is good enough.
  static let tolerance: TimeInterval = 2

  /// A wall time and the monotonic time at which it was.
  private struct Anchor {
    var wallTime: Date
    var monotonicTime: Duration

    func wallTime(at now: Duration) -> Date { wallTime.addingTimeInterval((now - monotonicTime) / .seconds(1)) }
  }

  private let own: any RuntimeClock
  private let anchor: Mutex<Anchor>

  init(_ own: any RuntimeClock) {
    self.own = own
    anchor = Mutex(Anchor(wallTime: own.wallTime, monotonicTime: own.monotonicTime))
  }

  public var wallTime: Date {
    let now = own.monotonicTime
    return anchor.withLock { $0.wallTime(at: now) }
  }

  public var monotonicTime: Duration { own.monotonicTime }

  public func sleep(for duration: Duration) async throws(CancellationError) { try await own.sleep(for: duration) }

  public func random(in range: ClosedRange<Double>) -> Double { own.random(in: range) }

  /// Takes the time of an answer that has just come.
  ///
  /// - Parameter sent: the monotonic time at which its request was sent; the answer was written at some moment since.
  func note(_ answer: TransportResponse, sent: Duration) {
    guard let date = answer.header("Date").flatMap({ HTTPDate.date($0) }) else { return }
    let told = date.addingTimeInterval(0.5)
    let (now, machine) = (own.monotonicTime, own.wallTime)
    let doubt = Self.tolerance + max(0, (now - sent) / .seconds(1))
    anchor.withLock { anchor in
      guard abs(told.timeIntervalSince(anchor.wallTime(at: now))) > doubt else { return }
      let isMachineRight = abs(told.timeIntervalSince(machine)) <= doubt
      anchor = Anchor(wallTime: isMachineRight ? machine : told, monotonicTime: now)
    }
  }
}

/// Tells a clock what the answers of another transport say of the time.
struct DatedTransport: Transport {
  let transport: any Transport
  let clock: ServerClock

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let sent = clock.monotonicTime
    let answer = try await transport.send(request)
    clock.note(answer, sent: sent)
    return answer
  }

  func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    let sent = clock.monotonicTime
    return try await transport.stream(
      request, idleTimeout: idleTimeout,
      onResponse: { head throws(TransportError) in
        clock.note(head, sent: sent)
        return try await onResponse(head)
      }, onChunk: onChunk)
  }
}
