import AsyncHTTPClient
import NIOCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Requests to others than the API server")
struct OutboundClientTests {
  @Test("A whole answer comes back, and the request is what was asked for")
  func exchange() async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run(["prometheus.test": [["127.0.0.1"]]]) { setting in
        let request = try OutboundRequest(
          server, "/echo?query=up%7B%7D", host: "prometheus.test", method: .post,
          headers: [("X-Scope-OrgID", "shop"), ("Authorization", "Bearer t")], body: Array("hello".utf8))
        let answer = try await setting.client.send(request)
        #expect(answer == OutboundResponse(status: 200, contentType: "text/plain", body: Array("POST hello".utf8)))
      }
      let seen = try #require(server.seen.first)
      #expect(seen.uri == "/echo?query=up%7B%7D")
      #expect(seen.headers["host"] == "prometheus.test:\(server.port)")
      #expect(seen.headers["x-scope-orgid"] == "shop")
      #expect(seen.headers["authorization"] == "Bearer t")
      #expect(seen.headers["user-agent"] == "rollback-operator/\(OperatorVersion.current)")
      #expect(seen.headers["accept-encoding"] == nil)
      #expect(seen.headers["cookie"] == nil)
    }
  }

  @Test("GET and HEAD carry no body, and connections are used again")
  func methods() async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        for method in [OutboundRequest.Method.get, .head, .get] {
          let answer = try await setting.client.send(OutboundRequest(server, "/echo", method: method))
          #expect(answer.status == 200)
          #expect(String(decoding: answer.body, as: UTF8.self) == (method == .head ? "" : "GET "))
        }
      }
      #expect(server.connections == 1)
    }
  }

  @Test("Every status but a redirection is an answer", arguments: [200, 204, 401, 404, 429, 500, 503])
  func statuses(status: Int) async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        let answer = try await setting.client.send(OutboundRequest(server, "/status/\(status)"))
        #expect(answer.status == status)
      }
    }
  }

  @Test("A redirection is an error, and where it leads is not told", arguments: [301, 302, 303, 307, 308])
  func redirects(status: Int) async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        let error = try #require(await setting.failure(OutboundRequest(server, "/status/\(status)?secret")))
        #expect(error.code == .redirect(status: status))
        #expect(error.message.contains("\(status)"))
        #expect(!error.message.contains("leaked") && !error.message.contains("secret"))
      }
      #expect(server.seen.count == 1)
    }
  }

  @Test(
    "What goes wrong has a code and a sentence without a byte of path, query, header or answer",
    arguments: [
      ("/endless", OutboundError.Code.tooLarge), ("/huge", .tooLarge), ("/half", .connect), ("/close", .connect),
      ("/garbage", .connect),
    ])
  func failures(path: String, code: OutboundError.Code) async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        let request = try OutboundRequest(
          server, path + "?secret=secret", headers: [("Authorization", "Bearer secret")])
        let error = try #require(await setting.failure(request))
        #expect(error.code == code)
        #expect(error.message.contains("http://127.0.0.1:\(server.port)"))
        for word in ["leaked", "secret", path] { #expect(!error.message.contains(word), "\(error)") }
      }
    }
  }

  @Test("Nothing is unpacked: a small body cannot become a large one")
  func compressed() async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        let answer = try await setting.client.send(OutboundRequest(server, "/gzip"))
        #expect(answer.body == [0x1F, 0x0B, 0x08, 0x00])
      }
    }
  }

  @Test("An answer that does not come, or only drips, ends with the time for it", arguments: ["/hang", "/trickle"])
  func slow(path: String) async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        let request = try OutboundRequest(server, path, timeout: .seconds(60))
        async let error = setting.failure(request)
        await server.waitForRequests(1)
        await setting.clock.waitForSleeper(of: .seconds(10))
        setting.clock.advance(by: .seconds(10))
        #expect(await error?.code == .timeout)
      }
    }
  }

  @Test("A cancelled request ends at once, whether it runs or waits for its turn")
  func cancelled() async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        let request = try OutboundRequest(server, "/hang")
        let tasks = (0..<9).map { _ in Task { await setting.failure(request) } }
        await server.waitForRequests(8)
        // All before any is awaited: a place that becomes free is taken by who waits for it.
        for task in tasks { task.cancel() }
        for task in tasks { #expect(await task.value?.code == .cancelled) }
      }
      #expect(server.seen.count == 8)
    }
  }

  @Test("A host that never answers holds up itself, not the others")
  func fairness() async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run(["slow.test": [["127.0.0.1"]], "quick.test": [["127.0.0.1"]]]) { setting in
        let slow = try OutboundRequest(server, "/hang", host: "slow.test")
        let tasks = (0..<20).map { _ in Task { await setting.failure(slow) } }
        await server.waitForRequests(8)
        let quick = try OutboundRequest(server, "/echo", host: "quick.test")
        #expect(try await setting.client.send(quick).status == 200)
        #expect(server.seen.count { $0.uri == "/hang" } == 8)
        await setting.clock.waitForSleepers(20)
        setting.clock.advance(by: .seconds(10))
        var asked = 0
        for task in tasks {
          let code = await task.value?.code
          #expect(code == .timeout || code == .unsent, "who was never asked is not too slow")
          asked += code == .timeout ? 1 : 0
        }
        #expect((8..<20).contains(asked))
      }
    }
  }

  @Test("A DNS that does not answer is not the server's silence")
  func silentResolver() async throws {
    let clock = ManualClock()
    let client = OutboundClient(
      allow: [EgressPattern("slow.test")].compactMap(\.self), apiServer: APIServerNames(server: nil),
      resolver: SilentResolver(clock: clock), clock: clock)
    let request = OutboundRequest(
      url: try OutboundURL("http://slow.test"), origin: .policy(namespace: "shop"), timeout: .seconds(5))
    async let code = { () async -> OutboundError.Code? in
      do throws(OutboundError) {
        _ = try await client.send(request)
        return nil
      } catch {
        return error.code
      }
    }()
    await clock.waitForSleeper(of: .seconds(3_600))
    await clock.waitForSleeper(of: .seconds(5))
    clock.advance(by: .seconds(5))
    #expect(await code == .resolve)
    await client.shutdown()
  }

  @Test("A name without an address, and a port that nobody listens on, say so")
  func unreachable() async throws {
    let port = try await OutboundTestServer.run { $0.port }
    try await OutboundSetting.run(["metrics.test": [["127.0.0.1"]]]) { setting in
      let missing = OutboundRequest(url: try OutboundURL("http://missing.test/x"), origin: .administrator)
      #expect(
        await setting.failure(missing)?.description
          == "The name missing.test cannot be resolved: it does not exist; check how it is spelt.")
      let url = try OutboundURL("http://metrics.test:\(port)/x")
      #expect(
        await setting.failure(OutboundRequest(url: url, origin: .administrator))?.description
          == "No answer from \(url): the connection was refused; check that it is running and that the port is right.")
    }
  }

  @Test("The next address of a name is tried when the first refuses the connection")
  func secondAddress() async throws {
    try await OutboundTestServer.run { server in
      // The server listens on 127.0.0.1 alone.
      try await OutboundSetting.run(["metrics.test": [["127.0.0.2", "127.0.0.1"]]]) { setting in
        let request = try OutboundRequest(server, "/echo", host: "metrics.test")
        #expect(try await setting.client.send(request).status == 200)
      }
    }
  }

  @Test("After the end nothing is sent any more")
  func ended() async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        await setting.client.shutdown()
        let request = try OutboundRequest(server, "/echo")
        #expect(await setting.failure(request)?.code == .cancelled)
      }
      #expect(server.connections == 0)
    }
  }

  @Test("A connection that led elsewhere than to the checked address is closed before anything is sent")
  func uncheckedPeer() async throws {
    try await OutboundTestServer.run { server in
      let connections = OutboundConnections(capacity: 1, connectionsPerHost: 1)
      let address = try #require(IPAddress("203.0.113.9"))
      // A number is no name, so that nothing leads it to the address.
      let client = try #require(connections.client(for: .init(name: "127.0.0.1", address: address)))
      await #expect(throws: UncheckedPeer.self) {
        _ = try await client.execute(
          HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/echo"), deadline: .now() + .seconds(10))
      }
      await connections.shutdown()
      #expect(server.seen.isEmpty)
    }
  }

  @Test("Of many hosts the one that was not used for longest is let go, never one in use")
  func bounded() async throws {
    let connections = OutboundConnections(capacity: 2, connectionsPerHost: 1)
    let address = try #require(IPAddress("203.0.113.9"))
    let keys = ["a", "b", "c"].map { OutboundConnections.Key(name: $0, address: address) }
    let first = try #require(connections.client(for: keys[0]))
    _ = connections.client(for: keys[1])
    connections.release(keys[1])
    _ = connections.client(for: keys[2])
    #expect(connections.count == 2)
    #expect(connections.client(for: keys[0]) === first)
    await connections.shutdown()
    #expect(connections.count == 0)
    #expect(connections.client(for: keys[0]) == nil)
  }

  @Test("The machine's own resolver knows localhost and does not know what cannot be")
  func systemResolver() async throws {
    let resolver = SystemHostResolver()
    #expect(try await resolver.addresses(of: "localhost").contains { ["127.0.0.1", "::1"].contains("\($0)") })
    await #expect(throws: HostResolutionError.self) { _ = try await resolver.addresses(of: "-") }
    resolver.shutdown()
  }
}
