import KubernetesClient
import SimulatedCluster
import Testing

@Suite("Rollouts on the models of the controllers")
struct RolloutTests {
  @Test("A good release is rolled out, at each pace", arguments: [Pace.usual, .immediate, .sluggish])
  func good(pace: Pace) throws {
    let cluster = ModelCluster(pace: pace)
    try cluster.deploy(1, then: .seconds(300))
    #expect(cluster.sizes == ["1:3/3"])
    try cluster.deploy(2, then: .seconds(600))
    #expect(cluster.sizes == ["1:0/0", "2:3/3"])
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
    #expect(cluster.conditionText("Available") == "True MinimumReplicasAvailable")
    #expect(cluster.counts == "3 3 3 0")
    #expect(cluster.deployment["status"]?["observedGeneration"] == cluster.deployment["metadata"]?["generation"])
    #expect(ModelCluster.revision(cluster.deployment) == 2)
    #expect(cluster.pods.count == 3)
    let set = try #require(cluster.replicaSets.last)
    let annotations = set["metadata"]?["annotations"]
    #expect(annotations?["example.com/owner"]?.string == "team-a")
    #expect(annotations?["kubectl.kubernetes.io/last-applied-configuration"] == nil)
    #expect(annotations?["deployment.kubernetes.io/desired-replicas"]?.string == "3")
    #expect(annotations?["deployment.kubernetes.io/max-replicas"]?.string == "4")
    let hash = set["metadata"]?["labels"]?["pod-template-hash"]
    #expect(hash != nil && set["spec"]?["selector"]?["matchLabels"]?["pod-template-hash"] == hash)
    #expect(cluster.pods.allSatisfy { $0["metadata"]?["labels"]?["pod-template-hash"] == hash })
  }

  @Test("Once a rollout is done nothing more is written")
  func quiet() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(2)
    let writes = cluster.writes.count
    cluster.timers.pass(.seconds(86_400))
    #expect(cluster.writes.count == writes)
  }

  @Test(
    "A bad release stops with the old pods serving, and fails at its deadline",
    arguments: [
      ("CrashLoop", "CrashLoopBackOff"), ("OOMKilled", "CrashLoopBackOff"), ("ImagePull", "ImagePullBackOff"),
      ("Unready", "running"), ("Pending", "none"),
    ])
  func bad(behaviour: String, state: String) throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(2, behaviour)
    #expect(cluster.sizes == ["1:3/3", "2:1/0"])
    #expect(cluster.counts == "4 1 3 1")
    #expect(cluster.conditionText("Progressing") == "True ReplicaSetUpdated")
    #expect(cluster.states == ["running", state])
    cluster.timers.pass(.seconds(600))
    #expect(cluster.conditionText("Progressing") == "False ProgressDeadlineExceeded")
    #expect(cluster.conditionText("Available") == "True MinimumReplicasAvailable")
    #expect(cluster.sizes == ["1:3/3", "2:1/0"])
  }

  @Test("A container that crashes is tried again after 10 s, 20 s and so on up to 5 min")
  func backOff() throws {
    let cluster = ModelCluster(pace: .immediate)
    try cluster.deploy(1, "CrashLoop", replicas: 1, then: .seconds(1_800))
    var restarts: [Int] = []
    for change in cluster.server.changes where change.resource == .pods {
      let count = change.new["status"]?["containerStatuses"]?[0]?["restartCount"]?.int ?? 0
      if count > restarts.count { restarts.append(Int(change.resourceVersion)) }
    }
    // 0, 10, 20, 40, 80, 160 and then each 300 seconds.
    #expect(restarts.count == 10)
    let pod = try #require(cluster.pods.first)
    let message = pod["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["message"]?.string
    #expect(message?.hasPrefix("back-off 5m0s restarting failed container=web pod=web-") == true)
  }

  @Test("A release that fails after it was good loses its pods' readiness")
  func failsLater() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(2, "CrashLoop", annotations: ["simulator.rollback-operator.io/fail-after": "120s"])
    #expect(cluster.sizes == ["1:0/0", "2:3/3"])
    #expect(cluster.conditionText("Available") == "True MinimumReplicasAvailable")
    cluster.timers.pass(.seconds(120))
    #expect(cluster.sizes == ["1:0/0", "2:3/0"])
    #expect(cluster.conditionText("Available") == "False MinimumReplicasUnavailable")
    // The rollout was complete, and stays so.
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
  }

  @Test("Pods that become ready late delay the rollout, not its end")
  func late() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(
      2, annotations: ["simulator.rollback-operator.io/ready-after": "30s"], spec: ["minReadySeconds": 20],
      then: .seconds(45))
    #expect(cluster.sizes == ["1:3/3", "2:1/1"])
    cluster.timers.pass(.seconds(200))
    #expect(cluster.sizes == ["1:0/0", "2:3/3"])
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
  }

  @Test("Recreate waits until all old pods are gone")
  func recreate() throws {
    let cluster = ModelCluster()
    let spec: JSONValue = ["strategy": ["type": "Recreate"]]
    try cluster.deploy(1, spec: spec)
    try cluster.deploy(2, spec: spec)
    #expect(cluster.sizes == ["1:0/0", "2:3/3"])
    var images: [String: String] = [:]
    for change in cluster.server.changes where change.resource == .pods {
      images[change.name] = change.verb == .deleted ? nil : change.new["spec"]?["containers"]?[0]?["image"]?.string
      #expect(Set(images.values).count <= 1)
    }
  }

  @Test("The same seed gives the same writes, another one others")
  func deterministic() throws {
    func writes(_ seed: UInt64) throws -> [String] {
      let cluster = ModelCluster(seed: seed)
      try cluster.deploy(1, replicas: 5)
      try cluster.deploy(2, "CrashLoop", replicas: 5)
      try cluster.person.undo(ModelCluster.namespace, ModelCluster.name)
      cluster.timers.pass(.seconds(60))
      return cluster.server.changes.map { "\($0.resource.plural) \($0.verb) \($0.name) \($0.user)" }
    }
    #expect(try writes(7) == writes(7))
    #expect(try writes(7) != writes(8))
  }
}
