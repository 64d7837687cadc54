import Testing

@testable import KubernetesClient

@Suite("Which failures are tried again")
struct RetryPolicyTests {
  private func error(
    _ code: KubernetesError.Code, transport: TransportError? = nil, unknown: Bool = false, retryAfter: Duration? = nil
  ) -> KubernetesError {
    KubernetesError(
      code, request: "GET x", reason: "y", transportError: transport, isOutcomeUnknown: unknown, retryAfter: retryAfter)
  }

  private func delay(
    _ error: KubernetesError, attempt: Int = 1, elapsed: Duration = .zero, changesState: Bool, jitter: Double = 1
  ) -> Duration? {
    RequestPolicy.standard.delay(
      after: error, attempt: attempt, elapsed: elapsed, changesState: changesState, jitter: jitter)
  }

  @Test(
    "A read is repeated after what may pass",
    arguments: [
      KubernetesError.Code.tooManyRequests, .serverTimeout, .timeout, .internalError, .unavailable, .transport,
    ])
  func readIsRepeated(code: KubernetesError.Code) {
    #expect(delay(error(code), changesState: false) == .milliseconds(200))
  }

  @Test(
    "A refusal is final",
    arguments: [
      KubernetesError.Code.notFound, .alreadyExists, .conflict, .invalid, .forbidden, .unauthorized, .gone, .expired,
      .badRequest, .tooLarge, .methodNotAllowed, .credentials, .decoding, .cancelled, .unexpectedStatus,
    ])
  func refusalIsFinal(code: KubernetesError.Code) {
    #expect(delay(error(code), changesState: false) == nil)
    #expect(delay(error(code), changesState: true) == nil)
  }

  @Test("A write is repeated only if it was surely not executed")
  func writes() {
    let unsent = TransportError(.connectionFailed, requestMayHaveBeenSent: false, message: "refused")
    let lost = TransportError(.connectionLost, requestMayHaveBeenSent: true, message: "lost")
    #expect(delay(error(.transport, transport: unsent), changesState: true) != nil)
    #expect(delay(error(.transport, transport: lost, unknown: true), changesState: true) == nil)
    #expect(delay(error(.tooManyRequests), changesState: true) == nil)
    #expect(delay(error(.tooManyRequests, retryAfter: .seconds(1)), changesState: true) != nil)
    #expect(delay(error(.unavailable, retryAfter: .seconds(1)), changesState: true) != nil)
    #expect(delay(error(.unavailable, unknown: true, retryAfter: .seconds(1)), changesState: true) == nil)
    #expect(delay(error(.internalError), changesState: true) == nil)
    #expect(delay(error(.serverTimeout, retryAfter: .seconds(1)), changesState: true) == nil)
  }

  @Test("A wrong certificate does not get right by asking again")
  func tls() {
    let tls = TransportError(.tls, requestMayHaveBeenSent: false, message: "wrong authority")
    #expect(delay(error(.transport, transport: tls), changesState: false) == nil)
    #expect(delay(error(.transport, transport: tls), changesState: true) == nil)
  }

  @Test(
    "Delays double up to the maximum, with jitter of half",
    arguments: zip(
      [1, 2, 3, 4], [Duration.milliseconds(200), .milliseconds(400), .milliseconds(800), .milliseconds(1600)]))
  func doubling(attempt: Int, full: Duration) {
    #expect(delay(error(.unavailable), attempt: attempt, changesState: false, jitter: 1) == full)
    #expect(delay(error(.unavailable), attempt: attempt, changesState: false, jitter: 0) == full * 0.5)
  }

  @Test("Attempts, Retry-After and the time for all tries are bounded")
  func bounds() {
    #expect(delay(error(.unavailable), attempt: 5, changesState: false) == nil)
    #expect(delay(error(.unavailable), elapsed: .seconds(60), changesState: false) == nil)
    #expect(delay(error(.unavailable, retryAfter: .seconds(2)), changesState: false, jitter: 0) == .seconds(2))
    #expect(delay(error(.unavailable, retryAfter: .seconds(2)), changesState: false, jitter: 1) == .milliseconds(2400))
    #expect(delay(error(.unavailable, retryAfter: .seconds(3600)), changesState: false) == nil)
    let many = RequestPolicy(maximumAttempts: .max, deadline: .seconds(1_000_000))
    #expect(
      many.delay(
        after: error(.unavailable), attempt: 1_000_000, elapsed: .zero, changesState: false, jitter: 1) == .seconds(5))
  }
}
