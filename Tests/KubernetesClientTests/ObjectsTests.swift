import FoundationEssentials
import KubernetesClient
import Testing

@Suite("Kubernetes objects", .timeLimit(.minutes(2)))
struct ObjectsTests {
  private let time = Date(timeIntervalSinceReferenceDate: 789_015_845)  // 2026-01-02T03:04:05Z

  @Test("A Deployment has what the operator watches, and nothing big")
  func deployment() throws {
    let deployment = try Deployment.decode(Array(ObjectFixtures.deployment.utf8))
    let metadata = ObjectMeta(
      name: "web", namespace: "shop-in-production-eu", uid: "0f5e7c1a-9b6d-4e0f-8a3c-1234567890ab",
      resourceVersion: "4711", generation: 7, creationTimestamp: time,
      labels: ["app": "web", "app.kubernetes.io/part-of": "shop"],
      annotations: ["deployment.kubernetes.io/revision": "3"])
    let spec = Deployment.Spec(
      replicas: 3, paused: true,
      selector: LabelSelector(
        matchLabels: ["app": "web"], matchExpressions: [.init(key: "tier", operator: "In", values: ["a", "b"])]),
      progressDeadlineSeconds: 120, revisionHistoryLimit: 5, templateLabels: ["app": "web", "tier": "a"],
      templateAnnotations: ["kubectl.kubernetes.io/restartedAt": "2026-01-02T03:04:05Z"])
    let status = Deployment.Status(
      observedGeneration: 7, replicas: 4, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3,
      unavailableReplicas: 1,
      conditions: [
        Condition(
          type: "Available", status: "True", reason: "MinimumReplicasAvailable", lastUpdateTime: time,
          lastTransitionTime: time),
        Condition(
          type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out",
          lastUpdateTime: time.addingTimeInterval(1), lastTransitionTime: time),
      ])
    #expect(deployment == Deployment(metadata: metadata, spec: spec, status: status))
    #expect(deployment.status.condition("Progressing")?.isTrue == false)
    #expect(deployment.spec.selector.queryValue == "app=web,tier in (a,b)")
    #expect(deployment.spec.selector.matches(deployment.spec.templateLabels))
    #expect(!deployment.spec.selector.matches(deployment.metadata.labels))
  }

  @Test("What a Deployment does not say has the default of the API")
  func defaults() throws {
    for text in [
      "{}", #"{"metadata":null,"spec":null,"status":null}"#,
      #"{"spec":{"replicas":null},"status":{"conditions":null}}"#,
    ] {
      #expect(try Deployment.decode(Array(text.utf8)) == Deployment())
    }
    #expect(Deployment().spec.replicas == 1)
    #expect(Deployment().spec.progressDeadlineSeconds == 600)
  }

  @Test("A Deployment is a value: a changed copy leaves the original alone")
  func value() {
    let original = Deployment(metadata: ObjectMeta(name: "a"))
    var copy = original
    copy.metadata.name = "b"
    copy.metadata.uid = "0f5e7c1a-9b6d-4e0f-8a3c-1234567890ab"
    copy.spec.replicas = 5
    copy.status.conditions.append(Condition(type: "Progressing", status: "True", lastUpdateTime: time))
    #expect(original == Deployment(metadata: ObjectMeta(name: "a")))
    #expect(copy.metadata.name == "b" && copy.spec.replicas == 5 && copy.status.conditions[0].lastUpdateTime == time)
    #expect(copy.metadata.uid == "0f5e7c1a-9b6d-4e0f-8a3c-1234567890ab")
    #expect(copy != original)
  }

