import FoundationEssentials
import KubernetesClient

extension NodeSimulator {
  /// What is served over TLS: what the API server asks a kubelet for, and the API `metrics.k8s.io` behind it.
  ///
  /// Nobody is asked who they are: it is all made up, and the API server has asked already.
  func answerEncrypted(_ request: SimulatorRequest) -> SimulatorAnswer {
    let parts = request.path.split(separator: "/").map(String.init)
    switch parts.first {
    case "containerLogs" where parts.count == 4:
      return log(namespace: parts[1], pod: parts[2], container: parts[3], query: request.query)
    case "apis": return UsageAPI(pods: telemetry(), nodes: nodes.map(\.name), now: Date()).answer(parts, request.query)
    default: return .notFound
    }
  }

  /// The log so far; it is not followed.
  private func log(namespace: String, pod name: String, container: String, query: [String: String]) -> SimulatorAnswer {
    let now = Date()
    let isMeant = { (pod: PodTelemetry) in
      pod.pod.metadata.namespace == namespace && pod.pod.metadata.name == name
        && pod.pod.spec.containers.contains { $0.name == container }
    }
    guard let pod = telemetry().first(where: isMeant) else { return .notFound }
    let previous = query["previous"] == "true"
    guard let log = PodLog(of: pod, container: container, previous: previous, at: now) else {
      let what = previous ? "previous terminated container" : "container"
      return SimulatorAnswer(status: 400, body: "\(what) \"\(container)\" in pod \"\(name)\" is not there")
    }
    return SimulatorAnswer(body: log.text(query, at: now))
  }
}
