import KubernetesClient

/// A release of a Deployment for the simulated nodes: what its pods do is said by annotations of the template.
struct Release: Sendable {
  /// Makes the template one of its own.
  var version: Int
  var behaviour = "Ready"
  var readyAfter: String?
  var failAfter: String?
  /// A ConfigMap that the pods cannot start without.
  var configMap: String?
  /// Further annotations of the template.
  var annotations: [String: String] = [:]

  static func good(_ version: Int) -> Release { Release(version: version) }
  static func bad(_ version: Int, _ behaviour: String = "CrashLoop") -> Release {
    Release(version: version, behaviour: behaviour)
  }

  var image: String { "web:\(version)" }

  var templateAnnotations: JSONValue {
    var all = annotations
    all["simulator.rollback-operator.io/behaviour"] = behaviour
    all["simulator.rollback-operator.io/ready-after"] = readyAfter
    all["simulator.rollback-operator.io/fail-after"] = failAfter
    return JSONValue(all)
  }

  /// The pod template; with members of many kinds, so that an undo that loses or reorders one is seen.
  func template(labels: [String: String]) -> JSONValue {
    var template = fixedTemplate(labels: labels)
    if let configMap {
      template["spec"]?["containers"]?[0]?["envFrom"] = [["configMapRef": ["name": .string(configMap)]]]
    }
    return template
  }

  private func fixedTemplate(labels: [String: String]) -> JSONValue {
    [
      "metadata": ["labels": JSONValue(labels), "annotations": templateAnnotations],
      "spec": [
        "terminationGracePeriodSeconds": 0,
        "containers": [
          [
            "name": "web", "image": .string(image),
            "env": [
              ["name": "VERSION", "value": .string("\(version)")], ["name": "EMPTY"],
              ["name": "ZONE", "value": "b"],
              ["name": "NODE", "valueFrom": ["fieldRef": ["fieldPath": "spec.nodeName"]]],
            ],
            "ports": [["name": "http", "containerPort": 8080], ["name": "metrics", "containerPort": 9090]],
            "resources": ["limits": ["cpu": "1500m", "memory": "1Gi"], "requests": ["cpu": "10m", "memory": "16Mi"]],
          ],
          ["name": "sidecar", "image": "sidecar:1", "args": ["--quiet", "--level=3"]],
        ],
      ],
    ]
  }
}

/// A Deployment as a test makes it.
struct Workload: Sendable {
  var name = "web"
  var replicas = 2
  var labels: [String: String] = [:]
  var release = Release.good(1)
  var progressDeadlineSeconds = 600
  var revisionHistoryLimit = 10
  var strategy: JSONValue = ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": "25%"]]

  var podLabels: [String: String] { ["app": name] }

  func object(namespace: String) -> JSONValue {
    var labels = labels
    labels["app"] = name
    return [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "labels": JSONValue(labels),
        "annotations": ["example.com/owner": "team-a", "example.com/note": "a \"quoted\" ünïcode note"],
      ],
      "spec": [
        "replicas": JSONValue(replicas), "selector": ["matchLabels": JSONValue(podLabels)],
        "progressDeadlineSeconds": JSONValue(progressDeadlineSeconds),
        "revisionHistoryLimit": JSONValue(revisionHistoryLimit), "minReadySeconds": 0,
        "strategy": strategy,
        "template": release.template(labels: podLabels),
      ],
    ]
  }
}
