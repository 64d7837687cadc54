import KubernetesClient
import Synchronization
import Testing

@testable import RollbackCommands

@Suite("lint")
struct LintVerbTests {
  private static func policy(_ spec: String) -> String {
    """
    apiVersion: rollback-operator.io/v1alpha1
    kind: RollbackPolicy
    metadata: {name: web}
    spec:
      target: {name: web}
    \(spec)
    """
  }

  private static func findings(_ text: String) -> [LintFinding] {
    LintVerb.judge(LintVerb.Source(name: "web.yaml", text: text)).findings
  }

  @Test("Nothing is wrong with the smallest policy, nor with numbers, flags and null documents")
  func good() {
    #expect(Self.findings(Self.policy("")) == [])
    let whole = Self.policy("  suspend: true\n  limits: {maxRollbacks: 2, per: 1h30m}\n") + "\n---\n"
    #expect(Self.findings(whole) == [])
  }

  @Test(
    "A mistake is named with its line, its field and its remedy",
    arguments: [
      ("  trial: {windw: 10m}", 6, "spec.trial.windw", "did you mean window?"),
      ("  mode: auto", 6, "spec.mode", "did you mean Auto?"),
      ("  trial:\n    window: 10", 7, "spec.trial.window", "write \"10\" in quotes"),
      ("  suspend: \"yes\"", 6, "spec.suspend", "write true or false"),
      ("  limits: {maxRollbacks: 0}", 6, "spec.limits.maxRollbacks", "write 1 or more"),
      ("  limits: {maxRollbacks: some}", 6, "spec.limits.maxRollbacks", "a whole number"),
      ("  limits:", 6, "spec.limits", "remove the line"),
      ("  triggers: {a: b}", 6, "spec.triggers", "write a list"),
      ("  triggers:\n  - pods: {}", 7, "spec.triggers[0].name", "add it"),
      ("  triggers:\n  - {name: a, pods: {}}\n  - {name: a, pods: {}}", 8, "spec.triggers[1].name", "its own"),
      ("  trial: {window: 1m, initialDelay: 2m}", 6, "spec.trial.initialDelay", "lengthen the window"),
    ])
  func mistakes(spec: String, line: Int, path: String, remedy: String) throws {
    let findings = Self.findings(Self.policy(spec))
    let finding = try #require(findings.first { $0.path == path }, "\(findings)")
    #expect(findings.count == 1, "\(findings)")
    #expect(finding.line == line)
    #expect("\(finding)".contains(remedy), "\(finding)")
    #expect("\(finding)".hasPrefix("web.yaml:\(line):"))
    #expect("\(finding)".contains("document 1 (RollbackPolicy web)"))
  }

  @Test(
    "What is no YAML, has a key twice, or bombs, is said with its place", arguments: ["a: [b", "a: 1\na: 2", "\ta: 1"])
  func unreadable(text: String) {
    let findings = Self.findings(text)
    #expect(findings.count == 1 && (findings.first?.line ?? 0) > 0, "\(findings)")
  }

  @Test("More aliases than anybody writes are not expanded")
  func aliases() {
    let bomb = "a: &a [x]\nb: [" + Array(repeating: "*a", count: 40).joined(separator: ",") + "]"
    #expect(Self.findings(bomb).first?.problem.contains("aliases") == true)
  }

  @Test("Kinds, versions and names are judged; what belongs to others is left alone")
  func kinds() {
    #expect(
      Self.findings(
        "apiVersion: rollback-operator.io/v1\nkind: RollbackPolicy\nmetadata: {name: a}\nspec: {target: {name: a}}"
      ).map(\.path) == ["apiVersion"])
    #expect(Self.findings("apiVersion: rollback-operator.io/v1alpha1\nkind: RollbackPolcy").map(\.path) == ["kind"])
    #expect(
      Self.findings("kind: RollbackPolicy\napiVersion: rollback-operator.io/v1alpha1\nspec: {target: {name: a}}").map(
        \.path) == ["metadata.name"])
    let (findings, judged, others) = LintVerb.judge(
      LintVerb.Source(name: "f", text: "apiVersion: v1\nkind: Secret\nmetadata: {name: s}"))
    #expect(findings == [] && judged == 0 && others == ["document 1 (Secret s)"])
  }

  @Test("The status says whether anything is wrong")
  func status() {
    let output = Mutex("")
    let console = Console(isColoured: false, write: { text in output.withLock { $0 += text } }, remark: { _ in })
    #expect(LintVerb([.init(name: "a", text: Self.policy(""))]).run(console) == .done)
    #expect(LintVerb([.init(name: "a", text: Self.policy("  mode: x"))]).run(console) == .refused)
    #expect(LintVerb([.init(name: "a", text: "")]).run(console) == .refused)
    #expect(output.withLock { $0 }.contains("nothing wrong"))
  }
}
