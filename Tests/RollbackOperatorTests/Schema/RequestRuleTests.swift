import KubernetesClient
import RollbackCore
import Testing

@testable import RollbackOperator

@Suite("What the schema cannot say of requests is refused with a path and a remedy")
struct RequestRuleTests {
  private static func violation(_ trigger: String) throws -> PolicyViolation? {
    let text = "{metadata: {name: web}, spec: {target: {name: web}, triggers: [{name: a, \(trigger)}]}}"
    switch try PolicyObject.decode(try YAMLDocument.value(text).serialized()).spec {
    case .success: return nil
    case .failure(let violation): return violation
    }
  }

  static let wrong = [
    ("probe: {}", "probe"), ("probe: {service: web, url: 'http://a'}", "probe"),
    ("probe: {url: 'http://user:leaked@a/'}", "probe.url"), ("probe: {url: 'http://127.1/'}", "probe.url"),
    ("probe: {url: 'http://a:0/'}", "probe.url"), ("probe: {url: 'http://a', port: 80}", "probe.port"),
    ("probe: {service: Web}", "probe.service"), ("probe: {service: web.shop}", "probe.service"),
    ("probe: {service: web, port: 0}", "probe.port"), ("probe: {service: web, port: 65536}", "probe.port"),
    ("probe: {service: web, port: '-'}", "probe.port"), ("probe: {service: web, path: health}", "probe.path"),
    ("probe: {service: web, path: '/a%zz'}", "probe.path"), ("probe: {service: web, path: '/a b'}", "probe.path"),
    ("probe: {service: web, headersFrom: {secret: A}}", "probe.headersFrom.secret"),
    ("probe: {service: web, expectStatus: [200, 600]}", "probe.expectStatus[1]"),
    ("probe: {service: web, expectStatus: [99]}", "probe.expectStatus[0]"),
    (
      "probe: {service: web, expectStatus: [\((200..<217).map(String.init).joined(separator: ", "))]}",
      "probe.expectStatus"
    ),
    ("probe: {service: web, expectJSON: [{path: database, equals: a}]}", "probe.expectJSON[0].path"),
    (
      "probe: {service: web, expectJSON: [{path: $.a, equals: 1}, {path: $..a, equals: 1}]}", "probe.expectJSON[1].path"
    ),
    ("probe: {service: web, expectJSON: [{path: $.a, equals: {b: 1}}]}", "probe.expectJSON[0].equals"),
    ("probe: {service: web, timeout: 99ms}", "probe.timeout"), ("probe: {service: web, timeout: 11s}", "probe.timeout"),
    ("probe: {service: web, failureThreshold: 0}", "probe.failureThreshold"),
    ("probe: {service: web, failureThreshold: 101}", "probe.failureThreshold"),
    ("value: {url: 'http://a', jsonPath: $.a}", "value"), ("value: {url: a, jsonPath: $.a, above: 1}", "value.url"),
    ("value: {url: 'http://a#b', jsonPath: $.a, above: 1}", "value.url"),
    ("value: {url: 'http://a', jsonPath: '$[*]', above: 1}", "value.jsonPath"),
    ("value: {url: 'http://a', jsonPath: $.a, above: 1, timeout: 1m}", "value.timeout"),
    ("value: {url: 'http://a', jsonPath: $.a, above: 1, headersFrom: {secret: ''}}", "value.headersFrom.secret"),
  ]

  @Test("A wrong value in any field", arguments: wrong)
  func refused(trigger: String, path: String) throws {
    let violation = try #require(try Self.violation(trigger), "\(trigger) was accepted")
    #expect(violation.path == "spec.triggers[0].\(path)")
    #expect(!violation.problem.isEmpty && !violation.remedy.isEmpty)
    #expect(!violation.description.contains("leaked"))
  }

  @Test(
    "What runbooks write is accepted",
    arguments: [
      "probe: {service: web}", "probe: {service: web, port: 8080, path: '/a?b=%20', scheme: HTTPS}",
      "probe: {service: web, port: http, expectStatus: [200, 302], expectJSON: [{path: $.database, equals: connected}]}",
      "probe: {url: 'https://shop.example.com/health', headersFrom: {secret: token}, timeout: 10s, failureThreshold: 1}",
      "value: {url: 'https://sentry.example.com/api?q=1', jsonPath: '$.data[0].rate', above: '5%'}",
    ])
  func accepted(trigger: String) throws {
    #expect(try Self.violation(trigger) == nil)
  }
}
