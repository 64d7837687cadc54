import KubernetesClient
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ControllerRuntime

/// Keeps what was written, and fails or hangs when told to.
private final class FakeSink: EventSink {
  enum Mode: Sendable {
    case works
    case fails(KubernetesError.Code)
    case hangs
  }

  let mode = Shared(Mode.works)
  let created = Shared<[JSONValue]>([])
  let patched = Shared<[String: JSONValue]>([:])
  let tries = Shared(0)
  private let clock: any RuntimeClock

  init(clock: any RuntimeClock) { self.clock = clock }

  func create(namespace: String, _ event: JSONValue) async throws(KubernetesError) {
    try await check()
    created.update { $0.append(event) }
  }

  func patch(namespace: String, name: String, _ changes: JSONValue) async throws(KubernetesError) {
    try await check()
    patched.update { $0[name] = changes }
  }

  private func check() async throws(KubernetesError) {
    tries.update { $0 += 1 }
    switch mode.now {
    case .works: return
    case .fails(let code): throw KubernetesError(code, request: "POST events", reason: "no")
    case .hangs:
      try? await clock.sleep(for: .seconds(86_400))
      throw KubernetesError(.cancelled, request: "POST events", reason: "no")
    }
  }
}

@Suite("Event recorder", .timeLimit(.minutes(2)))
struct EventRecorderTests {
  let clock = ManualClock()
  private let sink: FakeSink
  private let recorder: EventRecorder
  let web = ObjectReference(
    .deployments, ObjectMeta(name: "web", namespace: "shop", uid: "uid-1", resourceVersion: "9"))

  init() {
    sink = FakeSink(clock: clock)
    recorder = EventRecorder(
      sink: sink, component: "rollback-operator", instance: "pod-1", clock: clock, logger: .quiet,
      aggregation: EventAggregation(capacity: 3))
  }

