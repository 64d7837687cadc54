import KubernetesClient

/// The metrics of all simulated pods in Prometheus' text format, version 0.0.4.
///
/// Both codes are always there, so that a share of errors is 0 and not absent while there are none. A pod whose
/// container does not run has no metrics, as nobody would answer.
struct Exposition {
  private(set) var text = ""

  /// The simulator's own metrics, which no application may have.
  static let families = [
    "simulator_build_info", "http_requests_total", "http_request_duration_seconds", "process_resident_memory_bytes",
  ]

  init(_ pods: [PodTelemetry], version: String) {
    let running = pods.filter(\.isRunning).map { ($0, Self.labels($0)) }
    family("simulator_build_info", "gauge", "The kubelet version that the simulated nodes claim.")
    sample("simulator_build_info", "version=\"\(Self.escaped(version))\"", 1)
    family("http_requests_total", "counter", "Requests that the pod has answered.")
    for (pod, labels) in running {
      sample("http_requests_total", labels + ",code=\"200\"", pod.traffic.succeeded)
      sample("http_requests_total", labels + ",code=\"500\"", pod.traffic.failed)
    }
    family("http_request_duration_seconds", "histogram", "How long the pod took to answer.")
    for (pod, labels) in running {
      var count = 0.0
      for (bound, requests) in zip(PodTraffic.bounds.map { "\($0)" } + ["+Inf"], pod.traffic.buckets) {
        count += requests
        sample("http_request_duration_seconds_bucket", labels + ",le=\"\(bound)\"", count)
      }
      sample("http_request_duration_seconds_sum", labels, pod.traffic.seconds)
      sample("http_request_duration_seconds_count", labels, count)
    }
    family("process_resident_memory_bytes", "gauge", "Memory that the pod uses.")
    for (pod, labels) in running {
      sample("process_resident_memory_bytes", labels, Double(pod.signals.memory))
    }
    applications(running)
  }

  /// The metrics that pods have by their annotation, each family once whoever has it.
  private mutating func applications(_ running: [(PodTelemetry, String)]) {
    let all = running.flatMap { pod, labels in pod.signals.metrics.map { (metric: $0, pod: pod, labels: labels) } }
    for (name, own) in Dictionary(grouping: all, by: \.metric.name).sorted(by: { $0.key < $1.key }) {
      family(name, own[0].metric.isCounter ? "counter" : "gauge", "A metric of the application itself.")
      for one in own { sample(name, one.labels, one.metric.amount(after: one.pod.signalsFor)) }
    }
  }

  private mutating func family(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private mutating func sample(_ name: String, _ labels: String, _ value: Double) {
    text += "\(name){\(labels)} \(value)\n"
  }

  private static func labels(_ pod: PodTelemetry) -> String {
    let metadata = pod.pod.metadata
    return [
      ("namespace", metadata.namespace ?? ""), ("deployment", pod.workload), ("pod", metadata.name),
      ("pod_template_hash", pod.templateHash),
    ].map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
  }

  private static func escaped(_ value: String) -> String {
    var result = ""
    for character in value {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }
}
