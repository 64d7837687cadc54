import FoundationEssentials
import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Probes tell a bad workload from a probe that cannot be made")
struct ProbeReaderTests {
  static let address = IPAddress("10.96.0.5")
  static let web = ServiceFacts(
    .clusterIP([address].compactMap(\.self)), ports: [.init(name: "http", number: 80)])

  private func outcome(
    _ probe: ProbeTrigger, _ outbound: ScriptedOutbound = ScriptedOutbound(),
    services: WrittenServices = WrittenServices(services: ["shop/web": web])
  ) async -> Sample.Outcome? {
    let clock = ManualClock(wallTime: testStart)
    let reader = ProbeReader(
      transport: outbound, services: services, secrets: SecretHeaders.test(clock).headers, clock: clock)
    let result = await reader.read(ProbeMeasurement(namespace: "shop", probe: probe))
    #expect(result.knownSince == nil && result.samples.count == 1)
    #expect(result.samples.first?.at == testStart)
    return result.samples.first?.outcome
  }

  /// `true`: passed, `false`: the workload's failure, `nil`: nothing is known.
  private func verdict(_ outcome: Sample.Outcome?) -> Bool? {
    if case .check(let passed, _, _) = outcome { passed } else { nil }
  }

  private func message(_ outcome: Sample.Outcome?) -> String {
    switch outcome {
    case .check(false, let value, let message): "\(value): \(message)"
    case .failed(let cause): cause
    default: ""
    }
  }

  @Test("A Service is asked at its cluster IP under its own name, and the answer is about now")
  func service() async throws {
    let outbound = ScriptedOutbound()
    let probe = ProbeTrigger(
      service: "web", port: .name("http"), path: "/api/health?deep=1", headersFrom: SecretReference(secret: "headers"),
      timeout: .seconds(2))
    #expect(await outcome(probe, outbound) == .check(passed: true, value: "HTTP 200", message: ""))
    let request = try #require(outbound.requests.first)
    #expect(request.url == (try OutboundURL("http://web.shop.svc:80/api/health?deep=1")))
    let address = try #require(Self.address)
    #expect(request.origin == .ownService(namespace: "shop", addresses: [address]))
    #expect(request.method == .get && request.timeout == .seconds(2))
    #expect(request.headers.map { "\($0.name): \($0.value)" } == ["Authorization: Bearer abc"])
  }

  @Test("A URL is asked on the policy's word, so that it is judged by egress.allow")
  func url() async throws {
    let outbound = ScriptedOutbound()
    #expect(verdict(await outcome(ProbeTrigger(url: "https://shop.example.com/health"), outbound)) == true)
    #expect(outbound.requests.first?.origin == .policy(namespace: "shop"))
    #expect(outbound.requests.first?.url == (try OutboundURL("https://shop.example.com/health")))
  }

  static let ports: [(PortReference?, ServiceFacts, String)] = [
    (nil, web, "80"), (.number(80), web, "80"), (.name("http"), web, "80"),
    (.number(81), web, "no TCP port 81; it has 80 (http)"), (.name("grpc"), web, "no TCP port of this name"),
    (
      nil, ServiceFacts(web.kind, ports: [.init(name: "a", number: 1), .init(name: "b", number: 2)]),
      "name one with port"
    ),
    (nil, ServiceFacts(web.kind), "has not one TCP port but none"),
    (nil, ServiceFacts(.clusterIP([]), ports: web.ports), "has no cluster IP"),
    (nil, ServiceFacts(.externalName, ports: web.ports), "is an ExternalName"),
    (nil, ServiceFacts(.headless([endpoint(["http": 8080])]), ports: web.ports), "8080"),
    (nil, ServiceFacts(.headless([endpoint([:])]), ports: web.ports), "80"),
    (nil, ServiceFacts(.headless([endpoint(["grpc": 1])]), ports: web.ports), "check its targetPort"),
  ]

