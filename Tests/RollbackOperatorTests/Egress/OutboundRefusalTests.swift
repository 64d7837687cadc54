import KubernetesClient
import RollbackOperator
import TestSupport
import Testing

@Suite("Requests that a policy may not send")
struct OutboundRefusalTests {
  static let everything = ["*", "metrics.example", "*.example.com", "127.0.0.1"]

  @Test("By its name or number, before anything is looked up", arguments: EgressPolicyTests.never)
  func byName(url: String) async throws {
    let server = ServerAddress(host: "api.cluster.example", port: 6443)
    try await OutboundSetting.run(allow: Self.everything, apiServer: APIServerNames(server: server)) { setting in
      let refusal = try await setting.refusal(url)
      #expect(refusal?.rule == .forbidden)
      #expect(setting.resolver.asked.isEmpty)
    }
  }

  @Test(
    "By what its name is resolved to, whatever is listed",
    arguments: AddressRulesTests.forbidden.map(\.0).filter { !$0.contains("203.0.113.6") && $0 != "2001:db8::6" })
  func byAddress(address: String) async throws {
    let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1"]
    try await OutboundSetting.run(
      ["metrics.example": [[address]]], allow: Self.everything,
      apiServer: APIServerNames(server: nil, environment: environment)
    ) { setting in
      let refusal = try #require(try await setting.refusal("http://metrics.example/secret?x=secret"))
      #expect(refusal.rule == .forbidden)
      #expect(!refusal.description.contains("secret"))
    }
  }

  @Test("A name with one address that may be reached and one that may not is refused whole")
  func mixed() async throws {
    try await OutboundSetting.run(["metrics.example": [["203.0.113.9", "127.0.0.1"]]], allow: Self.everything) {
      let refusal = try await $0.refusal("http://metrics.example")
      #expect(refusal?.rule == .forbidden)
    }
  }

  @Test("A name that leads elsewhere the second time is refused the second time, and nothing is connected to")
  func rebinding() async throws {
    try await OutboundTestServer.run { server in
      // The first address is one of those for documentation: nobody answers there.
      let script = [["203.0.113.9"], ["127.0.0.1"]]
      try await OutboundSetting.run(["metrics.example": script], allow: Self.everything) { setting in
        let url = "http://metrics.example:\(server.port)/"
        let request = OutboundRequest(url: try OutboundURL(url), origin: .policy(namespace: "shop"))
        let first = Task { await setting.failure(request) }
        while setting.resolver.asked.isEmpty { await Task.yield() }
        #expect(try await setting.refusal(url)?.rule == .forbidden)
        first.cancel()
        let code = await first.value?.code
        #expect(code == .cancelled || code == .connect)
      }
      #expect(server.connections == 0)
    }
  }

  @Test("The API server's addresses are out of reach also when they change")
  func movingAPIServer() async throws {
    let server = ServerAddress(host: "api.cluster.example", port: 6443)
    let answers = [
      "api.cluster.example": [["203.0.113.5"], ["203.0.113.6"]], "a.example": [["203.0.113.5"]],
      "b.example": [["203.0.113.6"]],
    ]
    try await OutboundSetting.run(answers, allow: ["*"], apiServer: APIServerNames(server: server)) { setting in
      let running = Task { try await setting.client.run() }
      await setting.clock.waitForSleeper(of: .seconds(60))
      #expect(try await setting.refusal("http://a.example")?.reason.contains("an address of the API server") == true)
      await setting.clock.advanceToNextDeadline()
      await setting.clock.waitForSleeper(of: .seconds(60))
      #expect(try await setting.refusal("http://b.example")?.reason.contains("an address of the API server") == true)
      running.cancel()
      try await running.value
    }
  }

  @Test("A private network is reached behind a listed host, not behind *")
  func privateNetwork() async throws {
    try await OutboundSetting.run(["metrics.example": [["10.0.0.9"]]], allow: ["*"]) { setting in
      for url in ["http://metrics.example", "http://10.0.0.9"] {
        let refusal = try await setting.refusal(url)
        #expect(refusal?.rule == .privateAddress)
      }
    }
    let rules = EgressPolicy(allow: [EgressPattern("10.0.0.9")].compactMap(\.self), rules: AddressRules())
    let url = try OutboundURL("http://10.0.0.9")
    #expect(try rules.permit(url, for: .policy(namespace: "shop")) == .listed)
  }

  struct Directory: ServiceDirectory {
    var found: [String: [String]]

    func service(_ name: String, in namespace: String) async throws -> ServiceFacts? {
      found["\(namespace)/\(name)"].map { ServiceFacts(.clusterIP($0.compactMap { IPAddress($0) })) }
    }
  }

  @Test("A Service of the policy's own namespace is asked of the cluster, never of the DNS, and judged as well")
  func ownService() async throws {
    let directory = Directory(found: ["shop/loop": ["127.0.0.1"], "shop/web": ["10.0.0.9"]])
    try await OutboundSetting.run(["external.shop.svc": [["127.0.0.1"]]], services: directory) { setting in
      #expect(try await setting.refusal("http://loop.shop.svc")?.rule == .forbidden)
      #expect(try await setting.refusal("http://external.shop.svc")?.rule == .noAddress)
      #expect(try await setting.refusal("http://web.other.svc")?.rule == .notAllowed)
      #expect(setting.resolver.asked.isEmpty)
      for (addresses, rule) in [(["127.0.0.1"], EgressRefusal.Rule.forbidden), ([], .noAddress)] {
        let origin = OutboundOrigin.ownService(namespace: "shop", addresses: addresses.compactMap { IPAddress($0) })
        let error = await setting.failure(OutboundRequest(url: try OutboundURL("http://web.shop.svc"), origin: origin))
        guard case .refused(let refusal)? = error?.code else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(refusal.rule == rule)
      }
    }
  }

  static let badHeaders: [[(name: String, value: String)]] = [
    [("X-A", "a\r\nX-Evil: secret")], [("X-A", "a\nb")], [("X-A", "a\u{0}b")], [("X-A", "\u{7F}")],
    [("X-A\r\nX-Evil", "a")], [("X A", "a")], [("", "a")], [("X:A", "a")], [("Ä", "a")],
    [("Host", "kubernetes")], [("hOST", "kubernetes")], [("Content-Length", "0")], [("Transfer-Encoding", "chunked")],
    [("Connection", "close")], [("Upgrade", "h2c")], [("TE", "trailers")], [("Expect", "100-continue")],
    [("Proxy-Authorization", "secret")], [("X-A", String(repeating: "a", count: 20_000))],
    (0..<65).map { ("X-\($0)", "a") },
  ]

  @Test("Header fields that would change the request are refused before anything is connected to", arguments: 0..<20)
  func headers(index: Int) async throws {
    try await OutboundTestServer.run { server in
      try await OutboundSetting.run { setting in
        let request = try OutboundRequest(server, "/echo", headers: Self.badHeaders[index])
        let error = try #require(await setting.failure(request))
        #expect(error.code == .invalidRequest)
        #expect(!error.message.contains("secret"))
      }
      #expect(server.connections == 0)
    }
  }
}
