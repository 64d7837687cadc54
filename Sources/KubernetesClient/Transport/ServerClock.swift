public import FoundationEssentials
import Synchronization

/// A clock whose wall time is the API server's, as the `Date` of its answers tells it.
///
/// Creation times are the API server's, and trials and deadlines are counted from them: on a machine whose clock is
/// wrong they would end at once or never. The machine's own wall clock is used as long as it agrees, since an answer
/// tells whole seconds only. Monotonic time is the machine's.
public final class ServerClock: RuntimeClock {
  /// How far the two may be apart, in seconds: half a second for the fraction that is cut off, the rest for a clock
  /// that is good enough.
  static let tolerance: TimeInterval = 2

  private let own: any RuntimeClock
  /// How far the API server's clock is ahead, in seconds.
  private let offset = Mutex<TimeInterval>(0)

  init(_ own: any RuntimeClock) {
    self.own = own
  }

  public var wallTime: Date { own.wallTime.addingTimeInterval(offset.withLock { $0 }) }

  public var monotonicTime: Duration { own.monotonicTime }

  public func sleep(for duration: Duration) async throws(CancellationError) { try await own.sleep(for: duration) }

  public func random(in range: ClosedRange<Double>) -> Double { own.random(in: range) }

  /// Takes the time of an answer that has just come.
  ///
  /// - Parameter sent: the monotonic time at which its request was sent; the answer was written at some moment since.
  func note(_ answer: TransportResponse, sent: Duration) {
    guard let date = answer.header("Date").flatMap({ HTTPDate.date($0) }) else { return }
    let doubt = Self.tolerance + max(0, (own.monotonicTime - sent) / .seconds(1))
    let sample = date.addingTimeInterval(0.5).timeIntervalSince(own.wallTime)
    offset.withLock { offset in
      guard abs(sample - offset) > doubt else { return }
      offset = abs(sample) > doubt ? sample : 0
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
