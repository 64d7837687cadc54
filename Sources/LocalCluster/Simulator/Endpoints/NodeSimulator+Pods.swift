import FoundationEssentials
import KubernetesClient

extension NodeSimulator {
  /// What is served without encryption: the metrics of all pods, and the pods themselves.
  ///
  /// A pod is found by the path `/health/NAMESPACE/POD`, or by its address as the host: a client that resolves a
  /// Service to the pods' addresses reaches them by taking this server for its HTTP proxy, or by connecting to it
  /// instead.
  func answerPlain(_ request: SimulatorRequest) -> SimulatorAnswer {
    let pods = telemetry()
    if let pod = pods.first(where: { $0.address == request.host }) { return Self.health(of: pod) }
    let parts = request.path.split(separator: "/").map(String.init)
    switch parts.first {
    case "metrics" where parts.count == 1:
      return SimulatorAnswer(
        contentType: "text/plain; version=0.0.4; charset=utf-8", body: Exposition(pods, version: version).text)
    case "health" where parts.count == 3:
      let pod = pods.first { $0.pod.metadata.namespace == parts[1] && $0.pod.metadata.name == parts[2] }
      return pod.map(Self.health) ?? .notFound
    default: return .notFound
    }
  }

  /// A container that does not run refuses connections, which only a proxy before it can tell.
  private static func health(of pod: PodTelemetry) -> SimulatorAnswer {
    guard pod.isRunning else { return SimulatorAnswer(status: 502, body: "the container does not run\n") }
    return SimulatorAnswer(
      status: pod.signals.healthStatus, contentType: "application/json", body: pod.signals.health + "\n",
      delay: pod.signals.latency)
  }
}

extension SimulatorAnswer {
  static let notFound = SimulatorAnswer(status: 404, body: "not found\n")
}
