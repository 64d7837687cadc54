import LocalCluster
import Testing

@Suite("manifests/ installs the operator", .installCluster, .serialized, .timeLimitOfQueue)
struct ManifestTests {
  static let files = [
    "00-namespace.yaml", "10-rbac.yaml", "20-user-roles.yaml", "30-deployment.yaml", "40-disruption-budget.yaml",
  ]

  @Test("An empty cluster takes all of it in the order of the file names")
  func applies() async throws {
    let cluster = try LocalCluster.ofSuite
    for file in Self.files {
      var text = Tool.text("manifests/\(file)")
      if cluster.capabilities.version < KubernetesVersion(major: 1, minor: 21) {
        text = text.split(separator: "policy/v1\n").joined(separator: "policy/v1beta1\n")
      }
      let answer = try await cluster.kubectl("apply", "--validate=strict", "-f", "-", input: text)
      #expect(answer.succeeded, "\(file): \(answer.error)")
    }
    let example = try await cluster.kubectl(
      "apply", "--validate=strict", "--dry-run=server", "-n", "default", "-f", "-",
      input: Tool.text("manifests/examples/smallest/policy.yaml").split(separator: ", namespace: shop").joined())
    #expect(example.succeeded, "\(example.error)")
  }

  @Test("The Kustomization holds the same documents")
  func kustomization() async throws {
    let built = try await LocalCluster.ofSuite.kubectl("kustomize", "\(Tool.checkout)/manifests")
    #expect(built.succeeded, "\(built.error)")
    let files = Self.files.map { Tool.text("manifests/\($0)") }
    let count = files.reduce(2) { $0 + $1.split(separator: "\n").count { $0.hasPrefix("kind: ") } }
    #expect(built.output.split(separator: "\n").count { $0.hasPrefix("kind: ") } == count)
  }

  static let account = "system:serviceaccount:rollback-operator-system:rollback-operator"

  @Test(
    "The operator may do what it does and no more",
    arguments: [
      ("list rollbackpolicies.rollback-operator.io -A", true),
      ("watch rollbackevents.rollback-operator.io -A", true),
      ("create rollbackevents.rollback-operator.io -n shop", true),
      ("patch rollbackevents.rollback-operator.io --subresource=status -n shop", true),
      ("update rollbackpolicies.rollback-operator.io --subresource=status -n shop", true),
      ("patch deployments.apps -n shop", true), ("patch replicasets.apps -n shop", true),
      ("watch pods -A", true), ("get secrets -n shop", true), ("get configmaps -n shop", true),
      ("create events -n shop", true), ("create leases.coordination.k8s.io -n rollback-operator-system", true),
      ("update leases.coordination.k8s.io/rollback-operator -n rollback-operator-system", true),
      ("update leases.coordination.k8s.io/other -n rollback-operator-system", false),
      ("create leases.coordination.k8s.io -n shop", false), ("list secrets -A", false), ("watch configmaps -A", false),
      ("delete rollbackevents.rollback-operator.io -n shop", false), ("delete pods -n shop", false),
      ("patch rollbackevents.rollback-operator.io -n shop", false),
      ("patch rollbackpolicies.rollback-operator.io -n shop", false),
      ("update deployments.apps -n shop", false), ("patch deployments.apps --subresource=scale -n shop", false),
      ("create deployments.apps -n shop", false), ("create pods --subresource=exec -n shop", false),
    ])
  func rights(question: String, isAllowed: Bool) async throws {
    let cluster = try LocalCluster.ofSuite
    let words = ["auth", "can-i"] + question.split(separator: " ").map(String.init) + ["--as", Self.account]
    let answer = try await Tool.run(
      cluster.binaries.path("kubectl"), ["--kubeconfig", cluster.kubeconfig, "--request-timeout=30s"] + words)
    #expect(answer.output.hasPrefix(isAllowed ? "yes" : "no"), "\(question): \(answer.output) \(answer.error)")
  }

  @Test("Whoever may edit a namespace may write policies and ask for a rollback, whoever may view it may look")
  func userRoles() async throws {
    let cluster = try LocalCluster.ofSuite
    let roles = try await cluster.kubectl(
      "apply", "-f", "-", input: Tool.text("manifests/20-user-roles.yaml"))
    #expect(roles.succeeded, "\(roles.error)")
    for role in ["edit", "view"] {
      let bound = try await cluster.kubectl(
        "create", "rolebinding", role, "-n", "default", "--clusterrole=\(role)", "--user=who-may-\(role)")
      #expect(bound.succeeded, "\(bound.error)")
    }
    // The controller that aggregates roles takes a moment.
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(30)
    var isAggregated = false
    while !isAggregated && clock.now < deadline {
      isAggregated = try await may("create rollbackevents", "who-may-edit")
      if !isAggregated { try await clock.sleep(for: .milliseconds(200)) }
    }
    for (question, user, expected) in Self.userRights {
      let answer = try await may(question, user)
      #expect(answer == expected, "\(question) by \(user)")
    }
  }

  static let userRights: [(String, String, Bool)] = [
    ("create rollbackevents", "who-may-edit", true), ("delete rollbackpolicies", "who-may-edit", true),
    ("watch rollbackevents", "who-may-view", true), ("patch rollbackevents", "who-may-edit", false),
    ("delete rollbackevents", "who-may-edit", false), ("create rollbackevents", "who-may-view", false),
  ]

  private func may(_ question: String, _ user: String) async throws -> Bool {
    let words = question.split(separator: " ").map(String.init)
    return try await LocalCluster.ofSuite.kubectl(
      "auth", "can-i", words[0], words[1], "-n", "default", "--as", user
    ).output.hasPrefix("yes")
  }
}
