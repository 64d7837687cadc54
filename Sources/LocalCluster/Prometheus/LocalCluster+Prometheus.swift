import FoundationEssentials
import Synchronization

extension LocalCluster {
  /// Starts a Prometheus that scrapes what the simulated nodes serve; the one that runs already is stopped first, and
  /// its data go. It is stopped by ``stop()`` at the latest.
  ///
  /// - Throws: ``ClusterError`` when there is no such program, or it does not accept its configuration; the end of its
  ///   log says why.
  public func startPrometheus(_ options: PrometheusOptions = PrometheusOptions()) async throws(ClusterError)
    -> PrometheusServer
  {
    await stopPrometheus()
    let folder = try options.binariesFolder(ProcessInfo.processInfo.environment)
    let data = directory.path("prometheus")
    FileSystem.remove(data)
    try FileSystem.makeFolder(data)
    let rulesPath = options.rules == nil ? nil : "\(data)/rules.yaml"
    if let rules = options.rules, let rulesPath { try FileSystem.write(rules, to: rulesPath) }
    try FileSystem.write(
      options.configuration(simulatorPort: ports.simulator.port, rulesPath: rulesPath), to: "\(data)/prometheus.yaml")
    let port = ports.prometheus.port
    let process = ManagedProcess(
      name: "prometheus",
      arguments: [
        "\(folder)/prometheus", "--config.file=\(data)/prometheus.yaml", "--storage.tsdb.path=\(data)/data",
        "--web.listen-address=127.0.0.1:\(port)", "--storage.tsdb.retention.time=6h",
      ] + options.arguments, directory: directory
    ) {
      LoopbackHTTP.isListening(port) ? await LoopbackHTTP.send("GET", port: port, path: "/-/ready") != nil : false
    }
    let server = PrometheusServer(process: process, port: port)
    prometheus.withLock { $0 = server }
    try await server.start()
    try FileSystem.write("\(server.address)\n", to: Self.prometheusAddressPath(in: directory.root))
    return server
  }

  static func prometheusAddressPath(in folder: String) -> String { "\(folder)/prometheus/address" }

  func stopPrometheus(grace: Duration? = nil) async {
    let server = prometheus.withLock { prometheus in
      defer { prometheus = nil }
      return prometheus
    }
    await server?.process.stop(grace: grace)
  }

  /// Where the simulated pods' metrics are: `/metrics`, and `/health/NAMESPACE/POD`. As an HTTP proxy it reaches pods
  /// by their addresses.
  public var simulatorAddress: String { "http://127.0.0.1:\(ports.simulator.port)" }
}

extension PrometheusOptions {
  func binariesFolder(_ environment: [String: String]) throws(ClusterError) -> String {
    let cache = BinaryCache(environment: environment)
    let chosen = folder ?? environment["PROMETHEUS_BIN"].flatMap { $0.isEmpty ? nil : $0 }
    guard let folder = chosen ?? cache.newest("prometheus") else {
      throw ClusterError(
        .binaries,
        "no Prometheus in \(cache.folder): `make binaries` gets it, or set PROMETHEUS_BIN to a folder with prometheus")
    }
    guard FileSystem.isExecutable("\(folder)/prometheus") else {
      throw ClusterError(.binaries, "\(folder) has no executable prometheus")
    }
    return folder
  }
}
