import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("A bad release is undone", .showsLogs, .timeLimitOfQueue)
struct BadReleaseTests {
  /// A way to be bad, and the policy that notices it.
  struct Example: CustomTestStringConvertible, Sendable {
    var behaviour: String
    var policy = "target: {name: web}\ntrial: {window: 5s}"
    var trigger = "pods"
    /// What the trigger's value must say; `nil` where it depends on the moment.
    var value: String?
    var workload = Workload()

    var testDescription: String { "\(behaviour), trigger \(trigger)" }
  }

  static let examples = [
    Example(behaviour: "CrashLoop", value: "CrashLoopBackOff in 1/1 pods"),
    Example(behaviour: "ImagePull", value: "ImagePullBackOff in 1/1 pods"),
    Example(
      behaviour: "OOMKilled",
      policy: """
        target: {name: web}
        trial: {window: 5s}
        triggers:
        - {name: memory, severity: Critical, pods: {crashLooping: false, imagePull: false}}
        """, trigger: "memory", value: "OOMKilled in 1/1 pods"),
    Example(
      behaviour: "Unready",
      policy: """
        target: {name: web}
        trial: {window: 5s}
        triggers:
        - {name: readiness, for: 3s, pods: {unready: {above: "50%"}}}
        """, trigger: "readiness", value: "100%"),
    Example(
      behaviour: "Unready", trigger: "rollout", value: "ProgressDeadlineExceeded",
      workload: Workload(progressDeadlineSeconds: 5)),
    Example(
      behaviour: "Unready",
      policy: """
        target: {name: web}
        trial: {window: 5s}
        triggers:
        - {name: progress, rollout: {stalledFor: 4s}}
        """, trigger: "progress"),
    Example(
      behaviour: "Unready",
      policy: """
        target: {name: web}
        trial: {window: 5s}
        triggers:
        - {name: replicas, for: 4s, rollout: {unavailable: {above: "50%"}}}
        """, trigger: "replicas", value: "100%", workload: Workload(strategy: ["type": "Recreate"])),
    Example(
      behaviour: "Pending",
      policy: """
        target: {name: web}
        trial: {window: 5s}
        triggers:
        - {name: placement, pods: {unschedulable: true}}
        """, trigger: "placement", value: "1/1 pods"),
    Example(
      behaviour: "CrashLoop",
      policy: """
        target: {name: web}
        trial: {window: 5s}
        triggers:
        - {name: restarts, pods: {crashLooping: false, restarts: {atLeast: 2, within: 5m}}}
        """, trigger: "restarts", value: "2"),
  ]

  @Test(
    "Good, then bad: the good template is back, nothing else has changed, and one event tells it", arguments: examples)
  func undone(_ example: Example) async throws {
    try await Scene.play { scene in
      try await scene.deploy(example.workload)
      try await scene.policy(example.policy)
      try await scene.verdict(1, becomes: "Good")
      let before = try await scene.deployment()

      try await scene.rollOut(.bad(2, example.behaviour))
      let event = try await scene.event(.recovered)

      let after = try await scene.deployment()
      #expect(DeploymentDifference.template(after) == DeploymentDifference.template(before))
      #expect(DeploymentDifference.rest(after) == DeploymentDifference.rest(before))
      try await scene.rolledOut()
      try await expectTold(event, example, scene)
      try await expectVerdicts(event, scene)
      try await expectVisible(event, scene)
      #expect(try await scene.events().count == 1)
      try await scene.undone(times: 1)
    }
  }

