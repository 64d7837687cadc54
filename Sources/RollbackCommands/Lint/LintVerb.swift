import KubernetesClient
import RollbackOperator
import Yams

/// `kubectl rollback lint -f FILE`: judges documents without a cluster, by the schema that this version installs and by
/// the operator's own rules.
package struct LintVerb: Sendable {
  /// A file as it was read.
  package struct Source: Sendable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  var sources: [Source]

  package init(_ sources: [Source]) { self.sources = sources }

  /// - Returns: refused when anything is wrong, or when there is nothing to judge.
  package func run(_ console: Console) -> CommandStatus {
    var isWrong = false
    var total = 0
    for source in sources {
      let (findings, judged, others) = Self.judge(source)
      for finding in findings { console.line("\(finding)") }
      if !others.isEmpty { console.remark("\(source.name): not judged: \(others.joined(separator: ", "))") }
      total += judged
      if !findings.isEmpty {
        isWrong = true
      } else if judged > 0 {
        console.line("\(source.name): \(judged) \(judged == 1 ? "document" : "documents"), nothing wrong")
      }
    }
    guard total > 0 || isWrong else {
      console.line("There is no RollbackPolicy in \(sources.map(\.name).joined(separator: ", ")); name another file.")
      return .refused
    }
    return isWrong ? .refused : .done
  }

  /// What is wrong in a file, how many documents were judged, and which were left alone.
  package static func judge(_ source: Source) -> (findings: [LintFinding], judged: Int, others: [String]) {
    var findings: [LintFinding] = []
    var judged = 0
    var others: [String] = []
    guard !YAMLAliases.areTooMany(in: Array(source.text.utf8)) else {
      let finding = LintFinding(
        file: source.name, line: 0, column: 0, document: "", path: "",
        problem: "it uses more than \(YAMLAliases.most) aliases", remedy: "write out what they stand for")
      return ([finding], 0, [])
    }
    do {
      var number = 0
      for node in try Array(Parser(yaml: source.text)) {
        number += 1
        // What is between two lines of --- and empty is nothing.
        if node.tag == Tag(.null) { continue }
        let document = LintedDocument(file: source.name, number: number, node: node)
        guard document.isOurs else {
          others.append(document.title)
          continue
        }
        judged += 1
        findings += document.findings()
      }
    } catch {
      findings.append(unreadable(error, source.name))
    }
    return (findings, judged, others)
  }

  private static func unreadable(_ error: any Error, _ file: String) -> LintFinding {
    var finding = LintFinding(
      file: file, line: 0, column: 0, document: "", path: "", problem: "it is not YAML",
      remedy: "look at the indentation, the quotes and the brackets there")
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      finding.line = mark.line
      finding.column = mark.column
      finding.problem += ": \(problem)"
    case .duplicatedKeysInMapping(let duplicates, let context):
      finding.line = context.mark.line
      finding.column = context.mark.column
      let keys = duplicates.map { "\($0)" }.joined(separator: ", ")
      finding.problem = "a key is there twice: \(keys)"
      finding.remedy = "remove one of the two"
    default:
      let reason = "\(error)".split(separator: "\n").first.map(String.init)
      if let reason { finding.problem += ": \(reason)" }
    }
    return finding
  }
}

extension Array where Element == Yams.Node {
  /// All documents that a parser yields.
  fileprivate init(_ parser: Yams.Parser) throws {
    self = []
    while let node = try parser.nextRoot() { append(node) }
  }
}
