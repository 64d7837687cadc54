public import KubernetesClient

/// Somebody with kubectl: each verb is the request that kubectl of that name makes.
public struct Person: Sendable {
  private let server: SimulatedAPIServer
  /// Who the API server takes it for.
  public let user: String

  public init(_ server: SimulatedAPIServer, user: String = "kubernetes-admin") {
    self.server = server
    self.user = user
  }

  // MARK: apply

  /// `kubectl apply -f`, without `--server-side`: merges the manifest into what is there, by what was applied before.
  @discardableResult
  public func apply(_ manifest: JSONValue, to resource: APIResource = .deployments) throws(Refusal) -> JSONValue {
    let namespace = manifest["metadata"]?["namespace"]?.string
    let name = manifest["metadata"]?["name"]?.string ?? ""
    var wanted = manifest
    wanted.set(
      JSONPointer(tokens: ["metadata", "annotations", RevisionAnnotations.lastApplied]),
      to: .string(String(decoding: manifest.serialized(), as: UTF8.self) + "\n"))
    guard let live = server.object(resource, namespace, name) else {
      return try server.create(resource, namespace, wanted, user: user)
    }
    let last = live["metadata"]?["annotations"]?[RevisionAnnotations.lastApplied]?.string
    let applied = last.flatMap { try? JSONValue(parsing: $0) }
    return try server.update(resource, namespace, ThreeWayMerge.merge(live, wanted, last: applied), user: user)
  }

  // MARK: rollout

  /// `kubectl rollout undo`: the template of an earlier revision, with that ReplicaSet's annotations.
  ///
  /// - Parameter revision: `nil` for the one before the newest.
  /// - Returns: `false` if kubectl would refuse: paused, no such revision, or the template is the same already.
  @discardableResult
  public func undo(_ namespace: String, _ name: String, to revision: Int64? = nil) throws(Refusal) -> Bool {
    guard let deployment = server.object(.deployments, namespace, name), deployment["spec"]?["paused"]?.bool != true
    else { return false }
    let sets = server.objects(.replicaSets, namespace)
      .filter { OwnerIndex.controller(of: $0) == deployment["metadata"]?["uid"]?.string }
      .map(ReplicaSetObject.init)
      .sorted { ($0.revision ?? 0) < ($1.revision ?? 0) }
    let found = revision.map { number in sets.first { $0.revision == number } } ?? sets.dropLast().last
    guard let found else { return false }
    let template = found.bareTemplate
    guard TemplateHash.fingerprint(template) != TemplateHash.fingerprint(deployment["spec"]?["template"] ?? .null)
    else {
      return false
    }
    let own = deployment["metadata"]?["annotations"]?.texts ?? [:]
    var annotations = own.filter { RevisionAnnotations.notCopied.contains($0.key) }
    for (key, value) in found.annotations where !RevisionAnnotations.notCopied.contains(key) {
      annotations[key] = value
    }
    try server.patch(
      .deployments, namespace, name,
      .json([
        .replace(path: "/spec/template", value: template),
        // kubectl says "replace", which fails where there are none.
        .add(path: "/metadata/annotations", value: JSONValue(annotations)),
      ]), user: user)
    return true
  }

  public func pause(_ namespace: String, _ name: String) throws(Refusal) {
    try merge(namespace, name, ["spec": ["paused": true]])
  }

  public func resume(_ namespace: String, _ name: String) throws(Refusal) {
    try merge(namespace, name, ["spec": ["paused": nil]])
  }

  /// `kubectl rollout restart`.
  ///
  /// - Parameter time: the time of day as it is written down.
  public func restart(_ namespace: String, _ name: String, at time: String) throws(Refusal) {
    let annotations: JSONValue = ["kubectl.kubernetes.io/restartedAt": .string(time)]
    try merge(namespace, name, ["spec": ["template": ["metadata": ["annotations": annotations]]]])
  }

  // MARK: edits

  /// `kubectl set image` for the first container.
  public func setImage(_ namespace: String, _ name: String, to image: String) throws(Refusal) {
    try server.patch(
      .deployments, namespace, name,
      .json([.replace(path: "/spec/template/spec/containers/0/image", value: .string(image))]), user: user)
  }

  /// `kubectl annotate`; `nil` removes.
  public func annotate(
    _ namespace: String, _ name: String, _ key: String, _ value: String?, of resource: APIResource = .deployments
  ) throws(Refusal) {
    let value: JSONValue = value.map { .string($0) } ?? .null
    try server.patch(
      resource, namespace, name, .merge(["metadata": ["annotations": .object([key: value])]]), user: user)
  }

  /// `kubectl scale`.
  public func scale(_ namespace: String, _ name: String, to replicas: Int) throws(Refusal) {
    try server.patch(
      .deployments, namespace, name, .merge(["spec": ["replicas": JSONValue(replicas)]]), subresource: "scale",
      user: user)
  }

  /// `kubectl edit`: whatever the closure does to what is there.
  @discardableResult
  public func edit(
    _ resource: APIResource, _ namespace: String?, _ name: String, _ change: (inout JSONValue) -> Void
  ) throws(Refusal) -> Bool {
    guard var object = server.object(resource, namespace, name) else { return false }
    change(&object)
    try server.update(resource, namespace, object, user: user)
    return true
  }

  /// `kubectl delete`.
  public func delete(_ resource: APIResource, _ namespace: String?, _ name: String) throws(Refusal) {
    try server.delete(resource, namespace, name, user: user)
  }

  private func merge(_ namespace: String, _ name: String, _ patch: JSONValue) throws(Refusal) {
    try server.patch(.deployments, namespace, name, .merge(patch), user: user)
  }
}
