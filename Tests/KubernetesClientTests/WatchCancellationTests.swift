import Logging
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("A watcher stops when it is told to, and notices when its server does", .timeLimit(.minutes(2)))
struct WatchCancellationTests {
  private let clock = ManualClock()

  private func client(_ answers: [ScriptedTransport.Answer]) -> (KubernetesClient, ScriptedTransport) {
    let transport = ScriptedTransport(clock: clock, answers)
    return (KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test")), transport)
  }

  @Test(
    "Cancelling ends a watcher whatever it does: asking, listing, watching, waiting",
    arguments: [
      [ScriptedTransport.Answer.silence],
      [WatcherTests.old, .silence],
      [WatcherTests.old, WatcherTests.page([], 10), .silence],
      [WatcherTests.old, WatcherTests.page([], 10), .stream([.silence])],
      [WatcherTests.old, WatcherTests.page([], 10), .feed(StreamFeed())],
      [WatcherTests.new, .feed(StreamFeed())],
      [WatcherTests.old, .failure(.refused)],
    ])
  func cancellation(answers: [ScriptedTransport.Answer]) async {
    let (client, transport) = client(answers)
    let task = Task { await client.watcher(Deployment.self).run { _ in } }
    await transport.waitForRequests(answers.count)
    // The clock stands still: nothing else could end it.
    task.cancel()
    await task.value
    #expect(client.watchLiveness.openWatches == 0)
  }

  @Test("A slow consumer holds the server back instead of filling the memory")
  func backpressure() async {
    let transport = EndlessTransport(sent: Counter())
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    let task = Task {
      await client.watcher(Deployment.self).run { event in
        if case .applied = event { try? await clock.sleep(for: .seconds(3_600)) }
      }
    }
    await clock.waitForSleeper(of: .seconds(3_600))
    for _ in 0..<1_000 { await Task.yield() }
    #expect(transport.sent.value < 100)
    task.cancel()
    await task.value
  }

  @Test("When the server hangs, silent watches are opened again within 15 s")
  func hangingServer() async {
    let feed = StreamFeed()
    let (client, transport) = client([
      WatcherTests.old, WatcherTests.page([], 10), .feed(feed), .silence, .silence,
      .stream([.line(WatcherTests.bookmark(11)), .silence]),
    ])
    await withTaskGroup(of: Void.self) { group in
      let events = Mutex<[String]>([])
      let seen = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(100))
      group.addTask { await client.watchLiveness.run() }
      group.addTask {
        await client.watcher(Deployment.self).run { seen.continuation.yield(WatcherTests.text($0)) }
      }
      await feed.waitForReader()
      for await event in seen.stream {
        events.withLock { $0.append(event) }
        if event == "done 10" { break }
      }
      await clock.waitForSleeper(of: .seconds(5))
      clock.advance(by: .seconds(5))
      await transport.waitForRequests(4)
      await clock.waitForSleeper(of: .seconds(4))
      clock.advance(by: .seconds(4))
      await transport.waitForRequests(5)
      await clock.waitForSleeper(of: .seconds(4))
      clock.advance(by: .seconds(4))
      for await event in seen.stream {
        events.withLock { $0.append(event) }
        if event.hasPrefix("interrupted") { break }
      }
      #expect(clock.monotonicTime == .seconds(13))
      await clock.waitForSleeper(of: .milliseconds(250))
      clock.advance(by: .milliseconds(250))
      for await event in seen.stream {
        events.withLock { $0.append(event) }
        if event == "bookmark 11" { break }
      }
      #expect(events.withLock { $0 } == ["started", "done 10", "interrupted transport", "bookmark 11"])
      group.cancelAll()
    }
  }

  @Test("A streamed initial list that stays silent is given up for pages")
  func silentInitialList() async {
    let feed = StreamFeed()
    let (client, _) = client([
      WatcherTests.new, .feed(feed), WatcherTests.page([], 10), .stream([.silence]),
    ])
    let task = Task { await WatcherTests.events(of: client.watcher(Deployment.self), 3) }
    await feed.waitForReader()
    await clock.waitForSleeper(of: .seconds(30))
    clock.advance(by: .seconds(30))
    #expect(await task.value == ["started", "started", "done 10"])
  }
}

/// Counts from several tasks.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func increment() { count.withLock { $0 += 1 } }
}

/// A server whose watch never stops sending.
private struct EndlessTransport: Transport {
  let sent: Counter

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    guard case .response(let response) = request.path == "/version" ? WatcherTests.old : WatcherTests.page([], 1) else {
      throw .refused
    }
    return response
  }

  func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    let head = TransportResponse(status: 200, headers: [("Content-Type", "application/json")])
    guard try await onResponse(head) else { return head }
    for version in 2... {
      try await onChunk(Array("\(WatcherTests.line("ADDED", "a", version))\n".utf8)[...])
      sent.increment()
    }
    return head
  }
}