  @Test("A Pod has the states of its containers")
  func pod() throws {
    let pod = try Pod.decode(Array(ObjectFixtures.pod.utf8))
    #expect(pod.metadata.uid == "not-a-uuid")
    #expect(pod.metadata.deletionTimestamp == time)
    #expect(pod.metadata.controller?.kind == "ReplicaSet")
    #expect(
      pod.spec
        == Pod.Spec(
          nodeName: "node-a", initContainers: [.init(name: "init", image: "init:1")],
          containers: [.init(name: "web", image: "web:2")]))
    #expect(pod.status.phase == "Running")
    #expect(pod.status.condition("Ready")?.lastTransitionTime == time)
    #expect(
      pod.status.initContainerStatuses == [
        ContainerStatus(
          name: "init", image: "init:1", ready: true,
          state: .terminated(
            .init(reason: "Completed", startedAt: time, finishedAt: time.addingTimeInterval(1))))
      ])
    #expect(
      pod.status.containerStatuses == [
        ContainerStatus(
          name: "web", image: "web:2", restartCount: 4,
          state: .waiting(reason: "CrashLoopBackOff", message: "back-off 40s"),
          lastState: .terminated(
            .init(reason: "OOMKilled", exitCode: 137, finishedAt: time.addingTimeInterval(2)))),
        ContainerStatus(
          name: "side", image: "side:1", ready: true, state: .running(startedAt: time.addingTimeInterval(3))),
      ])
    #expect(pod.status.containerStatuses[0].state?.waitingReason == "CrashLoopBackOff")
    #expect(pod.status.containerStatuses[0].lastState?.termination?.exitCode == 137)
    #expect(pod.status.containerStatuses[1].state?.runningSince == time.addingTimeInterval(3))
  }

  @Test("A ReplicaSet's metadata give revision, hash and owner")
  func replicaSet() throws {
    let replicaSet = try ReplicaSetMetadata.decode(Array(ObjectFixtures.replicaSet.utf8))
    #expect(replicaSet.revision == 12)
    #expect(replicaSet.podTemplateHash == "5d")
    #expect(replicaSet.controllerUID == "0f5e7c1a-9b6d-4e0f-8a3c-1234567890ab")
    #expect(ReplicaSetMetadata().revision == nil)
    #expect(ReplicaSetMetadata.wantsMetadataOnly && !Deployment.wantsMetadataOnly)
  }

  @Test("A Lease goes both ways, times with exactly six digits of fraction")
  func lease() throws {
    let lease = try Lease.decode(Array(ObjectFixtures.lease.utf8))
    #expect(lease.spec.holderIdentity == "a")
    #expect(lease.json == (try JSONValue(parsing: ObjectFixtures.lease)))
    #expect(try Lease.decode(lease.json.serialized()) == lease)
    #expect(Lease.Spec(renewTime: time).json == ["renewTime": "2026-01-02T03:04:05.000000Z"])
  }

  @Test("A Status is read whole, and nothing else is taken for one")
  func status() throws {
    let status = Status(
      message: "no", reason: "Invalid", code: 422,
      details: .init(
        name: "web", group: "apps", kind: "Deployment", uid: "u",
        causes: [.init(reason: "FieldValueInvalid", message: "bad", field: "spec.replicas")], retryAfterSeconds: 3))
    #expect(Status.decode(status.json.serialized()) == status)
    #expect(Status.decode(Array("{\"kind\":\"Pod\"}".utf8)) == nil)
    #expect(Status.decode(Array("<html>502".utf8)) == nil)
    #expect(Status.decode([]) == nil)
    #expect(Status.decode(Array("{\"kind\":\"Status\",\"status\":\"Failure\",\"details\":null}".utf8)) == Status())
  }

  @Test("Metadata written and read again are the same")
  func metadata() throws {
    let metadata = ObjectMeta(
      name: "n", namespace: "s", uid: "0F5E7C1A-9B6D-4E0F-8A3C-1234567890AB", resourceVersion: "1", generation: 2,
      creationTimestamp: time, deletionTimestamp: time.addingTimeInterval(60), labels: ["b": "2", "a": "1"],
      annotations: ["x/y": "z\n"],
      ownerReferences: [
        OwnerReference(apiVersion: "v1", kind: "K", name: "o", uid: "00000000-0000-0000-0000-000000000000")
      ])
    let bytes = metadata.json.serialized()
    var cursor = JSONCursor(bytes.span)
    #expect(try ObjectMeta(from: &cursor) == metadata)
    #expect(metadata.uid == "0F5E7C1A-9B6D-4E0F-8A3C-1234567890AB")
    #expect(metadata.controller?.uid == "00000000-0000-0000-0000-000000000000")
  }

  @Test("A string map finds, sets, removes and stays sorted")
  func stringMap() {
    var map: StringMap = ["b": "2", "c": "3", "a": "1", "b": "4"]
    #expect(map.map(\.key) == ["a", "b", "c"])
    #expect(map["b"] == "4" && map["d"] == nil && map[""] == nil)
    map["bb"] = "5"
    map["a"] = nil
    map["z"] = nil
    map["c"] = "6"
    #expect(map.dictionary == ["b": "4", "bb": "5", "c": "6"])
    #expect(map == StringMap(["bb": "5", "c": "6", "b": "4"]))
    #expect(map.contains(["b": "4"]) && !map.contains(["b": "5"]) && !map.contains(["x": ""]) && map.contains([:]))
  }

  @Test("Many threads may share strings at once")
  func interning() async throws {
    let bytes = ObjectFixtures.list(ObjectFixtures.deployment, ObjectFixtures.deployment)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<50).allSatisfy { _ in
            let list = try? ObjectList<Deployment>.decode(bytes)
            return list?.items.allSatisfy { $0.metadata.namespace == "shop-in-production-eu" } ?? false
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
