import Logging
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Requests are tried again in virtual time", .timeLimit(.minutes(2)))
struct RetryTests {
  private let clock = ManualClock(.automatic)

  private func client(_ answers: [ScriptedTransport.Answer]) -> (KubernetesClient, ScriptedTransport) {
    let transport = ScriptedTransport(clock: clock, answers)
    return (KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test")), transport)
  }

  private static let object = ScriptedTransport.Answer.json(200, #"{"kind":"ConfigMap","metadata":{"name":"a"}}"#)

  @Test("A read survives a restart of the API server")
  func readSurvives() async throws {
    let (client, transport) = client([
      .failure(.lost), .failure(.refused), .page(502, "<html>bad gateway</html>"), Self.object,
    ])
    let value = try await client.getValue(.configMaps, namespace: "shop", name: "a")
    #expect(value["metadata"]?["name"]?.string == "a")
    #expect(transport.requests.count == 4)
    #expect(clock.slept == [.milliseconds(200), .milliseconds(400), .milliseconds(800)])
  }

  @Test("Who may no longer write sends no write, not even the second try of one; reads and dry runs go on")
  func mayWrite() async throws {
    let (client, transport) = client([
      Self.object, .status(429, "TooManyRequests", retryAfter: 2), Self.object, Self.object, Self.object,
    ])
    let sent: @Sendable () -> Int = { transport.requests.count }
    let writer = client.writing(while: { sent() < 2 })
    try await writer.patch(.configMaps, namespace: "shop", name: "a", .merge([:]))
    for _ in 0..<2 {
      let error = await #expect(throws: KubernetesError.self) {
        try await writer.patch(.configMaps, namespace: "shop", name: "a", .merge([:]))
      }
      #expect(error?.code == .cancelled && error?.isOutcomeUnknown == false)
      #expect(sent() == 2)
    }
    _ = try await writer.getValue(.configMaps, namespace: "shop", name: "a")
    var options = WriteOptions()
    options.dryRun = true
    try await writer.patch(.configMaps, namespace: "shop", name: "a", .merge([:]), options: options)
    try await client.patch(.configMaps, namespace: "shop", name: "a", .merge([:]))
    #expect(sent() == 5)
  }

  @Test("A read gives up after five tries, with the last error")
  func readGivesUp() async {
    let (client, transport) = client(Array(repeating: .failure(.lost), count: 9))
    let error = await #expect(throws: KubernetesError.self) {
      try await client.getValue(.configMaps, namespace: "shop", name: "a")
    }
    #expect(error?.code == .transport)
    #expect(error?.isOutcomeUnknown == false)
    #expect(transport.requests.count == 5)
  }

  @Test("A read that is never answered ends at its deadline")
  func readEndsAtDeadline() async {
    let (client, transport) = client(Array(repeating: .silence, count: 9))
    let error = await #expect(throws: KubernetesError.self) {
      try await client.getValue(.configMaps, namespace: "shop", name: "a")
    }
    #expect(error?.transportError?.code == .timedOut)
    #expect(transport.requests.count == 4)
    #expect(clock.monotonicTime < .seconds(75))
  }

  @Test("Retry-After of flow control is obeyed, for writes too")
  func retryAfter() async throws {
    let (client, transport) = client([
      .status(429, "TooManyRequests", retryAfter: 2), .status(503, "ServiceUnavailable", retryAfter: 1), Self.object,
    ])
    try await client.patch(.configMaps, namespace: "shop", name: "a", .merge(["data": ["k": "v"]]))
    #expect(transport.requests.count == 3)
    #expect(clock.slept == [.milliseconds(2400), .milliseconds(1200)])
  }

  @Test("A write that was not sent is sent again")
  func unsentWrite() async throws {
    let (client, transport) = client([.failure(.refused), Self.object])
    try await client.create(.configMaps, namespace: "shop", ["metadata": ["name": "a"]])
    #expect(transport.requests.count == 2)
  }

  @Test(
    "A write whose answer was lost is never sent again",
    arguments: [
      ScriptedTransport.Answer.failure(.lost), .silence, .page(502, "bad gateway"), .page(503, "unavailable"),
      .status(500, "InternalError"), .status(504, "Timeout"), .status(503, "ServiceUnavailable"), .json(201, "{"),
    ])
  func lostWrite(answer: ScriptedTransport.Answer) async {
    let (client, transport) = client([answer, Self.object])
    let error = await #expect(throws: KubernetesError.self) {
      try await client.create(.configMaps, namespace: "shop", ["metadata": ["name": "a"]])
    }
    #expect(error?.isOutcomeUnknown == true)
    #expect(error?.description.hasSuffix("(the change may or may not have been made)") == true)
    #expect(transport.requests.count == 1)
  }

  @Test("A proxy's 503 with Retry-After does not say that nothing was done")
  func proxy503() async {
    let (client, transport) = client([
      .response(
        TransportResponse(
          status: 503, headers: [("Content-Type", "text/html"), ("Retry-After", "1")], body: Array("<p>".utf8))),
      Self.object,
    ])
    let error = await #expect(throws: KubernetesError.self) {
      try await client.create(.configMaps, namespace: "shop", ["metadata": ["name": "a"]])
    }
    #expect(error?.isOutcomeUnknown == true)
    #expect(transport.requests.count == 1)
  }

  @Test(
    "A refused write has a known outcome",
    arguments: [
      ScriptedTransport.Answer.status(409, "Conflict"), .status(409, "AlreadyExists"), .status(422, "Invalid"),
      .status(403, "Forbidden"), .status(404, "NotFound"), .status(400, "BadRequest"), .status(429, "TooManyRequests"),
    ])
  func refusedWrite(answer: ScriptedTransport.Answer) async {
    let (client, transport) = client([answer, Self.object])
    let error = await #expect(throws: KubernetesError.self) {
      try await client.create(.configMaps, namespace: "shop", ["metadata": ["name": "a"]])
    }
    #expect(error?.isOutcomeUnknown == false)
    #expect(transport.requests.count == 1)
  }

  @Test("A dry run changes nothing and is repeated like a read")
  func dryRun() async throws {
    let (client, transport) = client([.failure(.lost), .status(500, "InternalError"), Self.object])
    try await client.create(
      .configMaps, namespace: "shop", ["metadata": ["name": "a"]], options: WriteOptions(dryRun: true))
    #expect(transport.requests.count == 3)
  }

  @Test("A client with one try has one try")
  func single() async {
    let transport = ScriptedTransport(clock: clock, [.failure(.refused), Self.object])
    let client = KubernetesClient(
      transport: transport, clock: clock, logger: Logger(label: "test"), policy: .single(timeout: .seconds(2)))
    await #expect(throws: KubernetesError.self) { try await client.getValue(.leases, namespace: "a", name: "b") }
    #expect(transport.requests.map(\.timeout) == [.seconds(2)])
  }

  @Test("Cancelling ends the wait for another try")
  func cancellation() async {
    let manual = ManualClock()
    let transport = ScriptedTransport(clock: manual, [.failure(.refused)])
    let client = KubernetesClient(transport: transport, clock: manual, logger: Logger(label: "test"))
    let task = Task { () -> KubernetesError.Code? in
      do throws(KubernetesError) {
        _ = try await client.getValue(.pods, namespace: "a", name: "b")
        return nil
      } catch {
        return error.code
      }
    }
    await manual.waitForSleepers()
    task.cancel()
    #expect(await task.value == .cancelled)
  }
}
