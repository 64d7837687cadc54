import KubernetesClient
import LocalCluster

/// What is rolled out to be found by its metrics.
enum MeasuredRelease: String {
  /// Uses as much memory as it may.
  case good = "1"
  /// Begins as the good one, and then uses more.
  case bad = "2"

  /// The name of the only trigger.
  static let trigger = "memory"
  /// Time between two samples.
  static let interval = Duration.seconds(1)
  /// More than a good pod uses, and less than a bad one, in bytes.
  private static let limit = 200_000_000

  /// The trigger's query of a Deployment, with a selector of its pods.
  static func promql(namespace: String, name: String, hash: String) -> String {
    "max(process_resident_memory_bytes{namespace=\"\(namespace)\",deployment=\"\(name)\",pod_template_hash=\"\(hash)\"})"
  }

  /// Whether a value of the query is a breach.
  static func isBreach(_ value: Double) -> Bool { value > Double(limit) }

  func template(of name: String) -> JSONValue {
    // It begins well, so that the operator samples it already when it turns bad.
    let signals: JSONValue =
      self == .good
      ? [:]
      : [PodBehaviour.prefix + "memory": "480Mi", PodBehaviour.prefix + "fail-after": "3s"]
    return [
      "metadata": [
        "labels": ["app": .string(name), "release": .string(rawValue)], "annotations": signals,
      ],
      "spec": [
        "terminationGracePeriodSeconds": 0, "containers": [["name": "main", "image": .string("shop:\(rawValue)")]],
      ],
    ]
  }

  func deployment(_ name: String) -> JSONValue {
    [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": ["name": .string(name), "labels": ["app": .string(name)]],
      "spec": [
        "replicas": 1, "selector": ["matchLabels": ["app": .string(name)]], "template": template(of: name),
      ],
    ]
  }

  /// A policy with the one trigger, which needs no second sample.
  static func policy(_ name: String) -> JSONValue {
    [
      "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackPolicy", "metadata": ["name": .string(name)],
      "spec": [
        "target": ["name": .string(name)], "trial": ["window": "20s"],
        "triggers": [
          [
            "name": .string(trigger), "severity": "Critical", "interval": "1s",
            "query": [
              "promql": .string(promql(namespace: "{{namespace}}", name: "{{target}}", hash: "{{hash}}")),
              "above": .string("\(limit)"),
            ],
          ]
        ],
      ],
    ]
  }
}
