import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("The CRDs and the types of the code say the same")
struct SchemaTests {
  static let parts = [
    ("rollbackpolicies", "spec"), ("rollbackpolicies", "status"), ("rollbackevents", "spec"),
    ("rollbackevents", "status"),
  ]

  private static func maximal(_ plural: String, _ part: String) throws -> JSONValue {
    switch (plural, part) {
    case ("rollbackpolicies", "spec"): try JSONValue(encoding: Maximal.policySpec)
    case ("rollbackpolicies", _): try JSONValue(encoding: Maximal.policyStatus)
    case (_, "spec"): try JSONValue(encoding: Maximal.eventSpec)
    default: try JSONValue(encoding: Maximal.eventStatus)
    }
  }

  @Test("All that is written fits the schema", arguments: parts)
  func fits(plural: String, part: String) throws {
    let mismatches = try Schema(plural, part).mismatches(Self.maximal(plural, part))
    #expect(mismatches == [])
  }

  @Test("No field is accepted and ignored", arguments: parts)
  func isRead(plural: String, part: String) throws {
    let unused = try Schema(plural, part).unused(in: [Self.maximal(plural, part)])
    #expect(unused == [])
  }

  @Test("What is written reads as the same")
  func roundTrip() throws {
    #expect(try JSONValue(encoding: Maximal.policySpec).decode(PolicySpec.self) == Maximal.policySpec)
    #expect(try JSONValue(encoding: Maximal.policyStatus).decode(PolicyStatus.self) == Maximal.policyStatus)
    #expect(try JSONValue(encoding: Maximal.eventSpec).decode(EventSpec.self) == Maximal.eventSpec)
    #expect(try JSONValue(encoding: Maximal.eventStatus).decode(EventStatus.self) == Maximal.eventStatus)
  }

  private static func cases<Word: CaseIterable & RawRepresentable<String>>(_: Word.Type) -> Set<String> {
    Set(Word.allCases.map(\.rawValue))
  }

  static let enums: [String: Set<String>] = [
    "RollbackPolicy.spec.target.kind": cases(Target.Kind.self),
    "RollbackPolicy.spec.target.selector.matchExpressions[].operator": cases(
      RollbackCore.LabelSelector.Requirement.Operator.self),
    "RollbackPolicy.spec.mode": cases(PolicySpec.Mode.self),
    "RollbackPolicy.spec.triggers[].severity": cases(Trigger.Severity.self),
    "RollbackPolicy.spec.triggers[].during": cases(Trigger.During.self),
    "RollbackPolicy.spec.triggers[].noData": cases(Trigger.NoData.self),
    "RollbackPolicy.spec.triggers[].onError": cases(Trigger.OnError.self),
    "RollbackPolicy.spec.triggers[].attribution": cases(Trigger.Attribution.self),
    "RollbackPolicy.spec.triggers[].query.reduce": cases(QueryTrigger.Reduction.self),
    "RollbackPolicy.spec.triggers[].query.anomaly.direction": cases(AnomalyCriterion.Direction.self),
    "RollbackPolicy.spec.triggers[].query.comparison.against": cases(ComparisonCriterion.Reference.self),
    "RollbackPolicy.spec.triggers[].query.comparison.test": cases(ComparisonCriterion.Test.self),
    "RollbackPolicy.spec.triggers[].probe.scheme": cases(ProbeTrigger.Scheme.self),
    "RollbackPolicy.spec.triggers[].usage.resource": cases(UsageTrigger.Resource.self),
    "RollbackPolicy.spec.decisions[].severity": cases(Trigger.Severity.self),
    // Nothing is raised to the lowest.
    "RollbackPolicy.spec.decisions[].raise.to": cases(Trigger.Severity.self).subtracting(["Low"]),
    "RollbackPolicy.spec.decisions[].respond": cases(DecisionRule.Response.self),
    "RollbackPolicy.spec.decisions[].onTimeout": cases(DecisionRule.OnTimeout.self),
    "RollbackPolicy.spec.lastGood.fallback": cases(PolicySpec.LastGood.Fallback.self),
    "RollbackPolicy.status.state": cases(PolicyStatus.State.self),
    "RollbackPolicy.status.conditions[].status": cases(RollbackCore.Condition.Status.self),
    "RollbackPolicy.status.targets[].triggers[].state": cases(TriggerStatus.State.self),
    "RollbackEvent.spec.target.kind": cases(Target.Kind.self),
    "RollbackEvent.spec.origin": cases(EventSpec.Origin.self),
    "RollbackPolicy.spec.triggers[].actions[]": [PolicySpec.undoRung],
    "RollbackEvent.spec.trigger.severity": cases(Trigger.Severity.self),
    "RollbackEvent.spec.mode": cases(PolicySpec.Mode.self),
    "RollbackEvent.spec.approval.decision": cases(EventSpec.Approval.Decision.self),
    "RollbackEvent.status.conditions[].status": cases(RollbackCore.Condition.Status.self),
    "RollbackEvent.status.outcome": cases(EventStatus.Outcome.self),
    "RollbackEvent.status.steps[].state": cases(EventStatus.Step.State.self),
    "RollbackEvent.status.notifications[].state": cases(EventStatus.Notification.State.self),
  ]

