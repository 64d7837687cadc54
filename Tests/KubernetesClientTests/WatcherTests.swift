import Logging
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("A watcher lists, follows and comes back", .timeLimit(.minutes(2)))
struct WatcherTests {
  static func object(_ name: String, _ version: Int, replicas: String = "1") -> String {
    #"{"metadata":{"name":"\#(name)","namespace":"shop","resourceVersion":"\#(version)"},"spec":{"replicas":\#(replicas)}}"#
  }

  static func line(_ type: String, _ name: String, _ version: Int, replicas: String = "1") -> String {
    #"{"type":"\#(type)","object":\#(object(name, version, replicas: replicas))}"#
  }

  static func bookmark(_ version: Int, ends: Bool = false) -> String {
    let annotations = ends ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
    return
      #"{"type":"BOOKMARK","object":{"kind":"Deployment","metadata":{"resourceVersion":"\#(version)"\#(annotations)}}}"#
  }

  static func page(_ objects: [String], _ version: Int, next: String = "") -> ScriptedTransport.Answer {
    .json(
      200,
      #"{"metadata":{"resourceVersion":"\#(version)","continue":"\#(next)"},"items":[\#(objects.joined(separator: ","))]}"#
    )
  }

  static let old = ScriptedTransport.Answer.json(200, #"{"major":"1","minor":"20"}"#)
  static let new = ScriptedTransport.Answer.json(200, #"{"major":"1","minor":"36"}"#)

  private let clock = ManualClock(.automatic)

  private func run(
    _ answers: [ScriptedTransport.Answer], options: WatchOptions = .init(), until count: Int
  ) async -> (events: [String], transport: ScriptedTransport) {
    let transport = ScriptedTransport(clock: clock, answers)
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    let events = await Self.events(of: client.watcher(Deployment.self, namespace: "shop", options: options), count)
    return (events, transport)
  }

  /// The first events of a watcher, in short.
  static func events(of watcher: Watcher<Deployment>, _ count: Int) async -> [String] {
    let events = Mutex<[String]>([])
    let task = Task {
      await watcher.run { event in
        let number = events.withLock { events in
          if events.count < count { events.append(text(event)) }
          return events.count
        }
        if number == count { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    return events.withLock { $0 }
  }

  static func text(_ event: WatcherEvent<Deployment>) -> String {
    func name(_ object: Decoded<Deployment>) -> String {
      (object.object == nil ? "undecodable " : "") + object.metadata.name
    }
    return switch event {
    case .relistStarted: "started"
    case .relisted(let object): "relisted \(name(object))"
    case .relistDone(let version): "done \(version)"
    case .applied(let object): "applied \(name(object))"
    case .deleted(let object): "deleted \(name(object))"
    case .bookmark(let version): "bookmark \(version)"
    case .interrupted(let error): "interrupted \(error.code)"
    }
  }

  @Test("Pages are told as one whole, then each change as it comes")
  func listAndWatch() async {
    let (events, transport) = await run(
      [
        Self.old, Self.page([Self.object("a", 1), Self.object("b", 2)], 10, next: "t"),
        Self.page([Self.object("c", 3)], 10),
        .stream([
          .line(Self.line("ADDED", "d", 11)), .line(Self.line("MODIFIED", "a", 12)),
          .line(Self.line("DELETED", "b", 13)), .line(Self.bookmark(20)), .silence,
        ]),
      ], until: 9)
    #expect(
      events == [
        "started", "relisted a", "relisted b", "relisted c", "done 10", "applied d", "applied a", "deleted b",
        "bookmark 20",
      ])
    let base = "/apis/apps/v1/namespaces/shop/deployments"
    #expect(
      transport.paths == [
        "/version", "\(base)?limit=500", "\(base)?limit=500&continue=t",
        "\(base)?watch=true&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds=300",
      ])
  }

  @Test("After the server's time-out the watch goes on from the newest bookmark, without a list")
  func resumes() async {
    let (events, transport) = await run(
      [
        Self.old, Self.page([], 10), .stream([.line(Self.bookmark(99))]),
        .stream([.line(Self.line("ADDED", "a", 100)), .silence]),
      ], until: 4)
    #expect(events == ["started", "done 10", "bookmark 99", "applied a"])
    #expect(transport.paths.last?.contains("resourceVersion=99&") == true)
  }

  @Test(
    "410 as the answer, and as an ERROR event, leads to a list not older than what was seen",
    arguments: [
      ScriptedTransport.Answer.status(410, "Expired", "too old resource version"),
      .stream([
        .line(
          #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old resource version: 10 (99)","reason":"Expired","code":410}}"#
        )
      ]),
    ])
  func gone(answer: ScriptedTransport.Answer) async {
    let (events, transport) = await run(
      [
        Self.old, Self.page([Self.object("a", 1)], 10), answer, Self.page([Self.object("b", 12)], 12),
        .stream([.silence]),
      ], until: 7)
    #expect(
      events == ["started", "relisted a", "done 10", "interrupted expired", "started", "relisted b", "done 12"])
    #expect(transport.paths.contains { $0.hasSuffix("limit=500&resourceVersion=10&resourceVersionMatch=NotOlderThan") })
  }

  @Test("410 in the middle of a paged list starts again from the first page")
  func goneWhileListing() async {
    let (events, _) = await run(
      [
        Self.old, Self.page([Self.object("a", 1)], 10, next: "t"), .status(410, "Expired"),
        Self.page([Self.object("b", 2)], 12), .stream([.silence]),
      ], until: 6)
    #expect(events == ["started", "relisted a", "interrupted expired", "started", "relisted b", "done 12"])
  }

  @Test("One object that cannot be read is told as such, in lists and in watches, and stops nothing")
  func errorBoundary() async {
    let (events, _) = await run(
      [
        Self.old, Self.page([Self.object("bad", 1, replicas: #""x""#), Self.object("a", 2)], 10),
        .stream([
          .line(Self.line("ADDED", "worse", 11, replicas: "[]")), .line(Self.line("ADDED", "b", 12)), .silence,
        ]),
      ], until: 6)
    #expect(
      events == [
        "started", "relisted undecodable bad", "relisted a", "done 10", "applied undecodable worse", "applied b",
      ])
  }

  @Test("A last line that was cut is an interruption, and its event comes again")
  func cutLine() async {
    let (events, transport) = await run(
      [
        Self.old, Self.page([], 10),
        .stream([.line(Self.line("ADDED", "a", 11)), .chunk(Array(Self.line("ADDED", "b", 12).utf8.dropLast(5)))]),
        .stream([.line(Self.line("ADDED", "b", 12)), .silence]),
      ], until: 5)
    #expect(events == ["started", "done 10", "applied a", "interrupted transport", "applied b"])
    #expect(transport.paths.last?.contains("resourceVersion=11&") == true)
  }

  @Test("A page of a proxy in place of a watch is an interruption")
  func proxyPage() async {
    let (events, _) = await run(
      [
        Self.old, Self.page([], 10), .page(200, "<html>sign in</html>"), .stream([.line(Self.bookmark(11)), .silence]),
      ],
      until: 4)
    #expect(events == ["started", "done 10", "interrupted unexpectedStatus", "bookmark 11"])
  }

  @Test("A line beyond the cap is an interruption")
  func hugeLine() async {
    let (events, _) = await run(
      [
        Self.old, Self.page([], 10), .stream([.chunk(Array(repeating: 0x20, count: 2_000))]),
        .stream([.line(Self.bookmark(11)), .silence]),
      ], options: WatchOptions(maximumLineLength: 1_000), until: 4)
    #expect(events == ["started", "done 10", "interrupted tooLarge", "bookmark 11"])
  }

  @Test("A server that comes back after an hour is found again, with ever longer waits between")
  func outage() async {
    let down = Array(repeating: ScriptedTransport.Answer.failure(.refused), count: 240)
    let (events, transport) = await run(
      [Self.old, Self.page([], 10), .stream([.line(Self.bookmark(11)), .silence])] + down + [
        .stream([.line(Self.bookmark(12)), .silence])
      ], until: 245)
    #expect(events.last == "bookmark 12")
    #expect(transport.requests.count == 244)
    #expect(clock.monotonicTime > .seconds(3_500))
    #expect(transport.paths.suffix(241).allSatisfy { $0.contains("resourceVersion=11&") })
  }

  @Test("From Kubernetes 1.34 on the initial list is part of the watch")
  func streamedList() async {
    let (events, transport) = await run(
      [
        Self.new,
        .stream([
          .line(Self.line("ADDED", "a", 7)), .line(Self.line("ADDED", "b", 3)), .line(Self.line("DELETED", "b", 8)),
          .line(Self.bookmark(9, ends: true)), .line(Self.line("ADDED", "c", 10)), .silence,
        ]),
      ], until: 6)
    #expect(events == ["started", "relisted a", "relisted b", "deleted b", "done 9", "applied c"])
    #expect(
      transport.paths.last
        == "/apis/apps/v1/namespaces/shop/deployments?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=300"
    )
  }

  @Test("A server that refuses streamed lists is asked for pages, and the refusal is remembered")
  func streamedListRefused() async {
    let transport = ScriptedTransport(
      clock: clock,
      [
        Self.new, .status(422, "Invalid", "sendInitialEvents is forbidden"), Self.page([], 10),
        Self.page([], 10),
      ])
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    let watcher = client.watcher(Deployment.self)
    #expect(await Self.events(of: watcher, 3) == ["started", "started", "done 10"])
    #expect(await Self.events(of: watcher, 2) == ["started", "done 10"])
    #expect(transport.paths.count { $0.contains("sendInitialEvents") } == 1)
  }
}
