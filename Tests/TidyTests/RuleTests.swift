import Testing

/// A text that a rule must refuse beside one that it must let pass.
struct RuleCase: CustomTestStringConvertible, Sendable {
  let rule: Rule
  let path: String
  let bad: String
  let good: String

  init(_ rule: Rule, _ path: String = "Sources/RollbackCore/Example.swift", bad: String, good: String) {
    self.rule = rule
    self.path = path
    self.bad = bad
    self.good = good
  }

  var testDescription: String { "\(rule.name): \(bad.prefix(40))" }
}

@Suite("Each rule can fail")
struct RuleTests {
  static let cases: [RuleCase] = text + safety + purity + shape

  @Test("The bad text is refused and the good one is not", arguments: cases)
  func judges(_ example: RuleCase) {
    let bad = SourceFile(path: example.path, text: example.bad + "\n")
    let good = SourceFile(path: example.path, text: example.good + "\n")
    #expect(!example.rule.findings(in: bad).isEmpty)
    #expect(example.rule.findings(in: good).isEmpty)
  }

  @Test("A file is not named after a drawer", arguments: ["StringUtils", "Helpers"])
  func drawer(name: String) {
    let file = SourceFile(path: "Sources/RollbackCore/\(name).swift", text: "enum \(name) {}\n")
    #expect(ShapeRules.fileName.findings(in: file).count == 1)
  }

  @Test("No rule is without an example")
  func complete() {
    #expect(Set(Self.cases.map(\.rule.name)) == Set(Rule.all.map(\.name)))
  }

  static let text: [RuleCase] = [
    RuleCase(TextRules.lineEnds, bad: "let a = 1\r", good: "let a = 1"),
    RuleCase(TextRules.tabs, bad: "\tlet a = 1", good: "  let a = 1"),
    RuleCase(TextRules.tabs, "manifests/a.yaml", bad: "a:\t1", good: "a: 1"),
    RuleCase(TextRules.trailingSpace, bad: "let a = 1 ", good: "let a = 1"),
    RuleCase(
      TextRules.lineLength, bad: String(repeating: "a", count: 121), good: String(repeating: "a", count: 120)),
    RuleCase(
      TextRules.lineLength, bad: "  // " + String(repeating: "a", count: 120),
      good: "f(\"" + String(repeating: "a", count: 120) + "\")"),
    RuleCase(TextRules.lastLine, bad: "let a = 1\n", good: "let a = 1"),
    RuleCase(TextRules.machinePaths, bad: "// see /work/main", good: "// see Sources/RollbackCore"),
    RuleCase(TextRules.registries, "Dockerfile", bad: "RUN fetch https://registry.example/a", good: "FROM scratch"),
    RuleCase(TextRules.leftovers, bad: "// TODO: later", good: "// a mastodon is no TODOS"),
  ]

  static let safety: [RuleCase] = [
    RuleCase(SafetyRules.traps, bad: "let a = try! b()", good: "let a = try b() // not try!"),
    RuleCase(SafetyRules.traps, bad: "let a = b as! C", good: "let a = \"as! \""),
    RuleCase(SafetyRules.traps, bad: "fatalError(\"no\")", good: "state.fatalError()"),
    RuleCase(SafetyRules.traps, bad: "precondition(a > 0)", good: "let preconditions = Preconditions(a)"),
    RuleCase(SafetyRules.forcedUnwrap, bad: "let a = b!", good: "let a = !b && c != d"),
    RuleCase(SafetyRules.forcedUnwrap, bad: "let a = b[0]!.c", good: "let a = \"\\(b[\"c\"] ?? 0)!\""),
    RuleCase(
      SafetyRules.forcedUnwrap, bad: "var a: String!", good: "/* a! /* b! */ c! */ let a = \"\"\"\n  b!\n  \"\"\""),
    RuleCase(SafetyRules.forcedUnwrap, bad: "f(\"\\(a)\", b!)", good: "f(#\"\\(a!) \"# + \"\\(a, b: \"c!\")\")"),
    RuleCase(SafetyRules.looseTasks, bad: "  Task { await a() }", good: "  let task = Task { await a() }"),
    RuleCase(SafetyRules.looseTasks, bad: "Task.detached { a() }", good: "deinit {\n  Task { await a() }\n}"),
    RuleCase(
      SafetyRules.unboundedStreams, bad: "AsyncStream<Int>.makeStream()",
      good: "AsyncStream<Int>.makeStream(\n  bufferingPolicy: .bufferingNewest(1))"),
    RuleCase(
      SafetyRules.unboundedStreams, bad: "AsyncStream.makeStream(of: Int.self, bufferingPolicy: .unbounded)",
      good: "let stream: AsyncStream<Int>"),
    RuleCase(SafetyRules.printing, bad: "print(\"a\")", good: "description.print(into: a); sprint(1)"),
  ]

  static let purity: [RuleCase] = [
    RuleCase(PurityRules.coreImports, bad: "import Foundation", good: "public import FoundationEssentials"),
    RuleCase(PurityRules.coreImports, bad: "@testable import KubernetesClient", good: "let important = 1"),
    RuleCase(PurityRules.coreIsPure, bad: "func a() async {}", good: "// async is for others"),
    RuleCase(PurityRules.coreIsPure, bad: "let now = Date()", good: "let now = facts.now"),
    RuleCase(
      PurityRules.injectedTime, "Sources/RollbackOperator/Example.swift", bad: "try await Task.sleep(for: a)",
      good: "try await clock.sleep(for: a)"),
    RuleCase(
      PurityRules.essentials, "Sources/LocalCluster/Example.swift", bad: "import Foundation",
      good: "import Foundation  // Process"),
  ]

  static let shape: [RuleCase] = [
    RuleCase(
      ShapeRules.fileLength, bad: String(repeating: "// a\n", count: 501), good: String(repeating: "// a\n", count: 499)
    ),
    RuleCase(
      ShapeRules.functionLength, bad: "func a() {\n" + String(repeating: "  b()\n", count: 69) + "}",
      good: "func a() {\n" + String(repeating: "  b()\n", count: 68) + "}"),
    RuleCase(
      ShapeRules.functionLength,
      bad: "  init(\n    a: Int = 1\n  ) {\n" + String(repeating: "  b()\n", count: 70) + "}",
      good: "protocol P {\n  func a()\n}\n" + String(repeating: "let b = 1\n", count: 90)),
    RuleCase(ShapeRules.fileName, bad: "struct Sample {}", good: "struct Example {}"),
    RuleCase(
      ShapeRules.fileName, "Sources/KubernetesClient/LabelSelectors.swift", bad: "enum Codec {}",
      good: "extension ObjectMeta { func selects() {} }"),
    RuleCase(
      ShapeRules.documentation, bad: "public struct Example {}", good: "/// One.\n@frozen\npublic struct Example {}"),
    RuleCase(
      ShapeRules.documentation, bad: "  // no\n  public static func a() {}",
      good: "  /// A.\n  public static func a() {}\n  public var b: Int\n  func isPublic() {}"),
  ]
}
