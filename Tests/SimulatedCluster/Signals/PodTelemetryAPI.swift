public import FoundationEssentials
public import KubernetesClient
import LocalCluster

/// What of the API server others answer: `metrics.k8s.io`, which metrics-server serves, and `pods/log`, which kubelets
/// serve.
public struct PodTelemetryAPI: Sendable {
  private static let usagePrefix = ["apis", "metrics.k8s.io", "v1beta1", "namespaces"]
  /// The most seconds of a log that are kept.
  private static let keptSeconds = 600.0

  let history: PodHistory
  let now: @Sendable () -> Date

  /// - Parameter now: wall time.
  public init(_ history: PodHistory, now: @escaping @Sendable () -> Date) {
    self.history = history
    self.now = now
  }

  /// - Returns: `nil` for a request that is not for these.
  public func respond(to request: TransportRequest) -> TransportResponse? {
    guard request.method == "GET", request.path.hasPrefix("/apis/metrics") || request.path.contains("/log?") else {
      return nil
    }
    let target = RequestTarget(path: request.path)
    let path = target.segments
    if path.count == 6, path.starts(with: Self.usagePrefix), path[5] == "pods" {
      return ClusterState.answer(200, usage(in: path[4], target).serialized())
    }
    if path.count == 7, path[0] == "api", path[4] == "pods", path[6] == "log" { return log(path[3], path[5], target) }
    return nil
  }

  private func usage(in namespace: String, _ target: RequestTarget) -> JSONValue {
    let now = now()
    let wanted = target.parameter("labelSelector").flatMap { SelectorText.labels($0) } ?? []
    let items = history.pods.filter { pod in
      pod.namespace == namespace && pod.isRunning(at: now)
        && wanted.allSatisfy { $0.matches(StringMap(pod.labels)) }
    }.map { pod -> JSONValue in
      // Behaviours and signals are of the first container.
      let signals = pod.signals(at: now)
      let usage: JSONValue = [
        "cpu": .string("\(Int64(signals.cpu * 1e9))n"), "memory": .string("\(signals.memory / 1_024)Ki"),
      ]
      return [
        "metadata": ["name": .string(pod.name), "namespace": .string(namespace)],
        "timestamp": .string(Timestamp.seconds(now)), "window": "15s",
        "containers": [["name": .string(pod.containers.first ?? ""), "usage": usage]],
      ]
    }
    return [
      "kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": [:], "items": .array(items),
    ]
  }

  private func log(_ namespace: String, _ name: String, _ target: RequestTarget) -> TransportResponse {
    let now = now()
    guard let pod = history.pods.last(where: { $0.namespace == namespace && $0.name == name && $0.end == nil }) else {
      return Refusal(404, "NotFound", "pods \"\(name)\" not found").response
    }
    guard pod.isRunning(at: now) else {
      return Refusal(400, "BadRequest", "container \"\(pod.containers.first ?? "")\" is waiting to start").response
    }
    var oldest = now - Self.keptSeconds
    if let seconds = target.parameter("sinceSeconds").flatMap(Double.init) { oldest = max(oldest, now - seconds) }
    if let time = target.parameter("sinceTime").flatMap(Timestamp.date) { oldest = max(oldest, time) }
    let text = pod.log(from: oldest, until: now)
      .map { "\(Timestamp.micros($0.at)) \($0.text)\n" }.joined()
    let limit = target.parameter("limitBytes").flatMap(Int.init) ?? .max
    return TransportResponse(
      status: 200, headers: [("Content-Type", "text/plain")], body: Array(text.utf8.prefix(max(0, limit))))
  }
}

extension MeasuredPod {
  /// The lines of its annotation, one after the other in every second.
  fileprivate func log(from oldest: Date, until now: Date) -> [(at: Date, text: String)] {
    var lines: [(at: Date, text: String)] = []
    for (index, phase) in phases.enumerated() {
      let end = min(now, index + 1 < phases.count ? phases[index + 1].since : .distantFuture)
      var second = max(0, oldest.timeIntervalSince(phase.since).rounded(.up))
      while phase.since + second < end {
        lines += phase.signals.logLines.map { (phase.since + second, $0) }
        second += 1
      }
    }
    return lines
  }
}
