import FoundationEssentials
import KubernetesClient

/// A node that exists as objects in the API server only.
struct SimulatedNode: Sendable {
  var name: String
  var address: String
  /// The most pods it takes.
  var podCapacity: Int
  /// Where the API server asks for logs.
  var kubeletPort = 10_250

  static let leaseNamespace = "kube-node-lease"
  static let leaseDuration = Duration.seconds(40)
  static let renewal = Duration.seconds(10)

  /// The Node object, as a kubelet registers it.
  func object(version: String, at now: Date) -> JSONValue {
    let time: JSONValue = .string(Timestamp.seconds(now))
    let resources: JSONValue = ["cpu": "64", "memory": "256Gi", "pods": .string(String(podCapacity))]
    func condition(_ type: String, _ status: JSONValue, _ reason: JSONValue) -> JSONValue {
      [
        "type": .string(type), "status": status, "reason": reason, "message": "simulated", "lastHeartbeatTime": time,
        "lastTransitionTime": time,
      ]
    }
    return [
      "apiVersion": "v1", "kind": "Node",
      "metadata": [
        "name": .string(name),
        "labels": [
          "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        ],
      ],
      "status": [
        "capacity": resources, "allocatable": resources,
        "addresses": [
          ["type": "InternalIP", "address": .string(address)], ["type": "Hostname", "address": .string(name)],
        ],
        "daemonEndpoints": ["kubeletEndpoint": ["Port": JSONValue(kubeletPort)]],
        "conditions": [
          condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
          condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
          condition("PIDPressure", "False", "KubeletHasSufficientPID"),
          condition("Ready", "True", "KubeletReady"),
        ],
        "nodeInfo": [
          "machineID": .string(name), "systemUUID": .string(name), "bootID": .string(name), "kernelVersion": "6.1.0",
          "osImage": "simulated", "containerRuntimeVersion": "simulated://1", "kubeletVersion": .string(version),
          "kubeProxyVersion": .string(version), "operatingSystem": "linux", "architecture": "amd64",
        ],
      ],
    ]
  }

  /// That the node is ready, for a patch that leaves since when.
  func readyCondition(at now: Date) -> JSONValue {
    [
      "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "simulated",
      "lastHeartbeatTime": .string(Timestamp.seconds(now)),
    ]
  }

  /// The node's sign of life.
  func lease(renewedAt now: Date) -> JSONValue {
    [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "metadata": ["name": .string(name), "namespace": .string(Self.leaseNamespace)],
      "spec": [
        "holderIdentity": .string(name), "leaseDurationSeconds": JSONValue(Self.leaseDuration.components.seconds),
        "renewTime": .string(Timestamp.micros(now)),
      ],
    ]
  }
}
