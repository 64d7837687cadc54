import FoundationEssentials
import KubernetesClient
import SimulatedCluster
import Synchronization
import Testing

@testable import Simulation

/// A rule that cannot be broken proves nothing: each is broken here by the least that breaks it.
@Suite("Each invariant can fail")
struct InvariantTests {
  static let operatorUser = ClusterView.operatorPrefix + "test"

  /// A Deployment on version 2, which is broken, with the ReplicaSets of versions 1 and 2 and an event that is running.
  final class Stage: Sendable {
    let server: SimulatedAPIServer
    let said = Mutex<[String]>([])

    init(_ invariant: any Invariant) throws {
      let number = Atomic<UInt64>(0)
      let server = SimulatedAPIServer(
        now: { SimulatedClock.epoch }, number: { number.add(1, ordering: .relaxed).newValue })
      self.server = server
      for definition in try World.definitions() { server.install(crd: definition) }
      let watcher = Mutex(invariant)
      server.observe { [weak self] change in
        let message = watcher.withLock { $0.see(change, in: ClusterView(server)) }
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
      try server.create(Undo.events, "shop", event, user: InvariantTests.operatorUser)
      try journal("Running")
    }

    var messages: [String] { said.withLock { $0 } }

    private var deployment: JSONValue { server.object(.deployments, "shop", "web") ?? .null }

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
    func journal(_ state: String, outcome: String? = nil) throws {
      var status: JSONValue = [
        "to": ["revision": 1, "hash": "hash1"],
        "steps": [
          ["rung": "undo", "step": "undoRollout", "object": "Deployment/web", "state": .string(state)]
        ],
      ]
      if let outcome { status["outcome"] = .string(outcome) }
      try setStatus(status, Undo.events, "story", user: InvariantTests.operatorUser)
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
      try server.update(.deployments, "shop", object, user: InvariantTests.operatorUser)
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

  @Test("An undo as it should be breaks none", arguments: [any Invariant].all.map(\.name))
  func right(name: String) throws {
    let stage = try Stage(try #require([any Invariant].all.first { $0.name == name }))
    try stage.undo()
    try stage.journal("Done", outcome: "Recovered")
    #expect(stage.messages == [])
  }

  @Test("R1: the same template undone twice")
  func twice() throws {
    let stage = try Stage(AtMostOnce())
    try stage.undo()
    #expect(stage.messages == [])
    try stage.rollOut(2)
    try stage.undo()
    #expect(stage.messages == ["the same template of web was undone a second time"])
  }

  @Test("R2: no event, an event that had ended, a step that is not running")
  func withoutIntent() throws {
    let stage = try Stage(IntentBeforeAct())
    try stage.undo(naming: "nothing")
    try stage.rollOut(2)
    try stage.journal("Pending")
    try stage.undo()
    try stage.rollOut(2)
    try stage.journal("Running", outcome: "Superseded")
    try stage.undo()
    #expect(
      stage.messages == [
        "web was changed without a RollbackEvent (nothing)",
        "web was changed before the step was journalled as running",
        "web was changed by an event that had ended as Superseded",
      ])
  }

  @Test("R3: a template of nobody, a bad one, another than the journal says")
  func wrongTarget() throws {
    let stage = try Stage(TargetIsOwnAndNotBad())
    try stage.undo(to: 7)
    try stage.rollOut(2)
    try stage.annotate(
      .replicaSets, "web-1",
      ["rollback-operator.io/verdict": "Bad", "rollback-operator.io/verdict-hash": "hash1"])
    try stage.undo()
    try stage.undo(to: 2)
    #expect(
      stage.messages == [
        "web was returned to a template that no ReplicaSet of its own has",
        "web was returned to hash1, which is Bad", "web was returned to hash2, the journal says hash1",
      ])
  }

  @Test("R4: replicas changed together with the template")
  func replicas() throws {
    let stage = try Stage(OnlyTheTemplate())
    try stage.write { $0["spec"]?["replicas"] = 0 }
    #expect(stage.messages == ["more than the template of web was changed"])
  }

  @Test("R5: a revision undone that was never broken")
  func healthy() throws {
    let stage = try Stage(OnlyWhatIsBroken())
    try stage.rollOut(1)
    try stage.undo(to: 2)
    #expect(stage.messages == ["web hash1 was undone and is not broken"])
  }

  @Test("R6: a paused Deployment, and a revision that nobody judged")
  func person() throws {
    let stage = try Stage(PersonWins())
    try stage.rollOut(1)
    try stage.undo(to: 2)
    try stage.write { $0["spec"]?["paused"] = true }
    try stage.undo(to: 1)
    #expect(
      stage.messages == ["web ran hash1, the judged revision was hash2", "web was undone although it is paused"])
  }

  @Test("R7: a ConfigMap, and more of a ReplicaSet than its verdict")
  func outside() throws {
    let stage = try Stage(NothingOutside())
    try stage.server.create(
      .configMaps, "other", ["metadata": ["name": "a", "namespace": "other"]], user: Self.operatorUser)
    try stage.annotate(.replicaSets, "web-1", ["a": "b"], user: Self.operatorUser)
    try stage.annotate(.replicaSets, "web-1", ["rollback-operator.io/verdict": "Good"], user: Self.operatorUser)
    #expect(
      stage.messages == ["wrote configmaps other/a", "changed more than the verdict of replicasets shop/web-1"])
  }

  @Test("R8: an event that goes on after its end")
  func reopened() throws {
    let stage = try Stage(EndsAreFinal())
    try stage.journal("Done", outcome: "Recovered")
    try stage.journal("Done", outcome: "Failed")
    try stage.journal("Running", outcome: "Failed")
    #expect(
      stage.messages == ["story had ended as Recovered and is Failed", "a step of story was Done and is Running"])
  }

  @Test("R9: a finalizer on a Deployment")
  func finalizer() throws {
    let stage = try Stage(NothingLeftBehind())
    try stage.write { $0["metadata"]?["finalizers"] = ["rollback-operator.io/x"] }
    #expect(stage.messages == ["put a finalizer on deployments web"])
  }
}
