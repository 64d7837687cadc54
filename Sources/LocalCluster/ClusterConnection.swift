import KubernetesClient
import Logging

/// A client of one server and what must be closed behind it.
final class ClusterConnection: Sendable {
  let client: KubernetesClient
  let transport: HTTPTransport

  init(kubeconfig: String, userAgent: String = "local-cluster") throws(ClusterError) {
    // What goes wrong is told by the errors that callers get.
    let logger = Logger(label: "local-cluster") { _ in SwiftLogNoOpLogHandler() }
    let configuration: ClusterConfiguration
    do {
      configuration = try ClusterConfiguration.load(explicitPath: kubeconfig, environment: [:])
    } catch {
      throw ClusterError(.files, "\(error)")
    }
    transport = HTTPTransport(
      configuration: configuration, credentials: Credentials(configuration: configuration, logger: logger),
      purpose: .watches, logger: logger)
    client = KubernetesClient(
      transport: transport, logger: logger, userAgent: userAgent, fieldManager: "local-cluster")
  }

  deinit {
    // The HTTP client ends the process when it is dropped open. An owner that was left by an error has not closed it.
    Task { [transport] in await transport.shutdown() }
  }

  func shutdown() async { await transport.shutdown() }

  /// Whether the server answers this path with status 200, asked once.
  func isServing(_ path: String, port: Int) async -> Bool {
    // A connection that is refused costs the HTTP client seconds, and this nothing.
    guard LoopbackHTTP.isListening(port) else { return false }
    let request = TransportRequest(method: "GET", path: path, timeout: .seconds(2))
    return (try? await transport.send(request).status) == 200
  }

  /// Whether pods can be made in the namespace `default`: its service account is there, with its token where pods need
  /// one.
  func canMakePods(needsToken: Bool) async -> Bool {
    let path = APIResource.serviceAccounts.path(namespace: "default", name: "default")
    let request = TransportRequest(method: "GET", path: path, timeout: .seconds(2))
    guard let answer = try? await transport.send(request), answer.status == 200,
      let account = try? JSONValue(parsing: answer.body)
    else { return false }
    return !needsToken || account["secrets"]?.array?.isEmpty == false
  }
}
