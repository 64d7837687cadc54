public import KubernetesClient
import Synchronization

/// A real Kubernetes control plane on this machine, for tests and demos: etcd, kube-apiserver, kube-controller-manager
/// and, where the API server is too old for CEL rules, an apiextensions-apiserver behind it.
///
/// Everything listens on 127.0.0.1 on ports of its own; any number of clusters can run at once, without root. When this
/// process ends, however it ends, the kernel kills the servers; their folder is removed by ``stop()`` or by the next
/// start of a cluster. There are no nodes: ``NodeSimulator`` takes their place.
public final class LocalCluster: Sendable {
  /// The servers, from the lowest up. Each may be killed, suspended and started again.
  public let etcd: ManagedProcess
  public let apiServer: ManagedProcess
  public let controllerManager: ManagedProcess
  /// `nil` when the API server serves custom resources itself, and when there is no such binary.
  public let customResourceServer: ManagedProcess?

  /// What these binaries can do.
  public let capabilities: Capabilities
  /// Where kubectl and the servers' binaries are.
  public let binaries: KubernetesBinaries
  let directory: ClusterDirectory
  let ports: ClusterPorts
  let certificates: Mutex<ClusterCertificates>
  let kubeconfigs: KubeconfigSet
  private let connection: ClusterConnection
  let nodes = Mutex<RunningNodes?>(nil)
  let prometheus = Mutex<PrometheusServer?>(nil)
  let customResourceConnection: ClusterConnection

  private init(_ parts: ServerArguments, kubeconfigs: KubeconfigSet) throws(ClusterError) {
    binaries = parts.binaries
    directory = parts.directory
    ports = parts.ports
    certificates = Mutex(parts.certificates)
    self.kubeconfigs = kubeconfigs
    let hasServer = parts.binaries.usesCustomResourceServer
    capabilities = Capabilities(
      version: parts.binaries.version,
      validatesCustomResourcesWithCEL: hasServer || parts.binaries.version.servesCEL)
    let connection = try ClusterConnection(kubeconfig: kubeconfigs.internalAdmin)
    let customResources = hasServer ? try ClusterConnection(kubeconfig: kubeconfigs.customResources) : connection
    self.connection = connection
    customResourceConnection = customResources

    etcd = ManagedProcess(name: "etcd", arguments: parts.etcd, directory: directory) { [port = ports.etcd.port] in
      await LoopbackHTTP.send("GET", port: port, path: "/health") != nil
    }
    // Open watches keep an API server from ending for a minute.
    apiServer = ManagedProcess(
      name: "kube-apiserver", arguments: parts.apiServer, directory: directory, stopGrace: .seconds(2)
    ) { [port = ports.apiServer.port] in
      await connection.isServing("/readyz", port: port)
    }
    let needsToken = parts.binaries.version < KubernetesVersion(major: 1, minor: 24)
    controllerManager = ManagedProcess(
      name: "kube-controller-manager", arguments: parts.controllerManager, directory: directory
    ) {
      await connection.canMakePods(needsToken: needsToken)
    }
    customResourceServer =
      hasServer
      ? ManagedProcess(
        name: "apiextensions-apiserver", arguments: parts.customResourceServer, directory: directory,
        stopGrace: .seconds(2)
      ) { [port = ports.customResourceServer.port] in
        await customResources.isServing("/readyz", port: port)
      } : nil
  }

  /// A client for everything, a member of `system:masters`; it is closed by ``stop()``.
  public var client: KubernetesClient { connection.client }

  /// Starts a cluster and waits until its API server answers and its controllers work.
  ///
  /// - Throws: ``ClusterError``; nothing is left running then.
  public static func start(_ options: Options = Options()) async throws(ClusterError) -> LocalCluster {
    ClusterDirectory.sweep()
    let binaries: KubernetesBinaries
    if let chosen = options.binaries { binaries = chosen } else { binaries = try await KubernetesBinaries.locate() }
    var attempt = 1
    while true {
      do throws(ClusterError) {
        return try await startOnce(options, binaries: binaries)
      } catch {
        guard error.code == .portTaken, attempt < 4 else { throw error }
        attempt += 1
      }
    }
  }

