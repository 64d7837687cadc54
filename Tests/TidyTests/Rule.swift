import Testing

/// One rule of the house that a machine can check.
struct Rule: CustomTestStringConvertible, Sendable {
  /// The rule as a sentence.
  let name: String
  /// Which files it is about.
  let applies: @Sendable (SourceFile) -> Bool
  let check: @Sendable (SourceFile) -> [Finding]

  var testDescription: String { name }

  func findings(in file: SourceFile) -> [Finding] {
    applies(file) ? check(file) : []
  }

  /// A rule about one line at a time; `judge` returns what is wrong with a line, or nil.
  static func perLine(
    _ name: String, where applies: @escaping @Sendable (SourceFile) -> Bool, code: Bool = true,
    _ judge: @escaping @Sendable (String) -> String?
  ) -> Rule {
    Rule(name: name, applies: applies) { file in
      (code ? file.code : file.lines).enumerated().compactMap { index, line in
        judge(line).map { Finding(path: file.path, line: index + 1, message: $0) }
      }
    }
  }

  static let all: [Rule] = TextRules.all + SafetyRules.all + PurityRules.all + ShapeRules.all
}

/// What the files of a rule are.
enum Scope {
  @Sendable static func swift(_ file: SourceFile) -> Bool { file.isSwift }
  @Sendable static func sources(_ file: SourceFile) -> Bool { file.isSwift && file.sourceTarget != nil }
  @Sendable static func core(_ file: SourceFile) -> Bool { file.isSwift && file.sourceTarget == "RollbackCore" }

  /// The libraries of the product; neither the executables nor what only tests and benchmarks use.
  @Sendable static func product(_ file: SourceFile) -> Bool {
    guard let target = file.sourceTarget, file.isSwift else { return false }
    return ["RollbackCore", "KubernetesClient", "ControllerRuntime", "RollbackOperator"].contains(target)
  }

  @Sendable static func libraries(_ file: SourceFile) -> Bool {
    product(file) || file.isSwift && file.sourceTarget == "LocalCluster"
  }

  /// Everything but these tests themselves, which must be able to name what they look for.
  @Sendable static func outsideTheseTests(_ file: SourceFile) -> Bool { !file.path.hasPrefix("Tests/TidyTests/") }
}
