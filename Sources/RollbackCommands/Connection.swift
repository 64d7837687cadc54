import KubernetesClient
import Logging

/// How to reach the API server, as the flags of every command say it.
package struct Connection: Sendable {
  package var kubeconfig: String?
  package var context: String?
  package var user: String?
  package var groups: [String]

  package init(kubeconfig: String?, context: String?, user: String?, groups: [String]) {
    self.kubeconfig = kubeconfig
    self.context = context
    self.user = user
    self.groups = groups
  }

  /// Connects as the user's kubeconfig says, runs `body`, and disconnects.
  ///
  /// - Parameters:
  ///   - namespace: the value of `-n`; `nil` for the namespace of the context.
  package func run(
    environment: [String: String], namespace: String?, isAllNamespaces: Bool, operatorNamespace: String,
    console: Console, format: OutputFormat, _ body: (Session) async throws -> CommandStatus
  ) async throws -> CommandStatus {
    guard user != nil || groups.isEmpty else {
      throw CommandFailure.error("--as-group was given without --as; name the user to act as, too.")
    }
    let configuration: ClusterConfiguration
    let credentials: Credentials
    let logger = Logger(label: "kubectl-rollback", factory: { _ in SwiftLogNoOpLogHandler() })
    do {
      configuration = try ClusterConfiguration.load(
        explicitPath: kubeconfig, context: context, environment: environment)
      credentials = Credentials(configuration: configuration, logger: logger)
      try await credentials.verify()
    } catch {
      throw CommandFailure.error("\(error)")
    }
    let transports = [HTTPTransport.Purpose.requests, .watches].map {
      HTTPTransport(configuration: configuration, credentials: credentials, purpose: $0, logger: logger)
    }
    let result: Result<CommandStatus, any Error>
    do {
      var client = KubernetesClient(
        transport: PurposeTransport(requests: transports[0], watches: transports[1]), logger: logger,
        userAgent: "kubectl-rollback", fieldManager: "kubectl-rollback")
      if let user { client = client.impersonating(user: user, groups: groups) }
      let session = Session(
        client: client, namespace: namespace ?? configuration.namespace, isAllNamespaces: isAllNamespaces,
        operatorNamespace: operatorNamespace, console: console, format: format,
        presumedUser: presumedUser(configuration, credentials))
      result = .success(try await body(session))
    } catch {
      result = .failure(error)
    }
    for transport in transports { await transport.shutdown() }
    return try result.get()
  }

  private func presumedUser(_ configuration: ClusterConfiguration, _ credentials: Credentials) -> String? {
    user ?? credentials.certificateExpiry.flatMap { Session.commonName(ofSubject: $0.subject) }
      ?? configuration.credentials.basic?.username ?? configuration.userName
  }
}

/// Requests and watches over connections of their own.
private struct PurposeTransport: Transport {
  var requests: HTTPTransport
  var watches: HTTPTransport

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    try await requests.send(request)
  }

  func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    try await watches.stream(request, idleTimeout: idleTimeout, onResponse: onResponse, onChunk: onChunk)
  }
}