  @Test("Both know the same words")
  func words() throws {
    var found: [String: Set<String>] = [:]
    for (plural, part) in Self.parts {
      for schema in try Schema(plural, part).all {
        if let options = schema.options { found[schema.path] = Set(options) }
      }
    }
    #expect(found == Self.enums)
  }

  @Test(
    "What is left out means the same to the API server and to the operator",
    arguments: [
      "{target: {name: web}}",
      "{target: {selector: {}}, trial: {}, verification: {}, limits: {}, lastGood: {}}",
      "{target: {name: web}, triggers: [{name: pods, pods: {}}, {name: rollout, rollout: {}}]}",
    ])
  func defaults(text: String) throws {
    let given = try YAMLDocument.value(text)
    let filled = try Schema("rollbackpolicies", "spec").filled(given)
    #expect(filled != given)
    let spec = try given.decode(PolicySpec.self)
    #expect(try filled.decode(PolicySpec.self) == spec)
    // What the API server filled in is, field by field, what the code took for granted.
    let written = try JSONValue(encoding: spec)
    #expect(Self.differences(filled, written, "spec") == [])
  }

  /// The members of `part` that `whole` has not, or with another value.
  private static func differences(_ part: JSONValue, _ whole: JSONValue?, _ path: String) -> [String] {
    if let members = part.object {
      return members.flatMap { differences($0.value, whole?[$0.key], "\(path).\($0.key)") }
    }
    if let elements = part.array {
      return elements.indices.flatMap { differences(elements[$0], whole?[$0], "\(path)[\($0)]") }
    }
    if let text = part.string, let duration = PolicyDuration(text) {
      return whole?.string.flatMap { PolicyDuration($0) } == duration ? [] : [path]
    }
    return part == whole ? [] : [path]
  }

  static let durationTexts = [
    "0s", "1s", "90s", "2m", "1h30m", "250ms", "1.5s", "1.125s", "720h", "1h1h", "999999ms", "", "0", "5", "s", ".5s",
    "1.s", "1.2345s", "1234567s", "-1s", "+1s", "1d", "1 s", " 1s", "1s ", "1e3s", "1..5s", "1h-1m", "1S", "1µs", "1ns",
    "١s", "1s\n", "ten minutes", String(repeating: "1s", count: 16), String(repeating: "1s", count: 17),
  ]

  @Test("Durations have one grammar", arguments: durationTexts)
  func durations(text: String) throws {
    let schemas = try Schema("rollbackpolicies", "spec").all.filter { $0.pattern?.contains("(ms|s|m|h)") == true }
    #expect(schemas.count > 15)
    for schema in schemas { #expect(schema.accepts(text) == (PolicyDuration(text) != nil), "\(schema.path)") }
  }

  static let thresholdTexts = [
    "0", "3", "999999", "0%", "50%", "99.999%", "5.5%", "", "%", "1000000", "100%", "101%", "-1", "+1", "-1%", "1.5",
    "1e1%",
    "0x1%", "5 %", "1.2345%", ".5%", "5.%", "NaN%", "inf%", "٣", "half",
  ]

  @Test("Thresholds have one grammar", arguments: thresholdTexts)
  func thresholds(text: String) throws {
    let schemas = try Self.thresholds()
    #expect(schemas.count == 2)
    for schema in schemas { #expect(schema.accepts(text) == (Threshold(text) != nil), "\(schema.path)") }
  }

  @Test("Thresholds as numbers have one range", arguments: [-1, 0, 1, 999_999, 1_000_000] as [Int64])
  func thresholdNumbers(number: Int64) throws {
    for schema in try Self.thresholds() {
      let least = try #require(schema.value["minimum"]?.int64)
      let most = try #require(schema.value["maximum"]?.int64)
      let threshold = try? JSONValue(number).decode(Threshold.self)
      #expect((least...most).contains(number) == (threshold != nil), "\(schema.path)")
    }
  }

  /// Shares and numbers of pods; what metrics are held against is written otherwise.
  private static func thresholds() throws -> [Schema] {
    try Schema("rollbackpolicies", "spec").all.filter { $0.isIntegerOrString && $0.value["minimum"] != nil }
  }

  static let measureTexts = [
    "0", "90", "-1", "0.05", "5%", "99.9%", "150%", "500ms", "1.5s", "2m", "1h", "20/min", "3/s", "7/h", "", "%", "5 %",
    "1e3", "0x1p3", "NaN", "inf", "+1", ".5", "5.", "1,5", "5 per minute", "20/m", "1h30m", "٣", "--1",
    "123456789012",
  ]

  @Test("Limits of metrics have one grammar", arguments: measureTexts)
  func measures(text: String) throws {
    let schemas = try Schema("rollbackpolicies", "spec").all
      .filter { $0.isIntegerOrString && $0.value["pattern"]?.string?.hasPrefix("^-?") == true }
    #expect(schemas.count > 5)
    for schema in schemas { #expect(schema.accepts(text) == ((try? Measure(text)) != nil), "\(schema.path)") }
  }

  @Test("Every field is described", arguments: parts)
  func descriptions(plural: String, part: String) throws {
    let schema = try Schema(plural, part)
    let fields = [schema] + schema.all.flatMap { $0.properties.map(\.schema) }
    #expect(fields.filter { ($0.value["description"]?.string ?? "").count < 4 }.map(\.path) == [])
  }
}
