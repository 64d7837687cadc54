import KubernetesClient

extension DeploymentSync {
  /// Finds the ReplicaSet of the template, numbers it as the newest, and gives the number to the Deployment.
  ///
  /// The ReplicaSet is found by its template alone: that is how an undo brings an old one back.
  mutating func findReplicaSets(creates: Bool) throws(Refusal) {
    let fingerprint = hashes.fingerprint(uid: deployment.uid, generation: deployment.generation, deployment.template)
    newest = replicaSets.sorted(by: ReplicaSetObject.isOlder).first { set in
      hashes.fingerprint(uid: set.uid, generation: set.generation, set.template) == fingerprint
    }
    old = replicaSets.filter { $0.uid != newest?.uid }
    let number = (old.map { $0.revision ?? 0 }.max() ?? 0) + 1
    if let newest {
      try renumber(newest, number)
    } else if creates {
      try create(fingerprint, number)
    }
  }

  private mutating func renumber(_ set: ReplicaSetObject, _ number: Int64) throws(Refusal) {
    let annotations = RevisionAnnotations.newest(set.annotations, of: deployment.annotations, revision: number)
    var current = set
    if annotations != set.annotations || set.minReadySeconds != deployment.minReadySeconds {
      var document = set.document
      document["metadata"]?["annotations"] = JSONValue(annotations)
      let seconds = deployment.minReadySeconds == 0 ? nil : Optional(JSONValue(deployment.minReadySeconds))
      document["spec"]?["minReadySeconds"] = seconds
      current = ReplicaSetObject(try server.update(.replicaSets, set.namespace, document, user: Self.user))
      replace(current)
    }
    var isChanged = setRevision(current.annotations[RevisionAnnotations.revision] ?? "")
    if deployment.progressDeadlineSeconds != nil, deployment.status["Progressing"] == nil {
      deployment.status.set(
        progressing("True", "FoundNewReplicaSet", "Found new replica set \"\(current.name)\""))
      isChanged = true
    }
    if isChanged { try writeDeployment() }
  }

  private mutating func setRevision(_ number: String) -> Bool {
    guard deployment.annotations[RevisionAnnotations.revision] != number else { return false }
    deployment.annotations[RevisionAnnotations.revision] = number
    return true
  }

  private mutating func replace(_ set: ReplicaSetObject) {
    newest = set
    replicaSets = replicaSets.map { $0.uid == set.uid ? set : $0 }
  }

  private mutating func create(_ fingerprint: UInt64, _ number: Int64) throws(Refusal) {
    let hash = TemplateHash.text(fingerprint, collisionCount: deployment.status.collisionCount ?? 0)
    let total = old.reduce(0) { $0 + $1.replicas }
    let replicas = RollingUpdate.newReplicas(deployment, all: total, new: 0)
    let document = newDocument(hash: hash, replicas: replicas, number: number)
    do throws(Refusal) {
      newest = ReplicaSetObject(
        try server.create(.replicaSets, deployment.namespace, document, user: Self.user))
    } catch {
      try noteFailure(error, of: document)
      throw error
    }
    guard let newest else { return }
    replicaSets.append(newest)
    _ = setRevision(String(number))
    if deployment.progressDeadlineSeconds != nil {
      deployment.status.set(
        progressing("True", "NewReplicaSetCreated", "Created new replica set \"\(newest.name)\""))
    }
    try writeDeployment()
  }

  private mutating func noteFailure(_ error: Refusal, of document: JSONValue) throws(Refusal) {
    let name = document["metadata"]?["name"]?.string ?? ""
    if error.status.reason == "AlreadyExists" {
      deployment.status.collisionCount = (deployment.status.collisionCount ?? 0) + 1
    } else if deployment.progressDeadlineSeconds != nil {
      deployment.status.set(
        progressing(
          "False", "ReplicaSetCreateError", "Failed to create new replica set \"\(name)\": \(error.status.message)"))
    } else {
      return
    }
    try writeDeployment()
  }

  private func newDocument(hash: String, replicas: Int, number: Int64) -> JSONValue {
    var annotations = RevisionAnnotations.newest([:], of: deployment.annotations, revision: number)
    annotations[RevisionAnnotations.desiredReplicas] = String(deployment.replicas)
    annotations[RevisionAnnotations.maxReplicas] = String(deployment.replicas + deployment.maxSurge)
    var template = deployment.template
    template.set(JSONPointer(tokens: ["metadata", "labels", TemplateHash.label]), to: .string(hash))
    var selector = deployment.document["spec"]?["selector"] ?? [:]
    selector.set(JSONPointer(tokens: ["matchLabels", TemplateHash.label]), to: .string(hash))
    var document: JSONValue = [
      "apiVersion": "apps/v1", "kind": "ReplicaSet",
      "metadata": [
        "name": .string("\(deployment.name)-\(hash)"), "namespace": .string(deployment.namespace),
        "labels": template["metadata"]?["labels"] ?? [:], "annotations": JSONValue(annotations),
        "ownerReferences": [OwnerIndex.reference(to: deployment.document, .deployments)],
      ],
      "spec": ["replicas": JSONValue(replicas), "selector": selector, "template": template],
    ]
    if deployment.minReadySeconds != 0 {
      document["spec"]?["minReadySeconds"] = JSONValue(deployment.minReadySeconds)
    }
    return document
  }
}
