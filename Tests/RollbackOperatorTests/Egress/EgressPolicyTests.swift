import RollbackOperator
import Testing

@Suite("Hosts that a policy may reach")
struct EgressPolicyTests {
  static func policy(_ allow: [String], apiServerNames: [String] = []) -> EgressPolicy {
    EgressPolicy(
      allow: allow.compactMap { EgressPattern($0) }, rules: AddressRules(apiServerNames: apiServerNames))
  }

  @Test(
    "Patterns",
    arguments: [
      ("prometheus.monitoring", "http://prometheus.monitoring:9090", true),
      ("prometheus.monitoring", "http://PROMETHEUS.monitoring", true),
      ("prometheus.monitoring", "http://prometheus.monitoring.example", false),
      ("prometheus.monitoring", "http://x.prometheus.monitoring", false),
      ("prometheus.monitoring:9090", "http://prometheus.monitoring:9090", true),
      ("prometheus.monitoring:9090", "http://prometheus.monitoring", false),
      ("api.example:443", "https://api.example", true), ("api.example:443", "http://api.example", false),
      ("*.example.com", "https://a.example.com", true), ("*.example.com", "https://a.b.example.com", true),
      ("*.example.com", "https://example.com", false), ("*.example.com", "https://badexample.com", false),
      ("*.example.com", "https://a.example.com.evil", false), ("*.example.com:8443", "https://a.example.com", false),
      ("*", "http://anything.example:1", true), ("*:443", "https://a.example", true),
      ("*:443", "http://a.example", false),
      ("10.0.0.5", "http://10.0.0.5:9090", true), ("10.0.0.5", "http://10.0.0.50", false),
      ("[fd00::5]:9090", "http://[fd00::5]:9090", true),
      ("[fd00::5]", "http://[fd00::6]", false),
      ("prometheus.monitoring.svc", "http://prometheus.monitoring.svc.cluster.local", true),
      ("prometheus.monitoring.svc.cluster.local", "http://prometheus.monitoring.svc", true),
      ("prometheus.monitoring.svc", "http://prometheus.monitoring", false),
      ("*.monitoring.svc", "http://prometheus.monitoring.svc.cluster.local", true),
    ])
  func patterns(pattern: String, url: String, isMatch: Bool) throws {
    let pattern = try #require(EgressPattern(pattern))
    #expect(pattern.matches(try OutboundURL(url)) == isMatch)
  }

  @Test(
    "What is no pattern",
    arguments: [
      "", "http://a", "a/b", "a?b", "a b", "*a", "a.*", "a.*.b", "**", "*.", "*.*", "a:0", "a:080", "a:99999", "a:",
      "a:x", "127.1", "0x7f.1", "a.", "ä", "fd00::5", "[fd00:0::5]", "user@a", "10.0.0.0/8", "*.10.0.0.1", "*.0.0.5",
      ":80", "a#",
    ])
  func noPattern(text: String) {
    #expect(EgressPattern(text) == nil)
  }

  @Test("A pattern is shown as it was written, in lower case")
  func shown() {
    for text in ["*", "*:443", "*.example.com:8443", "10.0.0.5:9090", "[fd00::5]:1", "a.b"] {
      #expect(EgressPattern(text.uppercased())?.description == text)
    }
  }

  @Test(
    "Which rule lets a URL of a policy in namespace shop pass",
    arguments: [
      ("http://prometheus.monitoring:9090", .listed), ("http://other.example", .anyHost),
      ("http://web.shop", .ownService("web")), ("http://web.shop.svc:8080", .ownService("web")),
      ("http://web.shop.svc.cluster.local", .ownService("web")), ("http://listed.shop", .listed),
      ("http://listed.shop.svc", .ownService("listed")), ("http://web.other.svc", .anyHost),
      ("http://a.web.shop.svc", .anyHost), ("http://web.shop.example", .anyHost), ("http://10.1.2.3", .anyHost),
    ] as [(String, EgressPolicy.Admission)])
  func admissions(url: String, admission: EgressPolicy.Admission) throws {
    let policy = Self.policy(["prometheus.monitoring", "listed.shop", "listed.shop.svc", "*"])
    #expect(try policy.permit(OutboundURL(url), for: .policy(namespace: "shop")) == admission)
  }

