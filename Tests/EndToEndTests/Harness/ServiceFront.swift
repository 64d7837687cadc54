import KubernetesClient
import NIOCore
import Synchronization
import Testing

@testable import LocalCluster

/// Where the clients of a simulated workload find it: an address of this machine that is not loopback, which no policy
/// may reach, and behind it whichever pod is ready, as behind a Service.
///
/// Pods' addresses lead nowhere on this machine, and there is nobody who would serve cluster IPs. So the Service is a
/// headless one without a selector, and its endpoints are written by hand.
final class ServiceFront: Sendable {
  /// Of this machine.
  let address: String
  let port: Int
  private let respond: @Sendable (SimulatorRequest) -> SimulatorAnswer
  private let server: Mutex<SimulatorServer?>

  private init(
    address: String, server: SimulatorServer, respond: @escaping @Sendable (SimulatorRequest) -> SimulatorAnswer
  ) {
    self.address = address
    port = server.port
    self.respond = respond
    self.server = Mutex(server)
  }

  /// Opens a front for the pods of a Deployment for as long as `body` runs. Without an address to listen on the test is
  /// cancelled, visibly.
  static func open(
    _ scene: Scene, deployment: String = "web", _ body: (ServiceFront) async throws -> Void
  ) async throws {
    guard let address = try machineAddress() else {
      try Test.cancel("this machine has no IPv4 address but loopback")
    }
    let simulator = try #require(scene.world.cluster.nodes.withLock { $0?.simulator })
    let namespace = scene.namespace
    let respond: @Sendable (SimulatorRequest) -> SimulatorAnswer = { request in
      let pods = simulator.telemetry().filter {
        $0.pod.metadata.namespace == namespace && $0.workload == deployment && $0.moment.isReady
      }
      guard let pod = pods.randomElement() else { return SimulatorAnswer(status: 503, body: "") }
      return simulator.answerPlain(
        SimulatorRequest(method: request.method, target: "/health/\(namespace)/\(pod.pod.metadata.name)"))
    }
    let server = try await SimulatorServer.start(host: address, port: 0, respond: respond)
    let front = ServiceFront(address: address, server: server, respond: respond)
    do {
      try await body(front)
      await front.close()
    } catch {
      await front.close()
      throw error
    }
  }

  /// Refuses connections from now on.
  func close() async { await server.withLock { $0.take() }?.stop() }

  /// Takes connections again, at the same port.
  func reopen() async throws {
    let new = try await SimulatorServer.start(host: address, port: port, respond: respond)
    server.withLock { $0 = new }
  }

  /// Makes a Service whose one endpoint is the front.
  func makeService(_ name: String = "web", in scene: Scene) async throws {
    let labels: JSONValue = ["kubernetes.io/service-name": .string(name)]
    let groups = try await scene.world.kubectl("api-versions").split(separator: "\n")
    let version = groups.contains("discovery.k8s.io/v1") ? "v1" : "v1beta1"
    let documents: [JSONValue] = [
      [
        "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(name)],
        "spec": ["clusterIP": "None", "ports": [["name": "http", "port": 80]]],
      ],
      [
        "apiVersion": .string("discovery.k8s.io/\(version)"), "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": ["name": .string("\(name)-front"), "labels": labels],
        "endpoints": [["addresses": [.string(address)], "conditions": ["ready": true]]],
        "ports": [["name": "http", "port": JSONValue(port), "protocol": "TCP"]],
      ],
    ]
    for document in documents {
      _ = try await scene.world.kubectl(
        "create", "-n", scene.namespace, "-f", "-", input: String(decoding: document.serialized(), as: UTF8.self))
    }
  }

  /// An address of this machine that is not loopback.
  static func machineAddress() throws -> String? {
    try System.enumerateDevices().compactMap { device -> String? in
      guard case .v4? = device.address, let text = device.address?.ipAddress else { return nil }
      return text.hasPrefix("127.") || text.hasPrefix("169.254.") ? nil : text
    }.min()
  }
}

extension Scene {
  /// Starts an operator whose administrator lets policies reach these hosts.
  @discardableResult
  func startOperator(allowing hosts: [String]) async throws -> OperatorInstance {
    let file = "\(folder)/configuration.yaml"
    let list = hosts.map { "\"\($0)\"" }.joined(separator: ", ")
    try FileSystem.write("egress: {allow: [\(list)]}\n", to: file)
    return try await startOperator(arguments: ["--config", file])
  }
}

extension Release {
  /// A release whose health endpoint answers with this JSON.
  static func healthy(_ version: Int, _ json: String) -> Release {
    Release(version: version, annotations: ["simulator.rollback-operator.io/health": json])
  }
}
