import KubernetesClient
import Synchronization

/// The simulated nodes of one cluster while they run.
struct RunningNodes {
  var simulator: NodeSimulator
  var task: Task<Void, Never>
  var connection: ClusterConnection
  var servers: [SimulatorServer]
}

extension LocalCluster {
  /// Starts simulated nodes, which run until ``stopNodes()`` or ``stop()``; see ``NodeSimulator``.
  ///
  /// They serve what is measured of their pods: metrics at ``simulatorAddress``, logs through the API server, and usage
  /// as its API `metrics.k8s.io`, which is there some moments later.
  public func startNodes(count: Int = 3, podCapacity: Int = 500) async throws(ClusterError) {
    await stopNodes()
    let connection = try ClusterConnection(kubeconfig: kubeconfigs.simulator, userAgent: "node-simulator")
    let simulator = NodeSimulator(
      client: connection.client, nodeCount: count, podCapacity: podCapacity, version: binaries.version,
      kubeletPort: ports.kubelet.port)
    var servers: [SimulatorServer] = []
    do throws(ClusterError) {
      let identity = try certificates.withLock { $0.authority }.issueServer(
        commonName: "node-simulator", names: ["localhost"], addresses: [[127, 0, 0, 1]],
        validFor: ClusterCertificates.validity)
      servers.append(
        try await SimulatorServer.start(port: ports.simulator.port) { simulator.answerPlain($0) })
      servers.append(
        try await SimulatorServer.start(port: ports.kubelet.port, identity: identity) { simulator.answerEncrypted($0) })
      try await register(simulator, client: connection.client)
    } catch {
      for server in servers { await server.stop() }
      await connection.shutdown()
      throw error
    }
    let task = Task { await simulator.run() }
    nodes.withLock { $0 = RunningNodes(simulator: simulator, task: task, connection: connection, servers: servers) }
  }

  private func register(_ simulator: NodeSimulator, client: KubernetesClient) async throws(ClusterError) {
    do {
      try await simulator.register()
      // Its certificate is not of the authority that there is after a rotation.
      let usage = AggregatedServer(service: "node-simulator", port: ports.kubelet.port)
      try await usage.register([.init(group: UsageAPI.group, version: UsageAPI.version)], client: client)
    } catch {
      throw ClusterError(.server, "the simulated nodes could not be registered: \(error)")
    }
  }

  /// Stops the simulated nodes; their objects stay, and become NotReady in time.
  public func stopNodes() async {
    let running = nodes.withLock { nodes in
      let running = nodes
      nodes = nil
      return running
    }
    guard let running else { return }
    running.task.cancel()
    await running.task.value
    for server in running.servers { await server.stop() }
    await running.connection.shutdown()
  }
}
