import FoundationEssentials
import KubernetesClient

/// The API `metrics.k8s.io/v1beta1` as metrics-server serves it: what pods and nodes use now.
struct UsageAPI {
  static let group = "metrics.k8s.io"
  static let version = "v1beta1"
  private static let groupVersion = "\(group)/\(version)"

  var pods: [PodTelemetry]
  var nodes: [String]
  var now: Date

  /// - Parameter path: begins with `apis`.
  func answer(_ path: [String], _ query: [String: String]) -> SimulatorAnswer {
    switch Array(path.dropFirst()) {
    case []: .json(["kind": "APIGroupList", "apiVersion": "v1", "groups": [Self.groupDocument]])
    case [Self.group]: .json(Self.groupDocument)
    case [Self.group, Self.version]: .json(Self.resourceList)
    case [Self.group, Self.version, "pods"]: podList(pods, query)
    case [Self.group, Self.version, "nodes"]: list("Node", nodes.map(usage(ofNode:)))
    case let rest where rest.starts(with: [Self.group, Self.version]): answerNamed(Array(rest.dropFirst(2)), query)
    default: .notFound
    }
  }

  private func answerNamed(_ path: [String], _ query: [String: String]) -> SimulatorAnswer {
    if path.count == 2, path[0] == "nodes", nodes.contains(path[1]) { return .json(usage(ofNode: path[1])) }
    guard path.count >= 3, path[0] == "namespaces", path[2] == "pods" else { return notFound(path) }
    let inNamespace = pods.filter { $0.pod.metadata.namespace == path[1] }
    if path.count == 3 { return podList(inNamespace, query) }
    guard path.count == 4, let pod = inNamespace.first(where: { $0.pod.metadata.name == path[3] && $0.isRunning })
    else { return notFound(path) }
    return .json(usage(of: pod))
  }

  private func podList(_ pods: [PodTelemetry], _ query: [String: String]) -> SimulatorAnswer {
    guard let selector = LabelSelector(queryText: query["labelSelector"] ?? "") else {
      return status(400, "BadRequest", "the label selector cannot be read")
    }
    return list("Pod", pods.filter { $0.isRunning && selector.matches($0.pod.metadata.labels) }.map(usage(of:)))
  }

  private func list(_ kind: String, _ items: [JSONValue]) -> SimulatorAnswer {
    .json([
      "kind": .string("\(kind)MetricsList"), "apiVersion": .string(Self.groupVersion), "metadata": [:],
      "items": .array(items),
    ])
  }

  private func usage(of pod: PodTelemetry) -> JSONValue {
    let metadata = pod.pod.metadata
    // Behaviours and signals are of the first container.
    let containers = pod.pod.spec.containers.enumerated().map { index, container -> JSONValue in
      let signals = index == 0 ? pod.signals : .good
      return ["name": .string(container.name), "usage": Self.usage(cpu: signals.cpu, memory: signals.memory)]
    }
    let labels = metadata.labels.map { ($0.key, $0.value) }
    return [
      "kind": "PodMetrics", "apiVersion": .string(Self.groupVersion),
      "metadata": [
        "name": .string(metadata.name), "namespace": .string(metadata.namespace ?? ""),
        "labels": JSONValue(Dictionary(labels) { $1 }), "creationTimestamp": .string(Timestamp.seconds(now)),
      ],
      "timestamp": .string(Timestamp.seconds(now)), "window": "15s", "containers": .array(containers),
    ]
  }

  private func usage(ofNode name: String) -> JSONValue {
    let running = pods.filter { $0.pod.spec.nodeName == name && $0.isRunning }
    return [
      "kind": "NodeMetrics", "apiVersion": .string(Self.groupVersion),
      "metadata": ["name": .string(name), "creationTimestamp": .string(Timestamp.seconds(now))],
      "timestamp": .string(Timestamp.seconds(now)), "window": "15s",
      "usage": Self.usage(
        cpu: running.reduce(0) { $0 + $1.signals.cpu }, memory: running.reduce(0) { $0 &+ $1.signals.memory }),
    ]
  }

  private static func usage(cpu: Double, memory: Int64) -> JSONValue {
    ["cpu": .string("\(Int64(cpu * 1e9))n"), "memory": .string("\(memory / 1_024)Ki")]
  }

  private func notFound(_ path: [String]) -> SimulatorAnswer {
    status(404, "NotFound", "\(path.joined(separator: "/")) not found")
  }

  private func status(_ code: Int, _ reason: String, _ message: String) -> SimulatorAnswer {
    .json(
      [
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
        "message": .string(message), "code": JSONValue(code),
      ], status: code)
  }

  private static let groupDocument: JSONValue = [
    "kind": "APIGroup", "apiVersion": "v1", "name": .string(group),
    "versions": [["groupVersion": .string(groupVersion), "version": .string(version)]],
    "preferredVersion": ["groupVersion": .string(groupVersion), "version": .string(version)],
  ]

  private static let resourceList: JSONValue = [
    "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(groupVersion),
    "resources": [
      ["name": "nodes", "singularName": "", "namespaced": false, "kind": "NodeMetrics", "verbs": ["get", "list"]],
      ["name": "pods", "singularName": "", "namespaced": true, "kind": "PodMetrics", "verbs": ["get", "list"]],
    ],
  ]
}

extension SimulatorAnswer {
  static func json(_ value: JSONValue, status: Int = 200) -> SimulatorAnswer {
    SimulatorAnswer(
      status: status, contentType: "application/json", body: String(decoding: value.serialized(), as: UTF8.self))
  }
}

extension LabelSelector {
  /// Reads what ``queryValue`` writes, and `!=`; `nil` for what is no selector.
  init?(queryText: String) {
    self.init()
    var rest = Substring(queryText)
    while !rest.isEmpty {
      // Commas between parentheses are part of one requirement.
      var depth = 0
      let end = rest.firstIndex { character in
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
        return character == "," && depth == 0
      }
      guard let requirement = Requirement(queryText: rest[..<(end ?? rest.endIndex)]) else { return nil }
      matchExpressions.append(requirement)
      rest = end.map { rest[rest.index(after: $0)...] } ?? ""
    }
  }
}

extension LabelSelector.Requirement {
  init?(queryText text: Substring) {
    let words = text.split { " (),".contains($0) }.map(String.init)
    if words.count >= 3, words[1] == "in" || words[1] == "notin", text.last == ")" {
      self.init(key: words[0], operator: words[1] == "in" ? "In" : "NotIn", values: Array(words[2...]))
      return
    }
    guard words.count == 1 else { return nil }
    let parts = words[0].split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 1 where words[0].hasPrefix("!"): self.init(key: String(words[0].dropFirst()), operator: "DoesNotExist")
    case 1: self.init(key: words[0], operator: "Exists")
    case 2 where parts[0].hasSuffix("!"):
      self.init(key: String(parts[0].dropLast()), operator: "NotIn", values: [parts[1]])
    case 2: self.init(key: parts[0], operator: "In", values: [parts[1]])
    case 3 where parts[1].isEmpty: self.init(key: parts[0], operator: "In", values: [parts[2]])
    default: return nil
    }
  }
}