  @Test("A release that turns bad after its rollout was complete is undone while its trial lasts")
  func turnsBadLater() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 5s}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.policy()
      var release = Release.bad(2)
      release.failAfter = "10s"
      try await scene.rollOutAndWait(release)
      #expect(try await scene.version() == 2)
      try await scene.event(.recovered)
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }

  @Test("A revision that was proven good is not judged again")
  func turnsBadAfterItsTrial() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.policy("target: {name: web}\ntrial: {window: 5s}")
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOutAndWait(.good(2))
      try await scene.verdict(2, becomes: "Good")
      try await scene.breakPods()
      try await scene.pods(of: 2, waitWith: "CrashLoopBackOff")
      try await Task.sleep(for: .seconds(5))
      #expect(try await scene.events().isEmpty)
      #expect(try scene.templatePatches() == 0)
    }
  }

  /// The event tells what, why, from where to where, how long, and that it was verified.
  private func expectTold(_ event: EventObject, _ example: Example, _ scene: Scene) async throws {
    let bad = try #require(try await scene.replicaSet(2)).at("/metadata/labels/pod-template-hash")?.string
    let good = try #require(try await scene.replicaSet(1)).at("/metadata/labels/pod-template-hash")?.string
    let deployment = try await scene.deployment()
    #expect(event.spec.origin == .trigger)
    #expect(event.spec.mode == .auto)
    #expect(event.spec.target.uid == deployment.at("/metadata/uid")?.string)
    #expect(event.spec.policy?.uid == (try await scene.policy(named: "web").metadata.uid))
    #expect(event.spec.trigger?.name == example.trigger)
    #expect(event.spec.trigger?.value == example.value ?? event.spec.trigger?.value)
    #expect(event.spec.trigger?.value?.isEmpty == false)
    #expect(event.spec.trigger?.since != nil)
    #expect(event.spec.suspect?.hash == bad)
    #expect(event.spec.suspect?.images == ["web:2", "sidecar:1"])
    #expect(event.metadata.name.hasPrefix("web-\(bad ?? "?")-"))
    let status = event.status
    #expect(status.from?.hash == bad && status.from?.revision == 2)
    #expect(status.to?.hash == good && status.to?.revision == 1)
    #expect(status.rung == "undo")
    #expect(status.plan?.count == 1)
    #expect(status.steps?.map(\.state) == [.done])
    #expect(status.steps?.first?.before?["templateHash"] == bad)
    #expect(status.verification?.count == 2 && status.verification?.allSatisfy(\.passed) == true)
    let detected = try #require(status.detectedAfter)
    let acted = try #require(status.actedAfter)
    let recovered = try #require(status.recoveredAfter)
    #expect(detected <= acted && acted <= recovered)
    for type in ["Acknowledged", "Executed", "Verified", "Succeeded"] {
      #expect(status.conditions?[type]?.status == .true, "\(type)")
    }
    #expect((status.timeline ?? []).count >= 4)
    let cause = deployment.at("/metadata/annotations/kubernetes.io~1change-cause")?.string
    #expect(cause == "rollback to \(status.to?.description ?? "?") by RollbackEvent \(event.metadata.name)")
  }

  /// Verdicts are on the ReplicaSets, bound to their template hash, and only there.
  private func expectVerdicts(_ event: EventObject, _ scene: Scene) async throws {
    #expect(try await scene.verdict(1) == "Good")
    #expect(try await scene.verdict(2) == "Bad")
    let annotations = try #require(try await scene.replicaSet(2)).at("/metadata/annotations")
    #expect(annotations?["rollback-operator.io/verdict-event"]?.string == event.metadata.name)
    #expect(annotations?["rollback-operator.io/verdict-since"]?.string != nil)
  }

  /// What a person sees with kubectl.
  private func expectVisible(_ event: EventObject, _ scene: Scene) async throws {
    let reasons: Set = ["RollbackTriggered", "RollbackStarted", "RollbackSucceeded"]
    try await scene.reasons(about: "RollbackPolicy", "web", include: reasons)
    try await scene.reasons(about: "Deployment", "web", include: reasons)
    let described = try await scene.world.kubectl("describe", "deployment", "web", "-n", scene.namespace)
    #expect(described.contains("RollbackSucceeded"), "\(described)")

    let policy = try await eventually("the policy's status tells it") {
      try await scene.policy(named: "web")
    } where: {
      $0.status.state == .watching && $0.status.lastEvent == event.metadata.name
    }
    #expect(policy.status.observedGeneration == policy.metadata.generation)
    let target = try #require(policy.status.targets?.first)
    #expect(target.current?.hash == event.status.to?.hash)
    #expect(target.lastGood?.hash == event.status.to?.hash)
    for (type, status) in [
      ("Ready", "True"), ("TargetFound", "True"), ("KnownGoodAvailable", "True"), ("Held", "False"),
    ] {
      #expect(policy.status.conditions?[type]?.status.rawValue == status, "\(type)")
    }

    for kind in ["rollbackevents", "rbe", "rbp"] {
      let table = try await scene.world.kubectl("get", kind, "-n", scene.namespace)
      for line in table.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
    let events = try await scene.world.kubectl("get", "rollbackevents", "-n", scene.namespace)
    #expect(events.contains("Recovered"), "\(events)")
    let wide = try await scene.world.kubectl("get", "rollbackevents", "-n", scene.namespace, "-o", "wide")
    #expect(wide.contains(event.spec.trigger?.value ?? "?"), "\(wide)")
  }
}
