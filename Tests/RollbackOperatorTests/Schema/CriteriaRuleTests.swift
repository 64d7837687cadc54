import KubernetesClient
import RollbackCore
import Testing

@testable import RollbackOperator

@Suite("What numbers are held against is checked field by field")
struct CriteriaRuleTests {
  private static func violation(_ trigger: String, target: String = "{name: web}") throws -> PolicyViolation? {
    let document: JSONValue = [
      "metadata": ["name": "web"],
      "spec": try YAMLDocument.value("{target: \(target), triggers: [{name: a, \(trigger)}]}"),
    ]
    if case .failure(let violation) = try PolicyObject.decode(document.serialized()).spec { return violation }
    return nil
  }

  static let wrong: [(criteria: String, path: String)] = [
    ("baseline: {}", "baseline"), ("baseline: {window: 0s, above: 3x}", "baseline.window"),
    ("baseline: {offset: 0s, above: 3x}", "baseline.offset"),
    ("baseline: {window: 721h, above: 3x}", "baseline.window"),
    ("baseline: {above: 0.5x}", "baseline.above"), ("baseline: {below: 3x}", "baseline.below"),
    ("baseline: {above: 3}", "baseline.above"), ("anomaly: {window: 0s}", "anomaly.window"),
    ("anomaly: {sensitivity: 0.5}", "anomaly.sensitivity"), ("anomaly: {sensitivity: 101}", "anomaly.sensitivity"),
    ("anomaly: {direction: Up}", "anomaly.direction"), ("comparison: {against: Previous}", "comparison.against"),
    ("comparison: {test: T}", "comparison.test"), ("comparison: {confidence: 1}", "comparison.confidence"),
    ("comparison: {confidence: 0.4}", "comparison.confidence"), ("comparison: {effect: 0.9}", "comparison.effect"),
    ("comparison: {minPoints: 2}", "comparison.minPoints"), ("comparison: {minPoints: 1001}", "comparison.minPoints"),
  ]

  @Test("A wrong value is told with the path of the field and what to write", arguments: wrong)
  func fields(criteria: String, path: String) throws {
    let violation = try #require(try Self.violation("query: {promql: x, \(criteria)}"))
    #expect(violation.path == "spec.triggers[0].query.\(path)")
    #expect(!violation.problem.isEmpty && !violation.remedy.isEmpty)
  }

  @Test(
    "Each alone is enough, with nothing but its defaults",
    arguments: ["baseline: {above: 3x}", "anomaly: {}", "comparison: {}"])
  func alone(criteria: String) throws {
    #expect(try Self.violation("query: {promql: x, \(criteria)}") == nil)
  }

  @Test(
    "Sources without a past have nothing to compare with",
    arguments: [
      "usage: {resource: memory, CRITERIA}", "value: {url: 'https://a', jsonPath: $.a, CRITERIA}",
    ])
  func noPast(trigger: String) throws {
    for (criteria, name) in [("baseline: {above: 3x}", "baseline"), ("anomaly: {}", "anomaly")] {
      let text = trigger.split(separator: "CRITERIA", omittingEmptySubsequences: false).joined(separator: criteria)
      let violation = try #require(try Self.violation(text))
      #expect(violation.path.hasSuffix(".\(name)") && violation.problem.contains("keeps no past"))
    }
  }

  @Test("A fleet needs a selector and a query that is the same for all")
  func fleet() throws {
    let selector = "{selector: {matchLabels: {a: b}}}"
    let query = "query: {promql: 'x{n=\"{{namespace}}\"}', above: 1, fleet: {label: app}}"
    #expect(try Self.violation(query, target: selector) == nil)
    #expect(try Self.violation(query)?.path == "spec.triggers[0].query.fleet")
    let own = "query: {promql: 'x{n=\"{{target}}\"}', above: 1, fleet: {label: app}}"
    #expect(try Self.violation(own, target: selector)?.path == "spec.triggers[0].query.promql")
    let traffic =
      "query: {promql: x, above: 1, minSamples: {promql: 'x{n=\"{{hash}}\"}', atLeast: 1}, fleet: {label: app}}"
    #expect(try Self.violation(traffic, target: selector)?.path == "spec.triggers[0].query.minSamples.promql")
  }
}