  private static func endpoint(_ ports: [String: UInt16]) -> ServiceFacts.Endpoint {
    ServiceFacts.Endpoint(address: IPAddress(10, 0, 0, 1), ports: ports)
  }

  @Test(
    "The port is the Service's by name, by number or its only one; one that is not there is not the workload's fault",
    arguments: ports)
  func port(wanted: PortReference?, service: ServiceFacts, expected: String) async throws {
    let outbound = ScriptedOutbound()
    let outcome = await outcome(
      ProbeTrigger(service: "web", port: wanted), outbound, services: WrittenServices(services: ["shop/web": service]))
    guard let port = UInt16(expected) else {
      #expect(verdict(outcome) == nil && message(outcome).contains(expected), "\(message(outcome))")
      #expect(outbound.requests.isEmpty)
      return
    }
    #expect(verdict(outcome) == true)
    #expect(outbound.requests.first?.url.port == port)
  }

  @Test("Of a headless Service only endpoints that listen at the same port are asked; without any it is dead")
  func headless() async throws {
    let other = ServiceFacts.Endpoint(address: try #require(IPAddress("10.0.0.2")), ports: ["http": 9090])
    let service = ServiceFacts(.headless([Self.endpoint(["http": 8080]), other]), ports: Self.web.ports)
    let outbound = ScriptedOutbound()
    _ = await outcome(
      ProbeTrigger(service: "web"), outbound, services: WrittenServices(services: ["shop/web": service]))
    let first = try #require(IPAddress("10.0.0.1"))
    #expect(outbound.requests.first?.origin == .ownService(namespace: "shop", addresses: [first]))
    let dead = await outcome(
      ProbeTrigger(service: "web"),
      services: WrittenServices(services: ["shop/web": ServiceFacts(.headless([]), ports: Self.web.ports)]))
    #expect(verdict(dead) == false && message(dead).contains("no ready endpoint"))
  }

  @Test("A Service that is not there or cannot be read, and a missing Secret, say nothing of the workload")
  func missing() async {
    let probe = ProbeTrigger(service: "web")
    for (services, word) in [
      (WrittenServices(), "does not exist"), (WrittenServices(isReadable: false), "get services"),
    ] {
      let outcome = await outcome(probe, services: services)
      #expect(verdict(outcome) == nil && message(outcome).contains(word))
    }
    let secret = await outcome(ProbeTrigger(service: "web", headersFrom: SecretReference(secret: "gone")))
    #expect(message(secret).contains("Secret gone does not exist"))
  }

  static let refusal = EgressRefusal(.notAllowed, host: "a", reason: "is not allowed")

  @Test(
    "What went wrong on the way is the workload's only when the workload was asked",
    arguments: [
      (OutboundError.Code.connect, false), (.timeout, false), (.redirect(status: 302), false), (.refused(refusal), nil),
      (.resolve, nil), (.unsent, nil), (.tls, nil), (.tooLarge, nil), (.invalidRequest, nil), (.cancelled, nil),
    ] as [(OutboundError.Code, Bool?)])
  func failures(code: OutboundError.Code, expected: Bool?) async {
    let outcome = await outcome(ProbeTrigger(service: "web"), ScriptedOutbound(code))
    #expect(outcome != nil && verdict(outcome) == expected)
    #expect(message(outcome).hasSuffix("the cause"))
  }

  @Test(
    "Without expectStatus 200 to 299 are healthy, with it only what it lists",
    arguments: [
      (200, [], true), (204, [], true), (299, [], true), (199, [], false), (404, [], false), (503, [], false),
      (200, [401], false), (401, [401], true), (503, [200, 503], true),
    ] as [(Int, [Int], Bool)])
  func status(status: Int, expected: [Int], isHealthy: Bool) async {
    let outcome = await outcome(
      ProbeTrigger(service: "web", expectStatus: expected), ScriptedOutbound(status, "leaked"))
    #expect(verdict(outcome) == isHealthy)
    #expect(isHealthy || message(outcome).hasPrefix("HTTP \(status): "))
    #expect(!message(outcome).contains("leaked"))
  }

  @Test("A redirection is healthy when it is expected, but says nothing in JSON")
  func redirection() async {
    var probe = ProbeTrigger(service: "web", expectStatus: [302])
    #expect(verdict(await outcome(probe, ScriptedOutbound(.redirect(status: 302)))) == true)
    #expect(verdict(await outcome(probe, ScriptedOutbound(.redirect(status: 301)))) == false)
    probe.expectJSON = [.init(path: "$", equals: .null)]
    #expect(verdict(await outcome(probe, ScriptedOutbound(.redirect(status: 302)))) == false)
  }

  @Test(
    "JSON is compared by what it means",
    arguments: [
      (#"{"database":"connected"}"#, "$.database", Document.text("connected"), true),
      (#"{"database":"gone"}"#, "$.database", .text("connected"), false),
      (#"{"a":[{"b":1.0}]}"#, "$.a[0].b", .integer(1), true), (#"{"a":1e0}"#, "$.a", .number(1), true),
      (#"{"a":"1"}"#, "$.a", .integer(1), false), (#"{"a":true}"#, "$.a", .bool(true), true),
      (#"{"a":1}"#, "$.a", .bool(true), false), (#"{"a":null}"#, "$.a", .null, true), ("{}", "$.a", .null, false),
      ("[]", "$.a", .null, false), ("{", "$.a", .null, false), ("", "$.a", .null, false),
      ("<html>", "$.a", .null, false),
      ("null", "$", .null, true),
    ])
  func json(body: String, path: String, value: Document, isHealthy: Bool) async {
    let probe = ProbeTrigger(service: "web", expectJSON: [.init(path: path, equals: value)])
    #expect(verdict(await outcome(probe, ScriptedOutbound(200, body))) == isHealthy)
  }

  @Test("A failed check names the path and what was expected, never what was found, and never a path of the URL")
  func silence() async {
    let probe = ProbeTrigger(
      service: "web", path: "/secret?token=secret",
      expectJSON: [.init(path: "$.ok", equals: .bool(true)), .init(path: "$.database", equals: .text("connected"))])
    let outcome = await outcome(probe, ScriptedOutbound(200, #"{"ok":true,"database":"leaked"}"#))
    let text = message(outcome)
    #expect(verdict(outcome) == false && text.contains("$.database") && text.contains("\"connected\""))
    for word in ["leaked", "secret", "token"] { #expect(!text.contains(word), "\(text)") }
    let long = ProbeTrigger(
      service: "web", expectJSON: [.init(path: "$", equals: .text(String(repeating: "x", count: 100_000)))])
    #expect(message(await self.outcome(long, ScriptedOutbound(200, "1"))).count < 1_000)
  }

  @Test("What an older schema let in is no failure of the workload")
  func unreadable() async {
    let probes = [
      ProbeTrigger(), ProbeTrigger(url: "ftp://a"), ProbeTrigger(service: "web", path: "no slash"),
      ProbeTrigger(service: "web", expectJSON: [.init(path: "database", equals: .null)]),
    ]
    for probe in probes {
      let outcome = await outcome(probe)
      #expect(verdict(outcome) == nil && !message(outcome).isEmpty)
    }
  }

  @Test("A Secret is read once a minute, however often its header is sent")
  func remembered() async throws {
    let clock = ManualClock()
    let (headers, transport) = SecretHeaders.test(clock)
    for _ in 0..<3 { _ = try await headers.headers(SecretReference(secret: "headers"), in: "shop") }
    #expect(transport.requests.count == 1)
    clock.advance(by: .seconds(60))
    #expect(try await headers.headers(SecretReference(secret: "headers"), in: "shop").count == 1)
    #expect(transport.requests.count == 2)
  }
}
