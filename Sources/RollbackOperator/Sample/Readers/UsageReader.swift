import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Asks `metrics.k8s.io` what the pods of a revision use.
struct UsageReader: Sendable {
  var client: KubernetesClient
  var clock: any RuntimeClock

  /// The most that a container of the revision's pods uses, at the time that the answer says.
  func read(_ usage: UsageMeasurement) async -> MeasurementResult {
    let now = clock.wallTime
    let namespace = usage.pods.workload.namespace
    let options = ListOptions(labelSelector: "pod-template-hash=\(usage.pods.hash)")
    do throws(KubernetesError) {
      let metrics = try await client.listValues(.podMetrics, namespace: namespace, options: options)
      let pods = usage.isShare ? try await client.listValues(.pods, namespace: namespace, options: options) : []
      let used = metrics.flatMap { Self.containers(of: $0, usage) }
      let newest = metrics.compactMap { $0["timestamp"]?.string.flatMap(Timestamp.date) }.max()
      let outcome = usage.isShare ? share(used, Self.limits(of: pods, usage), usage) : absolute(used, usage)
      return MeasurementResult(samples: [Sample(at: newest ?? now, outcome)])
    } catch {
      return .failed(Self.cause(error), at: now)
    }
  }

  private struct Container: Hashable {
    var pod: String
    var name: String
  }

  private func absolute(_ used: [(Container, Quantity)], _ usage: UsageMeasurement) -> Sample.Outcome {
    used.map(\.1).max().map { .value($0.value) } ?? .noData(nothing(usage))
  }

  private func share(
    _ used: [(Container, Quantity)], _ limits: [Container: Quantity], _ usage: UsageMeasurement
  ) -> Sample.Outcome {
    guard !used.isEmpty else { return .noData(nothing(usage)) }
    let shares = used.compactMap { container, used -> Double? in
      guard let limit = limits[container], limit.nanos > 0 else { return nil }
      return used.value / limit.value
    }
    if let most = shares.max() { return .value(most) }
    let who =
      usage.container.map { "container \($0) has no \(usage.resource.rawValue) limit" }
      ?? "no container has a \(usage.resource.rawValue) limit"
    return .noData(
      "\(who), so a share of it cannot be told; set resources.limits.\(usage.resource.rawValue), or write the "
        + "threshold in \(usage.resource == .memory ? "bytes" : "cores")")
  }

  private func nothing(_ usage: UsageMeasurement) -> String {
    let whose = usage.container.map { "container \($0) of the revision's pods" } ?? "the revision's pods"
    return "metrics.k8s.io has nothing of \(whose) yet; metrics-server takes a while for new pods"
  }

  private static func containers(of metrics: JSONValue, _ usage: UsageMeasurement) -> [(Container, Quantity)] {
    quantities(of: metrics, metrics["containers"]?.array ?? [], "/usage", usage)
  }

  private static func limits(of pods: [JSONValue], _ usage: UsageMeasurement) -> [Container: Quantity] {
    let all = pods.flatMap { pod -> [(Container, Quantity)] in
      // A sidecar may be an init container.
      let containers = ["/spec/containers", "/spec/initContainers"].flatMap { pod.at($0)?.array ?? [] }
      return quantities(of: pod, containers, "/resources/limits", usage)
    }
    return Dictionary(all.map { ($0.0, $0.1) }) { first, _ in first }
  }

  private static func quantities(
    of object: JSONValue, _ containers: [JSONValue], _ amounts: JSONPointer, _ usage: UsageMeasurement
  ) -> [(Container, Quantity)] {
    guard let pod = object.at("/metadata/name")?.string else { return [] }
    return containers.compactMap { container in
      guard let own = container["name"]?.string, usage.container == nil || usage.container == own,
        let quantity = container.at(amounts)?[usage.resource.rawValue]?.string.flatMap({ Quantity($0) })
      else { return nil }
      return (Container(pod: pod, name: own), quantity)
    }
  }

  private static func cause(_ error: KubernetesError) -> String {
    switch error.code {
    case .notServed, .notFound:
      "metrics.k8s.io is not served; install metrics-server, or ask for the usage with a query of Prometheus"
    case .unavailable:
      "metrics.k8s.io does not answer; see whether metrics-server runs (kubectl get apiservice v1beta1.metrics.k8s.io)"
    case .forbidden:
      "the operator may not read it; grant it get and list of pods in metrics.k8s.io and of pods"
    default: "\(error)"
    }
  }
}
