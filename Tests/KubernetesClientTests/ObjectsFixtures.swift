/// Objects as an API server sends them.
enum ObjectFixtures {
  static let deployment = """
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop-in-production-eu",
    "uid":"0f5e7c1a-9b6d-4e0f-8a3c-1234567890ab","resourceVersion":"4711","generation":7,
    "creationTimestamp":"2026-01-02T03:04:05Z","labels":{"app":"web","app.kubernetes.io/part-of":"shop"},
    "annotations":{"deployment.kubernetes.io/revision":"3",
    "kubectl.kubernetes.io/last-applied-configuration":"{\\"apiVersion\\":\\"apps/v1\\"}\\n"},
    "managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{".":{},"f:replicas":{}}}}]},
    "spec":{"replicas":3,"paused":true,"selector":{"matchLabels":{"app":"web"},
    "matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]},
    "template":{"metadata":{"creationTimestamp":null,"labels":{"app":"web","tier":"a"},
    "annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-02T03:04:05Z"}},
    "spec":{"containers":[{"name":"web","image":"web:1"}]}},"strategy":{"type":"RollingUpdate"},
    "progressDeadlineSeconds":120,"revisionHistoryLimit":5},
    "status":{"observedGeneration":7,"replicas":4,"updatedReplicas":1,"readyReplicas":3,"availableReplicas":3,
    "unavailableReplicas":1,"conditions":[
    {"type":"Available","status":"True","lastUpdateTime":"2026-01-02T03:04:05Z",
    "lastTransitionTime":"2026-01-02T03:04:05Z","reason":"MinimumReplicasAvailable","message":"dropped"},
    {"type":"Progressing","status":"False","lastUpdateTime":"2026-01-02T03:04:06Z",
    "lastTransitionTime":"2026-01-02T03:04:05Z","reason":"ProgressDeadlineExceeded","message":"timed out"}]}}
    """

  static let pod = """
    {"metadata":{"name":"web-1","namespace":"shop","uid":"not-a-uuid","deletionTimestamp":"2026-01-02T03:04:05Z",
    "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5d","uid":"x","controller":true,
    "blockOwnerDeletion":true}]},
    "spec":{"nodeName":"node-a","initContainers":[{"name":"init","image":"init:1"}],
    "containers":[{"name":"web","image":"web:2","ports":[{"containerPort":80}]}]},
    "status":{"phase":"Running","conditions":[{"type":"Ready","status":"False","lastProbeTime":null,
    "lastTransitionTime":"2026-01-02T03:04:05Z","message":"containers with unready status"}],
    "initContainerStatuses":[{"name":"init","image":"init:1","imageID":"","ready":true,"restartCount":0,
    "state":{"terminated":{"exitCode":0,"reason":"Completed","startedAt":"2026-01-02T03:04:05Z",
    "finishedAt":"2026-01-02T03:04:06Z","containerID":"c"}},"lastState":{}}],
    "containerStatuses":[{"name":"web","image":"web:2","imageID":"","ready":false,"restartCount":4,
    "state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s"}},
    "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":null,
    "finishedAt":"2026-01-02T03:04:07Z"}}},
    {"name":"side","image":"side:1","ready":true,"restartCount":0,
    "state":{"running":{"startedAt":"2026-01-02T03:04:08Z"}}}]}}
    """

  static let replicaSet = """
    {"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"web-5d","namespace":"shop",
    "uid":"11111111-2222-3333-4444-555555555555","labels":{"pod-template-hash":"5d"},
    "annotations":{"deployment.kubernetes.io/revision":"12"},"ownerReferences":[{"apiVersion":"apps/v1",
    "kind":"Deployment","name":"web","uid":"0f5e7c1a-9b6d-4e0f-8a3c-1234567890ab","controller":true}]}}
    """

  static let lease = """
    {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"n","resourceVersion":"9"},
    "spec":{"holderIdentity":"a","leaseDurationSeconds":6,"acquireTime":"2026-01-02T03:04:05.000001Z",
    "renewTime":"2026-01-02T03:04:06.120000Z","leaseTransitions":2}}
    """

  static func list(_ items: String...) -> [UInt8] {
    Array(
      """
      {"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"100","continue":"next","remainingItemCount":5},
      "items":[\(items.joined(separator: ","))]}
      """.utf8)
  }
}
