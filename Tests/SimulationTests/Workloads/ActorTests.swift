import KubernetesClient
import SimulatedCluster
import Testing

@Suite("Actors beside the operator")
struct ActorTests {
  private let namespace = ModelCluster.namespace
  private let name = ModelCluster.name

  @Test("The autoscaler changes the number of pods and nothing else")
  func autoscaler() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    let template = cluster.deployment["spec"]?["template"]
    let scaler = Autoscaler(
      server: cluster.server, schedule: { cluster.timers.schedule($0, $1) }, random: cluster.random,
      namespace: namespace, name: name, replicas: 2...6)
    scaler.start()
    var seen: Set<Int> = []
    for _ in 0..<40 {
      cluster.timers.pass(.seconds(60))
      seen.insert(cluster.deployment["spec"]?["replicas"]?.int ?? 0)
    }
    #expect(seen == [2, 3, 4, 5, 6])
    scaler.stop()
    cluster.timers.pass(.seconds(120))
    let replicas = try #require(cluster.deployment["spec"]?["replicas"]?.int)
    #expect(cluster.sizes == ["1:\(replicas)/\(replicas)"])
    #expect(cluster.deployment["spec"]?["template"] == template)
    #expect(cluster.replicaSets.count == 1)
  }

  @Test(
    "GitOps puts the bad release back after an undo",
    arguments: [GitOpsReconciler.Mode.serverSideApply, .clientSideApply])
  func gitOps(mode: GitOpsReconciler.Mode) throws {
    let cluster = ModelCluster()
    let reconciler = GitOpsReconciler(
      server: cluster.server, schedule: { cluster.timers.schedule($0, $1) }, manifest: ModelCluster.manifest(1),
      every: .seconds(5), mode: mode)
    reconciler.start()
    cluster.timers.pass(.seconds(60))
    #expect(cluster.sizes == ["1:3/3"])
    reconciler.manifest = ModelCluster.manifest(2, "CrashLoop")
    cluster.timers.pass(.seconds(60))
    #expect(cluster.sizes == ["1:3/3", "2:1/0"])
    #expect(try cluster.person.undo(namespace, name))
    cluster.timers.pass(.seconds(4))
    cluster.timers.pass(.seconds(10))
    #expect(ModelCluster.revision(cluster.deployment) == 4)
    #expect(cluster.sizes.last == "4:1/0")
    reconciler.stop()
    #expect(try cluster.person.undo(namespace, name))
    cluster.timers.pass(.seconds(60))
    #expect(cluster.sizes == ["4:0/0", "5:3/3"])
  }

  @Test("kubectl apply keeps what others set and removes what its own manifest no longer has")
  func apply() throws {
    let cluster = ModelCluster()
    var manifest = ModelCluster.manifest(1)
    manifest["metadata"]?["annotations"]?["example.com/note"] = "first"
    try cluster.person.apply(manifest)
    try cluster.person.annotate(namespace, name, "example.com/foreign", "stays")
    cluster.timers.pass(.seconds(30))
    try cluster.person.apply(ModelCluster.manifest(2))
    cluster.timers.pass(.seconds(30))
    let annotations = cluster.deployment["metadata"]?["annotations"]
    #expect(annotations?["example.com/note"] == nil)
    #expect(annotations?["example.com/foreign"]?.string == "stays")
    #expect(annotations?["example.com/owner"]?.string == "team-a")
    #expect(cluster.sizes == ["1:0/0", "2:3/3"])
    let writes = cluster.writes.count
    try cluster.person.apply(ModelCluster.manifest(2))
    cluster.timers.pass(.seconds(30))
    #expect(cluster.writes.count == writes)
  }

  @Test("A restart makes a new revision of the same image")
  func restart() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.person.restart(namespace, name, at: "2027-01-15T08:00:00Z")
    cluster.timers.pass(.seconds(30))
    #expect(cluster.sizes == ["1:0/0", "2:3/3"])
  }
}
