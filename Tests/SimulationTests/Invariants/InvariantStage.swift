import FoundationEssentials
import KubernetesClient
import SimulatedCluster
import Synchronization
import Testing

@testable import Simulation

/// A Deployment on version 2, which is broken, with the ReplicaSets of versions 1 and 2 and an event that is running.
final class InvariantStage: Sendable {
  static let operatorUser = ClusterView.operatorPrefix + "test"

  let server: SimulatedAPIServer
  let metrics: MetricWorld
  let said = Mutex<[String]>([])

  /// - Parameter trigger: the one that the event is about, of a policy for the Deployment; `nil`: pods, of no policy.
  init(_ invariant: any Invariant, trigger: JSONValue? = nil) throws {
    let number = Atomic<UInt64>(0)
    let server = SimulatedAPIServer(
      now: { SimulatedClock.epoch }, number: { number.add(1, ordering: .relaxed).newValue })
    self.server = server
    let metrics = MetricWorld(server)
    self.metrics = metrics
    for definition in try World.definitions() { server.install(crd: definition) }
    let watcher = Mutex(invariant)
    server.observe { [weak self] change in
      let message = watcher.withLock { $0.see(change, in: ClusterView(server, metrics)) }
      if let message { self?.said.withLock { $0.append(message) } }
    }
    for name in ["shop", "other"] {
      try server.create(.namespaces, nil, ["metadata": ["name": .string(name)]], user: "alice")
    }
    try server.create(.deployments, "shop", SimulatedWorkload(version: 2).object, user: "alice")
    for version in [1, 2] {
      try server.create(.replicaSets, "shop", replicaSet(version), user: "system:deployment-controller")
    }
    try server.create(.pods, "shop", brokenPod, user: "kubelet")
    try setStatus(brokenPodStatus, .pods, "web-2-a")
    var event = event
    if let trigger {
      let policy = try server.create(World.policies, "shop", Self.policy(trigger), user: "alice")
      event["spec"]?["policy"] = ["name": "web", "uid": policy.at("/metadata/uid") ?? ""]
      event["spec"]?["trigger"]?["name"] = trigger["name"]
    }
    try server.create(Undo.events, "shop", event, user: Self.operatorUser)
    try journal("Running")
  }

  var messages: [String] { said.withLock { $0 } }

  private var deployment: JSONValue { server.object(.deployments, "shop", "web") ?? .null }

  private static func policy(_ trigger: JSONValue) -> JSONValue {
    [
      "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackPolicy",
      "metadata": ["name": "web", "namespace": "shop"],
      "spec": ["target": ["name": "web"], "triggers": [trigger]],
    ]
  }

  /// A source has told an operator the share of failed requests.
  func measure(_ share: Double, second: Double, process: String = "operator-0") {
    metrics.evidence.note(
      .init(process: process, at: SimulatedClock.epoch.addingTimeInterval(second), .values([share])),
      about: .init(signal: "workload:http_errors:ratio_rate1m", deployment: "web"))
  }

  /// An operator asks a source.
  func ask(_ question: String, second: Double, by asker: String) {
    metrics.questions.note(question, by: asker, at: SimulatedClock.epoch.addingTimeInterval(second))
  }

  private func replicaSet(_ version: Int) -> JSONValue {
    var template = SimulatedWorkload(version: version).object.at("/spec/template") ?? .null
    template["metadata"]?["labels"]?["pod-template-hash"] = .string("hash\(version)")
    return [
      "apiVersion": "apps/v1", "kind": "ReplicaSet",
      "metadata": [
        "name": .string("web-\(version)"), "namespace": "shop",
        "labels": ["app": "web", "pod-template-hash": .string("hash\(version)")],
        "ownerReferences": [
          [
            "apiVersion": "apps/v1", "kind": "Deployment", "name": "web",
            "uid": deployment.at("/metadata/uid") ?? "", "controller": true,
          ]
        ],
      ],
      "spec": [
        "replicas": 1,
        "selector": ["matchLabels": ["app": "web", "pod-template-hash": .string("hash\(version)")]],
        "template": template,
      ],
    ]
  }

  private var brokenPod: JSONValue {
    [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": "web-2-a", "namespace": "shop", "labels": ["app": "web", "pod-template-hash": "hash2"],
      ],
      "spec": ["containers": [["name": "web", "image": "web:2"]]],
    ]
  }

  private var brokenPodStatus: JSONValue {
    [
      "phase": "Running",
      "containerStatuses": [
        [
          "name": "web", "image": "web:2", "imageID": "", "ready": false, "restartCount": 3,
          "state": ["waiting": ["reason": "CrashLoopBackOff"]],
        ]
      ],
    ]
  }

  private var event: JSONValue {
    [
      "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackEvent",
      "metadata": ["name": "story", "namespace": "shop"],
      "spec": [
        "origin": "Trigger", "mode": "Auto", "policy": ["name": "web", "uid": "p"],
        "target": ["kind": "Deployment", "name": "web", "uid": deployment.at("/metadata/uid") ?? ""],
        "trigger": ["name": "pods", "severity": "High", "message": "it crash-loops"],
        "suspect": ["revision": 2, "hash": "hash2"], "reason": "pods",
      ],
    ]
  }

  /// Writes the journal, with one step in this state.
  func journal(_ state: String, outcome: String? = nil, message: String? = nil) throws {
    var step: JSONValue = ["rung": "undo", "step": "undoRollout", "object": "Deployment/web", "state": .string(state)]
    if let message { step["message"] = .string(message) }
    var status: JSONValue = ["to": ["revision": 1, "hash": "hash1"], "steps": [step]]
    if let outcome { status["outcome"] = .string(outcome) }
    try setStatus(status, Undo.events, "story", user: Self.operatorUser)
  }

  private func setStatus(
    _ status: JSONValue, _ resource: APIResource, _ name: String, user: String = "kubelet"
  ) throws {
    try server.patch(resource, "shop", name, .merge(["status": status]), subresource: "status", user: user)
  }

  /// Changes the Deployment as the operator.
  func write(_ change: (inout JSONValue) -> Void) throws {
    var object = deployment
    change(&object)
    try server.update(.deployments, "shop", object, user: Self.operatorUser)
  }

  /// The undo as the operator does it.
  func undo(to version: Int = 1, naming event: String = "story") throws {
    try write { object in
      object["spec"]?["template"] = SimulatedWorkload(version: version).object.at("/spec/template")
      var annotations = object.at("/metadata/annotations") ?? [:]
      annotations["kubernetes.io/change-cause"] = .string("rollback to revision 1 by RollbackEvent \(event)")
      object["metadata"]?["annotations"] = annotations
    }
  }

  func annotate(_ resource: APIResource, _ name: String, _ annotations: JSONValue, user: String = "alice") throws {
    try server.patch(
      resource, "shop", name, .merge(["metadata": ["annotations": annotations]]), user: user)
  }

  /// A person rolls a version out.
  func rollOut(_ version: Int) throws {
    var object = deployment
    object["spec"]?["template"] = SimulatedWorkload(version: version).object.at("/spec/template")
    try server.update(.deployments, "shop", object, user: "alice")
  }
}
