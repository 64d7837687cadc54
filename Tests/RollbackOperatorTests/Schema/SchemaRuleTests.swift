import KubernetesClient
import RollbackCore
import Testing

@testable import RollbackOperator

@Suite("The rules of the schema hold also where the API server does not check them")
struct SchemaRuleTests {
  /// The documents that the real API server is asked about, too.
  static func documents() throws -> [(text: String, isRefused: Bool)] {
    try YAMLDocument.text("Tests/Fixtures/schema/rollbackpolicies.yaml").split(separator: "---\n").map { text in
      let refusal = text.split(separator: "\n").first { $0.hasPrefix("# refused: ") }
      // Unknown fields are the API server's alone: it is asked for strict validation.
      return (String(text), refusal.map { !$0.contains("unknown field") } ?? false)
    }
  }

  @Test("What the API server refuses, the operator refuses with a path, and nothing else")
  func rules() throws {
    let documents = try Self.documents()
    #expect(documents.count > 30)
    for (text, isRefused) in documents {
      let policy = try PolicyObject.decode(try YAMLDocument.value(text).serialized())
      switch policy.spec {
      case .success: #expect(!isRefused, "\(text)")
      case .failure(let violation):
        #expect(isRefused, "\(text): \(violation)")
        #expect(violation.path.hasPrefix("spec"))
        #expect(!violation.problem.isEmpty && !violation.remedy.isEmpty)
      }
    }
  }

  static let others = [
    ("{target: {name: web}, triggers: [{name: a, for: soon, pods: {}}]}", "spec.triggers[0].for"),
    ("{target: {name: web}, triggers: [{name: a, pods: {crashLooping: 7}}]}", "spec.triggers[0].pods.crashLooping"),
    ("{target: {name: web}, triggers: {a: b}}", "spec.triggers"),
    ("{target: web}", "spec.target"), ("[]", "spec"), ("7", "spec"),
    // Foundation does not say where such a number stands; the number itself is in the sentence.
    ("{target: {name: web}, limits: {maxRollbacks: 1.5}}", "spec"),
    ("{target: {name: web}, limits: {maxRollbacks: 99999999999999999999}}", "spec"),
    ("{target: {name: web}, limits: {maxRollbacks: 1001}}", "spec.limits.maxRollbacks"),
    ("{target: {name: web}, lastGood: {maxRevisionsBack: -9223372036854775808}}", "spec.lastGood.maxRevisionsBack"),
    ("{target: {name: ''}}", "spec.target.name"), ("{target: {name: web.-a}}", "spec.target.name"),
  ]

  @Test("Wrong types and numbers out of range are told with the path of the field", arguments: others)
  func paths(spec: String, path: String) throws {
    let document: JSONValue = ["metadata": ["name": "web"], "spec": try YAMLDocument.value(spec)]
    let policy = try PolicyObject.decode(document.serialized())
    guard case .failure(let violation) = policy.spec else {
      Issue.record("\(spec) was accepted")
      return
    }
    #expect(violation.path == path)
    #expect(policy.metadata.name == "web" && policy.validSpec == nil)
  }

  @Test("Ten thousand triggers, an endless selector and names without end are refused")
  func sizes() {
    let triggers = (0..<10_000).map { Trigger(name: "t\($0)", .pods(PodsTrigger())) }
    #expect(
      PolicyViolation.first(in: PolicySpec(target: Target(name: "web"), triggers: triggers))?.path == "spec.triggers")
    let labels = Dictionary(uniqueKeysWithValues: (0..<65).map { ("key\($0)", "value") })
    let selector = RollbackCore.LabelSelector(matchLabels: labels)
    #expect(PolicyViolation.first(in: PolicySpec(target: Target(selector: selector)))?.path == "spec.target.selector")
    let values = (0..<65).map { "v\($0)" }
    let many = RollbackCore.LabelSelector(matchExpressions: [.init(key: "a", operator: .in, values: values)])
    #expect(
      PolicyViolation.first(in: PolicySpec(target: Target(selector: many)))?.path
        == "spec.target.selector.matchExpressions[0].values")
    let name = String(repeating: "a", count: 254)
    #expect(PolicyViolation.first(in: PolicySpec(target: Target(name: name)))?.path == "spec.target.name")
  }

  @Test("A spec nested too deep is the policy's fault, and its name is still known")
  func tooDeep() throws {
    let depth = 5_000
    let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let text = #"{"spec":{"target":\#(deep)},"metadata":{"name":"deep","generation":3},"status":{"state":\#(deep)}}"#
    let policy = try PolicyObject.decode(Array(text.utf8))
    #expect(policy.metadata.name == "deep" && policy.metadata.generation == 3)
    guard case .failure(let violation) = policy.spec else {
      Issue.record("it was accepted")
      return
    }
    #expect(violation.path == "spec" && violation.problem.contains("nested deeper"))
    #expect(policy.status == PolicyStatus())
  }

  @Test("However long the offending value, the sentence is short")
  func bounded() throws {
    let long = String(repeating: "x", count: 1_000_000)
    let document: JSONValue = ["spec": ["target": ["name": "web"], "mode": .string(long)]]
    let policy = try PolicyObject.decode(document.serialized())
    guard case .failure(let violation) = policy.spec else {
      Issue.record("it was accepted")
      return
    }
    #expect(violation.path == "spec.mode" && violation.description.count < 1_000)
  }
}
