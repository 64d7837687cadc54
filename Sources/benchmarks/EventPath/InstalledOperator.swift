import FoundationEssentials
import Glibc
import KubernetesClient
import LocalCluster
import RollbackOperator

/// The operator as a process of its own, whose user has the rights of the manifests and no others.
struct InstalledOperator {
  private let child: ChildProcess
  private let log: String

  private static let user = "operator"
  private static let asides: Set = ["events", APIResource.rollbackPolicies.plural]
  private static let clusterRoleBindings = APIResource(
    group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings", kind: "ClusterRoleBinding",
    isNamespaced: false)

  /// Installs the roles of the manifests, gives them to the operator's user, and starts the operator.
  ///
  /// - Parameter configuration: the text of its configuration file.
  static func start(
    _ path: String, in cluster: LocalCluster, manifests: String, configuration: String = "{}"
  ) async throws -> InstalledOperator {
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw BenchmarkError(
        "there is no operator at \(path); build it with `swift build -c release`, or name --operator")
    }
    for file in ["00-namespace.yaml", "10-rbac.yaml"] {
      for object in try Manifest.objects(at: "\(manifests)/\(file)") { try await create(object, in: cluster) }
    }
    let binding: JSONValue = [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
      "metadata": ["name": "rollback-operator-benchmark"],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "rollback-operator"],
      "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": .string(user)]],
    ]
    try await cluster.client.create(clusterRoleBindings, binding)
    let log = "\(cluster.folder)/operator.log"
    let file = "\(cluster.folder)/operator.yaml"
    try Data(configuration.utf8).write(to: URL(filePath: file))
    let child = try await ChildProcess.start(
      arguments: [
        path, "run", "--kubeconfig", cluster.operatorKubeconfig, "--leader-election-enabled=false", "--http-address",
        "127.0.0.1:0", "--config", file,
      ], environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"], log: log)
    return InstalledOperator(child: child, log: log)
  }

  private static func create(_ object: JSONValue, in cluster: LocalCluster) async throws {
    let version = object["apiVersion"]?.string ?? ""
    let resource = try await cluster.client.discovery.resolve(
      group: version.contains("/") ? String(version.prefix { $0 != "/" }) : "", kind: object["kind"]?.string ?? "")
    try await cluster.client.create(resource, namespace: object["metadata"]?["namespace"]?.string, object)
  }

  /// Throws when the operator has ended, with what it said last.
  func check() throws {
    guard let exit = child.exit else { return }
    throw BenchmarkError("the operator \(exit):\n\(lastWords)")
  }

  /// The end of its log.
  var lastWords: String {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").suffix(20).joined(separator: "\n")
  }

  func stop() async {
    child.send(SIGTERM)
    _ = await child.waitForExit()
  }

  /// The requests that the operator made from a pod's bad status to the undo, one list for each undo.
  ///
  /// Left out is what no undo waits for: watches, Kubernetes Events and the status of policies.
  static func requestsPerUndo(in cluster: LocalCluster) throws -> [[String]] {
    var all: [[String]] = []
    var current: [String]?
    for event in try cluster.auditEvents() {
      if event.resource == "pods", event.subresource == "status", event.userAgent == "local-cluster" { current = [] }
      guard let requests = current, event.user == user, event.verb != "watch", !asides.contains(event.resource) else {
        continue
      }
      let subject = event.subresource.isEmpty ? event.resource : "\(event.resource)/\(event.subresource)"
      current = requests + ["\(event.verb) \(subject)"]
      if event.isTemplatePatch, let requests = current {
        all.append(requests)
        current = nil
      }
    }
    return all
  }
}
