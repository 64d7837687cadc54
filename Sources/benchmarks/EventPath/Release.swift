import FoundationEssentials
import KubernetesClient
import LocalCluster

/// What is rolled out, and what the simulated nodes make of it.
enum Release: String {
  /// Runs and is ready.
  case good = "1"
  /// Runs and is not ready, so that the rollout stays incomplete until the benchmark reports the pod as crashing.
  case bad = "2"

  static let behaviour = PodBehaviour.prefix + "behaviour"

  private var behaviour: PodBehaviour.Kind { self == .good ? .ready : .unready }

  /// Whether a Deployment's template is that of this release.
  func isTemplate(of deployment: Deployment) -> Bool {
    deployment.spec.templateAnnotations[Self.behaviour] == behaviour.rawValue
  }

  func template(of name: String) -> JSONValue {
    [
      "metadata": [
        "labels": ["app": .string(name), "release": .string(rawValue)],
        "annotations": [Self.behaviour: .string(behaviour.rawValue)],
      ],
      "spec": [
        "terminationGracePeriodSeconds": 0,
        "containers": [["name": "main", "image": .string("shop:\(rawValue)"), "env": [["name": "A", "value": "b"]]]],
      ],
    ]
  }

  /// A Deployment of one replica that is replaced only when the new one is ready.
  func deployment(_ name: String) -> JSONValue {
    [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": ["name": .string(name), "labels": ["app": .string(name)]],
      "spec": [
        "replicas": 1, "selector": ["matchLabels": ["app": .string(name)]],
        "strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]],
        "template": template(of: name),
      ],
    ]
  }

  /// The smallest policy, and a trial that is over soon, so that what runs well is known to be good at once.
  static func policy(_ name: String) -> JSONValue {
    [
      "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackPolicy", "metadata": ["name": .string(name)],
      "spec": ["target": ["name": .string(name)], "trial": ["window": "1s"]],
    ]
  }

  /// What a kubelet reports of a pod whose container has ended for the second time.
  static func crashLooping(_ pod: Pod) -> JSONValue {
    let now = JSONValue.string(Date().formatted(Date.ISO8601FormatStyle()))
    let message = "back-off 10s restarting failed container=main pod=\(pod.metadata.name)"
    return [
      "metadata": ["uid": .string(pod.metadata.uid)],
      "status": [
        "containerStatuses": [
          [
            "name": "main", "image": "shop:2", "imageID": "shop:2", "containerID": "simulated://main", "ready": false,
            "started": false, "restartCount": 2,
            "state": ["waiting": ["reason": "CrashLoopBackOff", "message": .string(message)]],
            "lastState": [
              "terminated": ["reason": "Error", "exitCode": 1, "startedAt": now, "finishedAt": now]
            ],
          ]
        ]
      ],
    ]
  }
}
