import KubernetesClient
import SimulatedCluster
import Testing

@Suite("Undo, pause, size and edits on the models of the controllers")
struct UndoTests {
  private let namespace = ModelCluster.namespace
  private let name = ModelCluster.name

  @Test("An undo finds the old ReplicaSet again and numbers it anew")
  func undo() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    let good = try #require(cluster.replicaSets.first?["metadata"]?["uid"])
    try cluster.deploy(2, "CrashLoop")
    #expect(try cluster.person.undo(namespace, name))
    cluster.timers.pass(.seconds(60))
    #expect(cluster.sizes == ["2:0/0", "3:3/3"])
    let set = try #require(cluster.replicaSets.last)
    #expect(set["metadata"]?["uid"] == good)
    #expect(set["metadata"]?["annotations"]?["deployment.kubernetes.io/revision-history"]?.string == "1")
    #expect(ModelCluster.revision(cluster.deployment) == 3)
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
    try cluster.deploy(2, "CrashLoop")
    #expect(try cluster.person.undo(namespace, name))
    cluster.timers.pass(.seconds(60))
    #expect(
      cluster.replicaSets.last?["metadata"]?["annotations"]?["deployment.kubernetes.io/revision-history"]?.string
        == "1,3")
    #expect(ModelCluster.revision(cluster.deployment) == 5)
    #expect(cluster.replicaSets.count == 2)
  }

  @Test("An undo after the deadline clears the condition")
  func undoAfterDeadline() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(2, "Unready", spec: ["progressDeadlineSeconds": 30])
    #expect(cluster.conditionText("Progressing") == "False ProgressDeadlineExceeded")
    #expect(try cluster.person.undo(namespace, name, to: 1))
    cluster.timers.pass(.seconds(10))
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
    #expect(cluster.sizes == ["2:0/0", "3:3/3"])
  }

  @Test("A pause holds a release back, and its time does not count as lack of progress")
  func pause() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.person.pause(namespace, name)
    try cluster.deploy(2, then: .seconds(3_600))
    #expect(cluster.sizes == ["1:3/3"])
    #expect(cluster.conditionText("Progressing") == "Unknown DeploymentPaused")
    #expect(cluster.deployment["status"]?["observedGeneration"] == cluster.deployment["metadata"]?["generation"])
    #expect(try !cluster.person.undo(namespace, name))
    // A paused Deployment changes its size all the same.
    try cluster.person.scale(namespace, name, to: 5)
    cluster.timers.pass(.seconds(30))
    #expect(cluster.sizes == ["1:5/5"])
    try cluster.person.resume(namespace, name)
    cluster.timers.pass(.seconds(60))
    #expect(cluster.sizes == ["1:0/0", "2:5/5"])
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
  }

  @Test("A change of size in the middle of a rollout is shared among the ReplicaSets")
  func scaleInTheMiddle() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1, replicas: 10)
    try cluster.deploy(2, "Unready", replicas: 10)
    #expect(cluster.sizes == ["1:8/8", "2:5/0"])
    try cluster.person.scale(namespace, name, to: 20)
    cluster.timers.pass(.seconds(30))
    // 12 more with the surge, in proportion 8 to 5, and the rest for the largest.
    #expect(cluster.sizes == ["1:15/15", "2:10/0"])
    try cluster.person.scale(namespace, name, to: 4)
    cluster.timers.pass(.seconds(30))
    #expect(cluster.sizes == ["1:3/3", "2:2/0"])
    try cluster.person.undo(namespace, name)
    cluster.timers.pass(.seconds(30))
    #expect(cluster.sizes == ["2:0/0", "3:4/4"])
  }

  @Test("Unhealthy, younger pods go first when a ReplicaSet shrinks")
  func shrink() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1, replicas: 2)
    let old = Set(cluster.pods.compactMap { $0["metadata"]?["name"]?.string })
    try cluster.person.scale(namespace, name, to: 4)
    cluster.timers.pass(.seconds(30))
    let broken = try #require(old.min())
    try cluster.person.annotate(
      namespace, broken, "simulator.rollback-operator.io/behaviour", "Unready", of: .pods)
    cluster.timers.pass(.seconds(30))
    try cluster.person.scale(namespace, name, to: 2)
    cluster.timers.pass(.seconds(30))
    let left = Set(cluster.pods.compactMap { $0["metadata"]?["name"]?.string })
    #expect(left.count == 2)
    #expect(!left.contains(broken))
  }

  @Test("Deleting the Deployment deletes all it has")
  func delete() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(2, "CrashLoop")
    try cluster.person.delete(.deployments, namespace, name)
    cluster.timers.pass(.seconds(60))
    #expect(cluster.deployment.isNull)
    #expect(cluster.replicaSets.isEmpty)
    #expect(cluster.pods.isEmpty)
    let writes = cluster.writes.count
    cluster.timers.pass(.seconds(3_600))
    #expect(cluster.writes.count == writes)
    try cluster.deploy(3)
    #expect(cluster.sizes == ["1:3/3"])
  }

  @Test("A pod and a ReplicaSet that a person deletes come back")
  func deletedByHand() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    let pod = try #require(cluster.pods.first?["metadata"]?["name"]?.string)
    try cluster.person.delete(.pods, namespace, pod)
    cluster.timers.pass(.seconds(30))
    #expect(cluster.sizes == ["1:3/3"])
    #expect(!cluster.pods.contains { $0["metadata"]?["name"]?.string == pod })
    let set = try #require(cluster.replicaSets.first?["metadata"]?["name"]?.string)
    try cluster.person.delete(.replicaSets, namespace, set)
    cluster.timers.pass(.seconds(30))
    #expect(cluster.sizes == ["1:3/3"])
  }

  @Test("Old ReplicaSets beyond the history limit go, in the order of the version")
  func history() throws {
    func images(_ order: HistoryOrder) throws -> [String] {
      let cluster = ModelCluster()
      cluster.models.historyOrder = order
      for version in [1, 2, 1, 3, 4] { try cluster.deploy(version, spec: ["revisionHistoryLimit": 2]) }
      return cluster.replicaSets.compactMap { $0["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]?.string }
    }
    #expect(try images(.revision) == ["web:1", "web:3", "web:4"])
    #expect(try images(.creation) == ["web:2", "web:3", "web:4"])
  }

  @Test("Without history there is nothing to go back to")
  func noHistory() throws {
    let cluster = ModelCluster()
    for version in 1...2 { try cluster.deploy(version, spec: ["revisionHistoryLimit": 0]) }
    #expect(cluster.sizes == ["2:3/3"])
    #expect(try !cluster.person.undo(namespace, name))
  }

  @Test("An annotation of the Deployment reaches the newest ReplicaSet, and stays there")
  func annotations() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(2)
    try cluster.person.annotate(namespace, name, "kubernetes.io/change-cause", "a better logo")
    cluster.timers.pass(.seconds(5))
    func cause(_ set: JSONValue?) -> String? {
      set?["metadata"]?["annotations"]?["kubernetes.io/change-cause"]?.string
    }
    #expect(cluster.replicaSets.map(cause) == [nil, "a better logo"])
    #expect(cluster.sizes == ["1:0/0", "2:3/3"])
    try cluster.person.annotate(namespace, name, "kubernetes.io/change-cause", nil)
    cluster.timers.pass(.seconds(5))
    #expect(cause(cluster.replicaSets.last) == "a better logo")
    #expect(cluster.deployment["status"]?["observedGeneration"] == cluster.deployment["metadata"]?["generation"])
  }

  @Test("Orphans are taken over by a Deployment of the same name, and keep their UIDs and revisions")
  func orphans() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    try cluster.deploy(2)
    func uids(_ objects: [JSONValue]) -> [JSONValue?] { objects.map { $0["metadata"]?["uid"] } }
    let sets = uids(cluster.replicaSets)
    let pods = uids(cluster.pods)
    let before = cluster.deployment["metadata"]?["uid"]
    try cluster.server.delete(.deployments, namespace, name, propagation: .orphan, user: "test")
    cluster.timers.pass(.seconds(30))
    #expect(cluster.deployment.isNull)
    #expect(uids(cluster.pods) == pods)
    try cluster.deploy(2)
    #expect(cluster.deployment["metadata"]?["uid"] != before)
    #expect(uids(cluster.replicaSets) == sets)
    #expect(uids(cluster.pods) == pods)
    #expect(ModelCluster.revision(cluster.deployment) == 2)
    #expect(cluster.conditionText("Progressing") == "True NewReplicaSetAvailable")
  }

  @Test("A pod whose label a person takes off is let go and replaced")
  func release() throws {
    let cluster = ModelCluster()
    try cluster.deploy(1)
    let pod = try #require(cluster.pods.first?["metadata"]?["name"]?.string)
    try cluster.person.edit(.pods, namespace, pod) { $0["metadata"]?["labels"]?["app"] = "quarantine" }
    cluster.timers.pass(.seconds(30))
    #expect(cluster.sizes == ["1:3/3"])
    #expect(cluster.pods.count == 4)
    #expect(cluster.server.object(.pods, namespace, pod)?["metadata"]?["ownerReferences"] == nil)
  }
}
