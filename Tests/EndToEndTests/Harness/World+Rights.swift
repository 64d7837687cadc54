import KubernetesClient
import RollbackOperator

@testable import LocalCluster

extension APIResource {
  static let roleBindings = APIResource(
    group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", kind: "RoleBinding")
  static let clusterRoles = APIResource(
    group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles", kind: "ClusterRole", isNamespaced: false)
}

extension World {
  /// The user of ``LocalCluster/operatorKubeconfig``.
  static let operatorUser = "operator"

  /// The roles as an administrator installs them, and two more for tests: all but the right to patch Deployments, and
  /// all but those to Secrets.
  func installRoles() async throws {
    for file in ["00-namespace.yaml", "10-rbac.yaml"] {
      for object in try Manifest.objects(at: "\(Tool.checkout)/manifests/\(file)") { try await create(object) }
    }
    var role = try await client.getValue(.clusterRoles, namespace: nil, name: "rollback-operator")
    let all = role["rules"]?.array ?? []
    role["metadata"] = ["name": "rollback-operator-without-secrets"]
    role["rules"] = .array(all.filter { $0["resources"]?.array?.contains("secrets") != true })
    try await create(role)
    role["metadata"] = ["name": "rollback-operator-without-undo"]
    let rules = all.map { rule -> JSONValue in
      guard rule["resources"]?.array?.contains("deployments") == true else { return rule }
      var rule = rule
      rule["verbs"] = ["get", "list", "watch"]
      return rule
    }
    role["rules"] = .array(
      rules + [
        [
          "apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["patch"],
        ]
      ])
    try await create(role)
  }

  private func create(_ object: JSONValue) async throws {
    let kind = object["kind"]?.string ?? ""
    let resource = try await client.discovery.resolve(
      group: object["apiVersion"]?.string.flatMap { $0.contains("/") ? String($0.prefix { $0 != "/" }) : "" } ?? "",
      kind: kind)
    try await client.create(resource, namespace: object.at("/metadata/namespace")?.string, object)
  }

  /// Gives the operator's user the rights of a ClusterRole in one namespace, in place of what it had there.
  ///
  /// - Parameter role: `rollback-operator`, the least rights as installed, or one of those that lack some of them.
  func grant(_ role: String = "rollback-operator", in namespace: String) async throws {
    let binding: JSONValue = [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
      "metadata": ["name": "operator", "namespace": .string(namespace)],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
      "subjects": [
        ["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": .string(Self.operatorUser)]
      ],
    ]
    // Which role a binding gives cannot be changed. The new one comes first, so that no right is ever missing.
    let name = "operator-\(role)"
    var named = binding
    named["metadata"]?["name"] = .string(name)
    if try await !client.exists(.roleBindings, namespace: namespace, name: name) {
      try await client.create(.roleBindings, namespace: namespace, named)
    }
    for other in try await client.listValues(.roleBindings, namespace: namespace) {
      guard let old = other.at("/metadata/name")?.string, old.hasPrefix("operator-"), old != name else { continue }
      try await client.delete(.roleBindings, namespace: namespace, name: old)
    }
  }

  /// A new namespace in which the operator may work.
  func namespace(_ prefix: String = "e2e") async throws -> String {
    let name = "\(prefix)-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    try await client.create(
      .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
    try await grant(in: name)
    return name
  }
}
