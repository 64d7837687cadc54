import Testing

@Suite("The checkout follows the rules of the house")
struct CheckoutTests {
  @Test("Every file follows the rule", arguments: Rule.all)
  func follows(rule: Rule) {
    let findings = Checkout.files.flatMap { rule.findings(in: $0) }
    #expect(findings.isEmpty, "\(rule.name):\n\(findings.map(\.description).joined(separator: "\n"))")
  }

  @Test("The rules see the files")
  func seesFiles() {
    #expect(Checkout.files.contains { $0.path == "Package.swift" })
    #expect(Checkout.files.contains { $0.path == "manifests/crds/rollback-operator.io_rollbackpolicies.yaml" })
    #expect(Checkout.files.count { $0.sourceTarget == "RollbackCore" } > 0)
  }
}