  private static func startOnce(_ options: Options, binaries: KubernetesBinaries) async throws(ClusterError)
    -> LocalCluster
  {
    let directory = try ClusterDirectory(root: options.directory)
    let parts = ServerArguments(
      binaries: binaries, certificates: try ClusterCertificates(folder: directory.path("pki")), directory: directory,
      ports: try ClusterPorts(), options: options)
    try FileSystem.write(AuditPolicy.text, to: directory.path("audit-policy.yaml"))
    let kubeconfigs = KubeconfigSet(directory: directory, ports: parts.ports)
    try kubeconfigs.write(parts.certificates)
    let cluster = try LocalCluster(parts, kubeconfigs: kubeconfigs)
    do throws(ClusterError) {
      try await cluster.etcd.start()
      try await cluster.apiServer.start()
      try await cluster.startWhatNeedsTheAPIServer()
    } catch {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  private func startWhatNeedsTheAPIServer() async throws(ClusterError) {
    async let controllers: Void = controllerManager.start()
    do {
      try await customResourceServer?.start()
      try await controllers
    } catch let error as ClusterError {
      throw error
    } catch {
      throw ClusterError(.process, "\(error)")
    }
  }

  /// Stops all servers and removes the folder if it is a temporary one. May be called more than once.
  public func stop() async {
    await stopNodes()
    // Nothing is to be kept of a temporary cluster, so that nothing needs to be ended in order.
    let grace: Duration? = directory.isTemporary ? .zero : nil
    await stopPrometheus(grace: grace)
    await customResourceServer?.stop(grace: grace)
    await controllerManager.stop(grace: grace)
    await apiServer.stop(grace: grace)
    await etcd.stop(grace: grace)
    await connection.shutdown()
    if customResourceConnection !== connection { await customResourceConnection.shutdown() }
    directory.remove()
  }
}

extension LocalCluster {
  /// What to start.
  public struct Options: Sendable {
    /// The cluster's folder; `nil` for a temporary one that is removed at the end.
    public var directory: String?
    /// `nil`: those of ``KubernetesBinaries/locate(environment:)``.
    public var binaries: KubernetesBinaries?
    /// The time without a sign of life after which a node is NotReady. Longer than Kubernetes' 40 s, so that a test
    /// that stops the API server for a minute does not lose all nodes by it.
    public var nodeMonitorGracePeriod: Duration
    /// Further command line arguments.
    public var apiServerArguments: [String]
    public var controllerManagerArguments: [String]

    public init(
      directory: String? = nil, binaries: KubernetesBinaries? = nil, nodeMonitorGracePeriod: Duration = .seconds(120),
      apiServerArguments: [String] = [], controllerManagerArguments: [String] = []
    ) {
      self.directory = directory
      self.binaries = binaries
      self.nodeMonitorGracePeriod = nodeMonitorGracePeriod
      self.apiServerArguments = apiServerArguments
      self.controllerManagerArguments = controllerManagerArguments
    }
  }

  /// What a cluster can do, by its binaries.
  public struct Capabilities: Sendable {
    /// The API server's version.
    public var version: KubernetesVersion
    /// Whether CEL rules of custom resource definitions are served. Where not, CRDs with such rules are still accepted,
    /// but their rules are dropped.
    public var validatesCustomResourcesWithCEL: Bool
  }
}

extension KubernetesVersion {
  /// Whether an API server of this version evaluates CEL rules of custom resource definitions.
  var servesCEL: Bool { self >= KubernetesVersion(major: 1, minor: 25) }
}

extension KubernetesBinaries {
  var usesCustomResourceServer: Bool { !version.servesCEL && hasCustomResourceServer }
}
