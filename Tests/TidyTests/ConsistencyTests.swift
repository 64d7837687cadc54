import Testing

@Suite("What is written twice says the same")
struct ConsistencyTests {
  static let chart = "charts/rollback-operator/"

  @Test("The chart carries the CRDs of manifests/crds")
  func crds() throws {
    let names = Checkout.names(in: "manifests/crds")
    try #require(!names.isEmpty)
    #expect(Checkout.names(in: Self.chart + "files/crds") == names)
    for name in names {
      let copy = Checkout.read(Self.chart + "files/crds/" + name)
      #expect(copy == Checkout.read("manifests/crds/" + name), "copy manifests/crds/\(name) into the chart")
    }
  }

  @Test("The operator has the same rights by manifest and by chart")
  func rights() throws {
    let manifest = try #require(Checkout.read("manifests/10-rbac.yaml"))
    let template = try #require(Checkout.read(Self.chart + "templates/_helpers.tpl"))
    let rules = Self.rules(in: manifest)
    #expect(rules.count > 10)
    #expect(rules == Self.rules(in: template))
  }

  @Test("Users are offered the same rights by manifest and by chart")
  func userRights() throws {
    let texts = [
      Checkout.read("manifests/20-user-roles.yaml"), Checkout.read(Self.chart + "templates/user-roles.yaml"),
    ]
    let rights = try texts.map { text in
      try #require(text).split(separator: "\n").filter { line in
        ["- apiGroups:", "  resources:", "  resourceNames:", "  verbs:"].contains { line.hasPrefix($0) }
      }
    }
    #expect(rights[0].count > 10 && rights[0] == rights[1])
  }

  /// The lines of the first list of RBAC rules, without comments.
  static func rules(in text: String) -> [Substring] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return Array(
      lines.drop { !$0.hasPrefix("- apiGroups") }
        .prefix { $0.hasPrefix("- ") || $0.hasPrefix("  ") || $0.hasPrefix("#") }
        .filter { !$0.hasPrefix("#") })
  }

  @Test("Secrets and ConfigMaps are read one at a time, and nothing is deleted")
  func leastRights() throws {
    let rules = Self.rules(in: try #require(Checkout.read("manifests/10-rbac.yaml")))
    #expect(Self.violations(in: rules).isEmpty)
    #expect(Self.violations(in: ["  resources: [secrets]", "  verbs: [get, list]"]).count == 1)
    #expect(Self.violations(in: ["  resources: [pods]", "  verbs: [delete]"]).count == 1)
  }

  static func violations(in rules: [Substring]) -> [String] {
    zip(rules, rules.dropFirst()).compactMap { resources, verbs in
      guard resources.contains("resources:"), verbs.contains("verbs:") else { return nil }
      if resources.contains("secrets") || resources.contains("configmaps"), !verbs.hasSuffix("verbs: [get]") {
        return "\(resources): \(verbs)"
      }
      return ["delete", "\"*\"", "escalate", "impersonate"].contains { verbs.contains($0) }
        ? "\(resources): \(verbs)" : nil
    }
  }

  @Test("The version is the same in the chart, in the manifests and in the operator")
  func version() throws {
    let chart = try #require(Checkout.read(Self.chart + "Chart.yaml"))
    let version = try #require(Self.value(of: "version", in: chart))
    #expect(Self.value(of: "appVersion", in: chart) == version)
    let deployment = try #require(Checkout.read("manifests/30-deployment.yaml"))
    #expect(deployment.contains("image: rollback-operator:\(version)\n"))
    let constants = Checkout.files.filter { $0.sourceTarget != nil }.flatMap { file in
      file.lines.filter { $0.contains("operatorVersion = \"") }
    }
    for constant in constants { #expect(constant.contains("\"\(version)\"")) }
  }

  static func value(of key: String, in yaml: String) -> String? {
    yaml.split(separator: "\n").first { $0.hasPrefix("\(key): ") }
      .map { $0.dropFirst(key.count + 2).filter { $0 != "\"" } }
  }

  @Test("The changelog has a place for the next release")
  func changelog() throws {
    let lines = try #require(Checkout.read("CHANGELOG.md")).split(separator: "\n")
    #expect(lines.contains("## [Unreleased]"))
    let kinds: Set<Substring> = [
      "### Added", "### Changed", "### Deprecated", "### Removed", "### Fixed", "### Security",
    ]
    for heading in lines where heading.hasPrefix("### ") { #expect(kinds.contains(heading)) }
  }

  @Test("Every make target that a page names exists")
  func makeTargets() throws {
    guard let makefile = Checkout.read("Makefile") else { return }
    let lines = makefile.split(separator: "\n")
    for page in Checkout.files where page.path.hasSuffix(".md") {
      for target in Self.makeTargets(in: page.text) {
        #expect(lines.contains { $0.hasPrefix("\(target):") }, "\(page.path) names `make \(target)`")
      }
    }
  }

  /// The targets of every `make …` in backquotes.
  static func makeTargets(in text: String) -> [String] {
    text.split(separator: "`").filter { $0.hasPrefix("make ") && !$0.contains("\n") }
      .compactMap { $0.split(separator: " ").dropFirst().first { !$0.contains("=") }.map(String.init) }
  }

  @Test("Each example says what triggers it and what is seen")
  func examples() throws {
    let examples = Checkout.names(in: "manifests/examples")
    try #require(!examples.isEmpty)
    for example in examples {
      let page = Checkout.read("manifests/examples/\(example)/README.md") ?? ""
      #expect(page.contains("triggers it") && page.contains("is seen"), "manifests/examples/\(example)/README.md")
    }
  }

  @Test("Every file of the install is named in the Kustomization")
  func kustomization() throws {
    let list = try #require(Checkout.read("manifests/Kustomization"))
    for name in Checkout.names(in: "manifests") where name.hasSuffix(".yaml") { #expect(list.contains("- \(name)\n")) }
    for name in Checkout.names(in: "manifests/crds") { #expect(list.contains("- crds/\(name)\n")) }
  }

  @Test("Every link from a page to a file of the checkout leads somewhere")
  func links() {
    for page in Checkout.files where page.path.hasSuffix(".md") {
      let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
      for link in Self.localLinks(in: page.text) {
        let path = folder.isEmpty ? link : folder + "/" + link
        #expect(Checkout.exists(path), "\(page.path) links to \(link)")
      }
    }
  }

  /// The targets of Markdown links that are neither addresses nor anchors.
  static func localLinks(in text: String) -> [String] {
    text.split(separator: "](").dropFirst().compactMap { rest in
      let link = rest.prefix { $0 != ")" && $0 != "#" && $0 != " " && $0 != "\n" }
      return link.isEmpty || link.contains(":") || link.hasPrefix("<") ? nil : String(link)
    }
  }

  @Test("The helpers of these tests find what they look for")
  func helpers() {
    #expect(Self.localLinks(in: "[a](b/c.md#d) [e](https://f) [g](#h)") == ["b/c.md"])
    #expect(Self.makeTargets(in: "`make demo` and `make KUBECONFIG=a test`, `swift`") == ["demo", "test"])
    #expect(Self.value(of: "version", in: "name: a\nversion: \"1\"\n") == "1")
    #expect(Self.rules(in: "a\n- apiGroups: [b]\n# c\n  verbs: [d]\ne\n").count == 2)
  }
}
