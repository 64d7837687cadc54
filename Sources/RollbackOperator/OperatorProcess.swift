import FoundationEssentials
import KubernetesClient
public import Logging
import ServiceLifecycle
import UnixSignals

/// One operator process: from its configuration to the end of its last service.
public enum OperatorProcess {
  /// How long what runs may go on after SIGTERM; a Pod's `terminationGracePeriodSeconds` is to be longer.
  public static let shutdownLimit = Duration.seconds(15)

  /// Runs until SIGTERM or SIGINT (returns; the lease is released and running steps are journalled), or until the lease
  /// is lost or a service fails.
  ///
  /// - Parameters:
  ///   - environment: the process's environment.
  ///   - metrics: what `/metrics` answers.
  /// - Throws: `ConfigurationError` or `CredentialError` when the API server or the credentials cannot be used as
  ///   configured, `LeadershipLost` when another process leads; any other error is a service's own.
  public static func run(
    _ configuration: OperatorConfiguration, environment: [String: String], metrics: PrometheusMetrics,
    logger: Logger
  ) async throws {
    let clock = SystemClock()
    let flags = configuration.cluster
    let cluster = try ClusterConfiguration.detect(
      kubeconfig: flags.kubeconfig, context: flags.context, clientCertificate: flags.clientCertificate,
      clientKey: flags.clientKey, environment: environment)
    let credentials = Credentials(configuration: cluster, clock: clock, logger: logger)
    try await credentials.verify()
    let transports = [HTTPTransport.Purpose.watches, .requests, .lease].map {
      HTTPTransport(configuration: cluster, credentials: credentials, purpose: $0, clock: clock, logger: logger)
    }
    let operatorMetrics = OperatorMetrics()
    let clients = transports.map {
      KubernetesClient(transport: MeteredTransport($0, metrics: operatorMetrics), clock: clock, logger: logger)
    }
    let services = ClusterServices(client: clients[1], clock: clock)
    let outbound = OutboundClient(
      allow: configuration.egress.allow,
      apiServer: APIServerNames(server: cluster.server, environment: environment), services: services, clock: clock)
    let identity = identity(environment, cluster: cluster)
    let parts = Operator(
      configuration: configuration,
      clients: Operator.Clients(watches: clients[0], requests: clients[1], lease: clients[2]), identity: identity,
      metrics: operatorMetrics, outbound: outbound, serviceDirectory: services,
      certificateExpiry: { credentials.certificateExpiry }, logger: logger)
    let endpoints = OperatorEndpoints(
      address: configuration.http.address, checks: parts.readinessChecks, metrics: metrics, logger: logger,
      onListening: { logger.notice("Listening", metadata: ["address": "\($0)"]) })
    logger.notice(
      "Starting",
      metadata: ["server": "\(cluster.server)", "origin": "\(cluster.origin)", "holder": "\(identity.holder)"])
    var group = ServiceGroupConfiguration(
      services: [endpoints, outbound] + parts.services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = shutdownLimit
    let outcome: Result<Void, any Error>
    do {
      try await ServiceGroup(configuration: group).run()
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    for transport in transports { await transport.shutdown() }
    try outcome.get()
  }

  private static func identity(_ environment: [String: String], cluster: ClusterConfiguration) -> Operator.Identity {
    let host = environment["POD_NAME"] ?? environment["HOSTNAME"] ?? "rollback-operator"
    return Operator.Identity(
      holder: "\(host)_\(String(UInt64.random(in: 0...UInt64.max), radix: 36))",
      namespace: environment["POD_NAMESPACE"] ?? cluster.namespace,
      pod: environment["POD_NAME"].map { ($0, environment["POD_UID"] ?? "") })
  }
}