  private func run(_ body: () async throws -> Void) async throws {
    let recorder = recorder
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await recorder.run() }
      try await body()
      group.cancelAll()
    }
  }

  @Test("An Event says who, what, when and about whom")
  func event() async throws {
    try await run {
      recorder.record(web, .warning, reason: "RollbackTriggered", message: "5 of 5 pods crashed")
      try await until { sink.created.now.count == 1 }
    }
    let event = try #require(sink.created.now.first)
    #expect(event["metadata"]?["namespace"] == "shop")
    #expect(event["metadata"]?["name"]?.string?.hasPrefix("web.") == true)
    #expect(
      event["involvedObject"] == [
        "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-1", "namespace": "shop",
      ])
    #expect(event["type"] == "Warning" && event["reason"] == "RollbackTriggered" && event["count"] == 1)
    #expect(event["message"] == "5 of 5 pods crashed")
    #expect(event["firstTimestamp"] == "2027-01-15T08:00:00Z" && event["lastTimestamp"] == "2027-01-15T08:00:00Z")
    #expect(event["source"] == ["component": "rollback-operator"])
    #expect(event["reportingComponent"] == "rollback-operator" && event["reportingInstance"] == "pod-1")
  }

  @Test("Events about objects without namespace live in default")
  func clusterScoped() async throws {
    try await run {
      let node = ObjectReference(.nodes, ObjectMeta(name: "node-1", uid: "u"))
      recorder.record(node, .normal, reason: "Seen", message: "Seen")
      try await until { sink.created.now.count == 1 }
    }
    let event = try #require(sink.created.now.first)
    #expect(event["metadata"]?["namespace"] == "default" && event["involvedObject"]?["namespace"] == nil)
  }

  @Test("A repetition is a patch of count and time")
  func repetition() async throws {
    try await run {
      recorder.record(web, .normal, reason: "RollbackHeld", message: "paused")
      try await until { sink.created.now.count == 1 }
      clock.advance(by: .seconds(60))
      recorder.record(web, .normal, reason: "RollbackHeld", message: "paused")
      try await until { sink.patched.now.count == 1 }
    }
    let name = try #require(sink.created.now.first?["metadata"]?["name"]?.string)
    #expect(sink.patched.now == [name: ["count": 2, "lastTimestamp": "2027-01-15T08:01:00Z"]])
  }

  @Test("Recording never waits: what does not fit is dropped while the API server is away")
  func overflow() async throws {
    sink.mode.update { $0 = .hangs }
    try await run {
      for index in 0..<100 { recorder.record(web, .normal, reason: "Seen", message: "\(index)") }
      try await until { sink.tries.now == 1 }
      #expect(sink.created.now.isEmpty)
    }
  }

  @Test(
    "A failing API server is tried three times with growing pauses, then the event is dropped and the next one comes")
  func retries() async throws {
    sink.mode.update { $0 = .fails(.unavailable) }
    try await run {
      recorder.record(web, .normal, reason: "Seen", message: "one")
      try await clock.advance(by: .milliseconds(500), whenSleeping: 1)
      try await until { sink.tries.now == 2 }
      try await clock.advance(by: .seconds(1), whenSleeping: 1)
      try await until { sink.tries.now == 3 }
      sink.mode.update { $0 = .works }
      recorder.record(web, .normal, reason: "Seen", message: "two")
      try await until { sink.created.now.count == 1 }
    }
    #expect(sink.created.now.first?["message"] == "two")
  }

  @Test(
    "What the API server refuses is not repeated", arguments: [KubernetesError.Code.forbidden, .invalid, .notFound])
  func refused(code: KubernetesError.Code) async throws {
    sink.mode.update { $0 = .fails(code) }
    try await run {
      recorder.record(web, .normal, reason: "Seen", message: "one")
      try await until { sink.tries.now == 1 }
      try await settle()
    }
    #expect(sink.tries.now == 1)
  }

  @Test("An Event that somebody deleted is made anew")
  func deletedEvent() async throws {
    try await run {
      recorder.record(web, .normal, reason: "Seen", message: "one")
      try await until { sink.created.now.count == 1 }
      sink.mode.update { $0 = .fails(.notFound) }
      recorder.record(web, .normal, reason: "Seen", message: "one")
      try await until { sink.tries.now >= 2 }
      try await settle()
      sink.mode.update { $0 = .works }
      recorder.record(web, .normal, reason: "Seen", message: "one")
      try await until { sink.created.now.count == 2 }
    }
  }

  @Test("Graceful shutdown writes what waits, but not for longer than the limit", arguments: [true, false])
  func shutdown(isReachable: Bool) async throws {
    if !isReachable { sink.mode.update { $0 = .hangs } }
    let group = ServiceGroup(services: [recorder], logger: .quiet)
    for message in ["one", "two"] { recorder.record(web, .normal, reason: "Seen", message: message) }
    try await withThrowingDiscardingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      try await until { sink.tries.now >= 1 }
      await group.triggerGracefulShutdown()
      if !isReachable { await clock.waitForSleeper(of: EventRecorder.flushLimit) }
      if !isReachable { clock.advance(by: EventRecorder.flushLimit) }
    }
    #expect(sink.created.now.count == (isReachable ? 2 : 0))
    #expect(clock.sleeperCount == 0)
  }

  @Test(
    "Messages are cut between characters to 1024 bytes",
    arguments: [
      (String(repeating: "a", count: 1_024), 1_024), (String(repeating: "a", count: 1_025), 1_024),
      (String(repeating: "é", count: 600), 1_023), (String(repeating: "👨‍👩‍👧", count: 100), 1_011), ("", 0),
    ])
  func cut(message: String, bytes: Int) {
    let cut = EventRecorder.cut(message)
    #expect(cut.utf8.count == bytes)
    #expect(cut == message || (cut.last == "…" && message.hasPrefix(cut.dropLast())))
  }

  @Test("The two requests as the API server gets them")
  func requests() async throws {
    let transport = ScriptedTransport(clock: clock) { request, _ in
      .response(TransportResponse(status: 201, body: request.body))
    }
    let client = KubernetesClient(transport: transport, clock: clock, logger: .quiet)
    let recorder = EventRecorder(client: client, component: "c", instance: "i", clock: clock, logger: .quiet)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await recorder.run() }
      for count in 1...2 {
        recorder.record(web, .normal, reason: "Seen", message: "one")
        try await until { transport.requests.count == count }
        try await settle()
      }
      group.cancelAll()
    }
    #expect(transport.requests.map { "\($0.method)" } == ["POST", "PATCH"])
    #expect(transport.paths.allSatisfy { $0.hasPrefix("/api/v1/namespaces/shop/events") })
  }
}
