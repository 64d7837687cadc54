import KubernetesClient
import RollbackOperator
import Yams

/// One YAML document that may be one of the operator's objects.
struct LintedDocument {
  var file: String
  var number: Int
  var node: Yams.Node

  private var kind: String { node.mapping?["kind"]?.scalar?.string ?? "" }
  private var apiVersion: String { node.mapping?["apiVersion"]?.scalar?.string ?? "" }
  private var name: String { node.mapping?["metadata"]?.mapping?["name"]?.scalar?.string ?? "" }

  /// What it is called in messages.
  var title: String {
    let what = [kind, name].filter { !$0.isEmpty }.joined(separator: " ")
    return what.isEmpty ? "document \(number)" : "document \(number) (\(what))"
  }

  /// Whether it is, or was meant to be, an object of the operator.
  var isOurs: Bool {
    apiVersion.hasPrefix("\(APIResource.rollbackGroup)/") || ResourceDefinition.all[kind] != nil || kind.isEmpty
      || kind.lowercased().hasPrefix("rollback")
  }

  func findings() -> [LintFinding] {
    let kinds = ResourceDefinition.all.keys.sorted()
    guard node.mapping != nil else {
      return [finding(node, "", "is not an object", "write apiVersion, kind, metadata and spec")]
    }
    guard let definition = ResourceDefinition.all[kind] else {
      let place = node.mapping?["kind"] ?? node
      let remedy = SchemaCheck.suggestion(for: kind, among: kinds)
      return [finding(place, "kind", kind.isEmpty ? "is missing" : "there is no kind \(kind)", remedy)]
    }
    var findings: [LintFinding] = []
    if apiVersion != definition.apiVersion {
      findings.append(
        finding(
          node.mapping?["apiVersion"] ?? node, "apiVersion", apiVersion.isEmpty ? "is missing" : "is \(apiVersion)",
          "write \(definition.apiVersion)"))
    }
    if name.isEmpty, node.mapping?["metadata"]?.mapping?["generateName"] == nil {
      findings.append(finding(node.mapping?["metadata"] ?? node, "metadata.name", "is missing", "give it a name"))
    }
    var check = SchemaCheck { node, path, problem, remedy in
      findings.append(self.finding(node, path, problem, remedy))
    }
    check.object(node, definition.schema, "")
    // The operator's rules are about what the schema lets through, and would say the same things twice.
    if findings.isEmpty, kind == "RollbackPolicy", let violation { findings.append(violation) }
    return findings
  }

  /// What the operator itself would say of a policy.
  private var violation: LintFinding? {
    guard let value = YAMLReader.json(node) else { return finding(node, "", "is nested too deeply", "flatten it") }
    let policy: PolicyObject
    do throws(JSONError) {
      policy = try PolicyObject.decode(value.serialized())
    } catch {
      return finding(node, "", "cannot be decoded: \(error)", "compare it with `kubectl explain rollbackpolicy`")
    }
    guard case .failure(let violation) = policy.spec else { return nil }
    return finding(deepest(violation.path), violation.path, violation.problem, violation.remedy)
  }

  /// The node at a path, or the deepest one that is there.
  private func deepest(_ path: String) -> Yams.Node {
    var place = node
    for token in path.split(whereSeparator: { ".[]".contains($0) }) {
      let next =
        Int(token).flatMap { index in
          place.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        } ?? place.mapping?.first { $0.key.scalar?.string == String(token) }?.value
      guard let next else { break }
      place = next
    }
    return place
  }

  private func finding(_ node: Yams.Node, _ path: String, _ problem: String, _ remedy: String) -> LintFinding {
    LintFinding(
      file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0, document: title, path: path,
      problem: problem, remedy: remedy)
  }
}
