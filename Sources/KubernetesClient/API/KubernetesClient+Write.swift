extension KubernetesClient {
  /// Creates an object and returns it as stored.
  ///
  /// - Throws: ``KubernetesError/Code/alreadyExists`` when the name is taken.
  @discardableResult
  public func create(
    _ resource: APIResource, namespace: String? = nil, _ body: JSONValue, options: WriteOptions = .init()
  ) async throws(KubernetesError) -> JSONValue {
    var call = write("POST", resource, namespace: namespace, name: nil, subresource: nil, options)
    call.title = RequestTitle.text(
      "CREATE", resource, namespace: namespace, name: body["metadata"]?["name"]?.string)
    call.contentType = "application/json"
    call.body = body.serialized()
    return try await performObject(call)
  }

  /// Asks for a review: an object that is answered and not stored, such as `SelfSubjectReview`.
  public func review(_ resource: APIResource, _ body: JSONValue) async throws(KubernetesError) -> JSONValue {
    var call = call("POST", resource, namespace: nil, name: nil)
    call.title = RequestTitle.text("CREATE", resource, namespace: nil)
    call.contentType = "application/json"
    call.body = body.serialized()
    return try await executor.performValue(call)
  }

  /// Replaces an object, or a subresource of it, whole. With `metadata.resourceVersion` in the body it fails with
  /// ``KubernetesError/Code/conflict`` when the object has changed since.
  @discardableResult
  public func replace(
    _ resource: APIResource, namespace: String? = nil, name: String, subresource: String? = nil, _ body: JSONValue,
    options: WriteOptions = .init()
  ) async throws(KubernetesError) -> JSONValue {
    var call = write("PUT", resource, namespace: namespace, name: name, subresource: subresource, options)
    call.contentType = "application/json"
    call.body = body.serialized()
    return try await performObject(call)
  }

  /// Changes an object, or a subresource of it, and returns it as stored.
  @discardableResult
  public func patch(
    _ resource: APIResource, namespace: String? = nil, name: String, subresource: String? = nil, _ patch: Patch,
    options: WriteOptions = .init()
  ) async throws(KubernetesError) -> JSONValue {
    var force: Bool?
    if case .apply(_, force: let wanted) = patch { force = wanted }
    var call = write(
      "PATCH", resource, namespace: namespace, name: name, subresource: subresource, options, force: force)
    call.contentType = patch.contentType
    call.body = patch.body.serialized()
    return try await performObject(call)
  }

  /// Sets the number of replicas through the scale subresource.
  ///
  /// - Parameter resourceVersion: when given, the scale's; a change since then is ``KubernetesError/Code/conflict``.
  @discardableResult
  public func scale(
    _ resource: APIResource, namespace: String, name: String, replicas: Int, resourceVersion: String? = nil,
    options: WriteOptions = .init()
  ) async throws(KubernetesError) -> JSONValue {
    var body: JSONValue = ["spec": ["replicas": JSONValue(replicas)]]
    if let resourceVersion { body["metadata"] = ["resourceVersion": .string(resourceVersion)] }
    return try await patch(
      resource, namespace: namespace, name: name, subresource: "scale", .merge(body), options: options)
  }

  /// Deletes an object.
  ///
  /// - Parameter propagation: what becomes of the objects it owns; the kind's own default when `nil`.
  /// - Returns: the object if it still has to be finalized, otherwise the server's Status.
  @discardableResult
  public func delete(
    _ resource: APIResource, namespace: String? = nil, name: String, preconditions: Preconditions = .init(),
    propagation: PropagationPolicy? = nil, gracePeriodSeconds: Int? = nil, options: WriteOptions = .init()
  ) async throws(KubernetesError) -> JSONValue {
    var body: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
    if preconditions != Preconditions() {
      var wanted: JSONValue = [:]
      if let uid = preconditions.uid { wanted["uid"] = .string(uid) }
      if let version = preconditions.resourceVersion { wanted["resourceVersion"] = .string(version) }
      body["preconditions"] = wanted
    }
    if let propagation { body["propagationPolicy"] = .string(propagation.rawValue) }
    if let gracePeriodSeconds { body["gracePeriodSeconds"] = JSONValue(gracePeriodSeconds) }
    var call = call("DELETE", resource, namespace: namespace, name: name)
    if options.dryRun { body["dryRun"] = ["All"] }
    call.changesState = !options.dryRun
    call.contentType = "application/json"
    call.body = body.serialized()
    return try await executor.performValue(call)
  }

  private func write(
    _ method: String, _ resource: APIResource, namespace: String?, name: String?, subresource: String?,
    _ options: WriteOptions, force: Bool? = nil
  ) -> APICall {
    var call = call(method, resource, namespace: namespace, name: name, subresource: subresource)
    var query = Query()
    query.add("fieldManager", options.fieldManager ?? fieldManager)
    query.add("fieldValidation", options.fieldValidation?.rawValue)
    query.add("dryRun", options.dryRun ? "All" : nil)
    query.add("force", force.map { $0 ? "true" : "false" })
    call.path = query.appended(to: call.path)
    call.changesState = !options.dryRun
    return call
  }
}
