import ArgumentParser
import Glibc
import LocalCluster

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rolls out a bad release under a three-line policy, and shows how it is undone.",
    discussion: """
      Starts a control plane with simulated nodes, and leaves nothing running. With KUBECONFIG set it uses that cluster \
      instead, in a namespace of its own that is deleted afterwards.
      """)

  @Option(help: "The folder with crds/ and the operator's role.")
  var manifests = "manifests"

  func run() async throws {
    let environment = Environment.current
    if let kubeconfig = environment["KUBECONFIG"], !kubeconfig.isEmpty {
      Console.say("Using the cluster of KUBECONFIG=\(kubeconfig).")
      let kubectl = Kubectl(path: environment["KUBECTL"] ?? "kubectl", kubeconfig: kubeconfig)
      let isNew = try await installDefinitions(kubectl)
      try await play(kubectl, operatorKubeconfig: kubeconfig, leavesCluster: true)
      if isNew { try await kubectl.quiet("delete", "--filename", "\(manifests)/crds", "--wait=false") }
      return
    }
    Console.say(
      "Starting a Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager, 3 simulated nodes …")
    try await withLocalCluster(crds: ["\(manifests)/crds"]) { cluster in
      Console.say("Kubernetes \(cluster.capabilities.version) serves at \(cluster.address).")
      let kubectl = Kubectl(path: cluster.binaries.path("kubectl"), kubeconfig: cluster.kubeconfig)
      try await kubectl.quiet("apply", "--filename", "\(manifests)/00-namespace.yaml")
      try await kubectl.quiet("apply", "--filename", "\(manifests)/10-rbac.yaml")
      try await kubectl.quiet(
        "create", "clusterrolebinding", "demo-operator", "--clusterrole=rollback-operator", "--user=operator")
      try await play(
        kubectl, operatorKubeconfig: cluster.operatorKubeconfig, metrics: await metrics(cluster), leavesCluster: false)
    }
    Console.say("The control plane is stopped; nothing is left running.")
  }

  /// Installs the operator's kinds where they are not served yet; those that are there stay as they are.
  ///
  /// - Returns: whether they were installed.
  private func installDefinitions(_ kubectl: Kubectl) async throws -> Bool {
    let served = try await kubectl.output("api-resources", "--api-group=rollback-operator.io", "--output=name")
    guard served.isEmpty else { return false }
    try await kubectl.quiet("apply", "--filename", "\(manifests)/crds")
    try await kubectl.quiet(
      "wait", "--for=condition=Established", "--timeout=60s", "--filename", "\(manifests)/crds")
    return true
  }

  /// Starts a Prometheus that scrapes the simulated pods; the demo goes without it where there is none.
  private func metrics(_ cluster: LocalCluster) async -> DemoStory.Metrics? {
    do {
      let server = try await cluster.startPrometheus()
      Console.say("A Prometheus scrapes the simulated pods, at \(server.address).")
      return DemoStory.Metrics(address: server.address, configuration: "\(cluster.folder)/operator.yaml")
    } catch {
      Console.say("There is no Prometheus, so the second act is left out: \(error)")
      return nil
    }
  }

  /// - Parameter leavesCluster: whether the cluster lives on, so that what the demo made must be gone at the end.
  private func play(
    _ kubectl: Kubectl, operatorKubeconfig: String, metrics: DemoStory.Metrics? = nil, leavesCluster: Bool
  ) async throws {
    let story = DemoStory(kubectl: kubectl, operatorKubeconfig: operatorKubeconfig, metrics: metrics)
    let outcome: Result<Void, any Error>
    do {
      try await story.tell()
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    if leavesCluster { Console.say("\nRemoving the demo's namespace …") }
    await story.cleanUp(waits: leavesCluster)
    try outcome.get()
  }
}

/// The environment of this process.
enum Environment {
  static var current: [String: String] {
    var all: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { all[String(pair[0])] = String(pair[1]) }
      entry += 1
    }
    return all
  }
}

enum FileSystemCheck {
  static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }
}