  @Test(
    "What nobody listed is refused, with host, rule and remedy",
    arguments: [
      "http://prometheus.other/secret?token=secret", "https://hooks.example/secret", "http://web.other.svc",
      "http://web", "http://web.shop.example", "http://8.8.8.8", "http://a.web.shop.svc",
    ])
  func unlisted(text: String) throws {
    let url = try OutboundURL(text)
    let refusal = try #require(throws: EgressRefusal.self) {
      _ = try Self.policy(["prometheus.monitoring"]).permit(url, for: .policy(namespace: "shop"))
    }
    #expect(
      refusal.description == "host \(url.host) is not in the operator's egress.allow; ask the operator's administrator "
        + "to add it, or name one of the sources of the operator's configuration")
  }

  /// By name or by number, everything listed.
  static let never = [
    "http://localhost:8080", "http://LOCALHOST", "http://a.localhost", "http://ip6-localhost", "http://127.0.0.1",
    "http://127.9.9.9:9090", "http://[::1]:6443", "http://0.0.0.0", "http://[::]",
    "http://169.254.169.254/latest/meta-data",
    "http://metadata.google.internal/computeMetadata/v1/", "http://100.100.100.200", "http://168.63.129.16",
    "http://[fd00:ec2::254]", "http://[fe80::1]", "http://224.0.0.1", "http://255.255.255.255",
    "http://[::ffff:a9fe:a9fe]", "http://[::ffff:7f00:1]", "http://[64:ff9b::a9fe:a9fe]", "http://[2002:7f00:1::]",
    "https://kubernetes", "https://kubernetes.default", "https://kubernetes.default.svc",
    "https://kubernetes.default.svc.cluster.local", "https://kubernetes.default.svc.corp.example",
    "https://api.cluster.example:6443",
  ]

  @Test("Loopback, link-local, metadata and API server never, whatever is listed", arguments: never)
  func forbidden(text: String) throws {
    let url = try OutboundURL(text)
    for allow in [["*"], ["\(url.host)", "\(url.host):\(url.port)"]] {
      let refusal = try #require(throws: EgressRefusal.self) {
        _ = try Self.policy(allow, apiServerNames: ["api.cluster.example"])
          .permit(url, for: .policy(namespace: "default"))
      }
      #expect(refusal.rule == .forbidden)
      #expect(refusal.description.contains("which no policy may reach, whatever egress.allow lists"))
    }
    #expect(try Self.policy([]).permit(url, for: .administrator) == .administrator)
  }

  @Test(
    "What a name was resolved to is judged whole",
    arguments: [
      (["8.8.8.8"], nil, nil), (["10.0.0.1"], nil, .privateAddress), (["8.8.8.8", "10.0.0.1"], nil, .privateAddress),
      (["127.0.0.1"], .forbidden, .forbidden), (["8.8.8.8", "127.0.0.1"], .forbidden, .forbidden),
      (["10.0.0.1", "::ffff:169.254.169.254"], .forbidden, .forbidden), ([], .noAddress, .noAddress),
    ] as [([String], EgressRefusal.Rule?, EgressRefusal.Rule?)])
  func resolved(addresses: [String], named: EgressRefusal.Rule?, any: EgressRefusal.Rule?) throws {
    let found = addresses.compactMap { IPAddress($0) }
    let url = try OutboundURL("http://metrics.example")
    let policy = Self.policy([])
    func rule(_ admission: EgressPolicy.Admission) -> EgressRefusal.Rule? {
      do throws(EgressRefusal) {
        try policy.permit(found, of: url, as: admission)
        return nil
      } catch {
        return error.rule
      }
    }
    #expect(rule(.listed) == named)
    #expect(rule(.ownService("web")) == named)
    #expect(rule(.anyHost) == any)
    #expect(rule(.administrator) == nil)
  }
}
