public import FoundationEssentials

extension KubernetesClient {
  /// Reads one object.
  public func get<T: KubernetesObject>(
    _ type: T.Type = T.self, namespace: String? = nil, name: String
  ) async throws(KubernetesError) -> T {
    var call = call("GET", T.resource, namespace: namespace, name: name)
    if T.wantsMetadataOnly { call.accept = Accept.partialObject }
    let answer = try await executor.perform(call)
    let object: T
    do {
      object = try T.decode(answer.body)
    } catch {
      throw KubernetesError(decoding: error, request: call.title, changesState: false)
    }
    guard !object.metadata.name.isEmpty else { throw .noObject(call) }
    return object
  }

  /// Reads one object, or one of its subresources, whole.
  public func getValue(
    _ resource: APIResource, namespace: String? = nil, name: String, subresource: String? = nil
  ) async throws(KubernetesError) -> JSONValue {
    try await performObject(call("GET", resource, namespace: namespace, name: name, subresource: subresource))
  }

  /// Whether an object is there; only its metadata is transferred, so that this may be asked of Secrets too.
  public func exists(
    _ resource: APIResource, namespace: String? = nil, name: String
  ) async throws(KubernetesError) -> Bool {
    var call = call("GET", resource, namespace: namespace, name: name)
    call.accept = Accept.partialObject
    do throws(KubernetesError) {
      _ = try await performObject(call)
      return true
    } catch {
      if error.code == .notFound { return false }
      throw error
    }
  }

  /// Reads one page of a list; ``ObjectList/continueToken`` leads to the next.
  ///
  /// A token lives about five minutes; after it the server answers ``KubernetesError/Code/expired``.
  public func listPage<T: KubernetesObject>(
    _ type: T.Type = T.self, namespace: String? = nil, options: ListOptions = .init()
  ) async throws(KubernetesError) -> ObjectList<T> {
    let call = listCall(T.resource, namespace: namespace, options: options, metadataOnly: T.wantsMetadataOnly)
    return try Self.decodePage(try await executor.perform(call), call)
  }

  /// Reads all pages of a list. When the token expires on the way, everything is read again from the start, once.
  public func list<T: KubernetesObject>(
    _ type: T.Type = T.self, namespace: String? = nil, options: ListOptions = .init()
  ) async throws(KubernetesError) -> ObjectList<T> {
    do throws(KubernetesError) {
      return try await allPages(type, namespace: namespace, options: options)
    } catch {
      guard error.isGone else { throw error }
      return try await allPages(type, namespace: namespace, options: options)
    }
  }

  private func allPages<T: KubernetesObject>(
    _ type: T.Type, namespace: String?, options: ListOptions
  ) async throws(KubernetesError) -> ObjectList<T> {
    var options = options
    var whole = try await listPage(type, namespace: namespace, options: options)
    while let token = whole.continueToken, !token.isEmpty {
      options.continueToken = token
      let page = try await listPage(type, namespace: namespace, options: options)
      whole.items += page.items
      whole.continueToken = page.continueToken
    }
    whole.remainingItemCount = nil
    return whole
  }

  /// Reads all pages of a list as JSON trees; for kinds without a type, and small numbers.
  public func listValues(
    _ resource: APIResource, namespace: String? = nil, options: ListOptions = .init()
  ) async throws(KubernetesError) -> [JSONValue] {
    var options = options
    var items: [JSONValue] = []
    while true {
      let call = listCall(resource, namespace: namespace, options: options, metadataOnly: false)
      let page = try await executor.performValue(call)
      guard let new = page["items"], new.isNull || new.array != nil else { throw .noObject(call) }
      items += new.array ?? []
      guard let token = page["metadata"]?["continue"]?.string, !token.isEmpty else { return items }
      options.continueToken = token
    }
  }

  /// Reads a container's log, as far as there is one.
  ///
  /// - Parameters:
  ///   - tailLines: only the last so many lines.
  ///   - previous: the log of the container's previous run.
  ///   - since: only lines from then on, by the node's clock.
  ///   - timestamps: whether each line begins with its time and a blank.
  ///   - limitBytes: the most bytes that are transferred.
  public func log(
    namespace: String, pod: String, container: String? = nil, tailLines: Int? = nil, previous: Bool = false,
    since: LogStart? = nil, timestamps: Bool = false, limitBytes: Int = 1 << 20
  ) async throws(KubernetesError) -> String {
    var query = Query()
    query.add("container", container)
    query.add("tailLines", tailLines.map(String.init))
    query.add("previous", previous ? "true" : nil)
    switch since {
    case .seconds(let seconds): query.add("sinceSeconds", String(seconds))
    case .time(let time): query.add("sinceTime", Timestamp.seconds(time))
    case nil: break
    }
    query.add("timestamps", timestamps ? "true" : nil)
    query.add("limitBytes", String(limitBytes))
    var call = call("GET", .pods, namespace: namespace, name: pod, subresource: "log")
    call.path = query.appended(to: call.path)
    call.accept = "text/plain, application/json;q=0.5, */*;q=0.1"
    return String(decoding: try await executor.perform(call).body, as: UTF8.self)
  }

  /// Reads any path of the API server, for example `/readyz`.
  public func requestRaw(_ path: String) async throws(KubernetesError) -> [UInt8] {
    try await executor.perform(
      APICall(
        method: "GET", path: path, title: "GET \(path)", accept: "application/json, */*;q=0.5",
        timeout: executor.policy.readTimeout)
    ).body
  }
}

/// From where on a log is read.
public enum LogStart: Sendable, Hashable {
  /// So long before now by the node's clock; at least 1.
  case seconds(Int)
  /// The whole second that a moment lies in.
  case time(Date)
}

extension KubernetesClient {
  static func decodePage<T: KubernetesObject>(
    _ answer: TransportResponse, _ call: APICall
  ) throws(KubernetesError) -> ObjectList<T> {
    do {
      return try ObjectList<T>.decode(answer.body)
    } catch {
      throw KubernetesError(decoding: error, request: call.title, changesState: false)
    }
  }

  /// Sends a call that is answered with an object.
  func performObject(_ call: APICall) async throws(KubernetesError) -> JSONValue {
    let value = try await executor.performValue(call)
    guard let name = value["metadata"]?["name"]?.string, !name.isEmpty else { throw .noObject(call) }
    return value
  }

  func listCall(
    _ resource: APIResource, namespace: String?, options: ListOptions, metadataOnly: Bool
  ) -> APICall {
    APICall(
      method: "GET", path: options.query.appended(to: resource.path(namespace: namespace)),
      title: RequestTitle.text("LIST", resource, namespace: namespace),
      accept: metadataOnly ? Accept.partialObjectList : Accept.json, timeout: executor.policy.listTimeout)
  }

  func call(
    _ method: String, _ resource: APIResource, namespace: String?, name: String?, subresource: String? = nil
  ) -> APICall {
    APICall(
      method: method, path: resource.path(namespace: namespace, name: name, subresource: subresource),
      title: RequestTitle.text(method, resource, namespace: namespace, name: name, subresource: subresource),
      timeout: method == "GET" ? executor.policy.readTimeout : executor.policy.writeTimeout)
  }
}

extension KubernetesError {
  /// What came with status 200 is no object, or no list: something in between has answered, and nothing follows from
  /// it, least of all that the object is gone.
  static func noObject(_ call: APICall) -> KubernetesError {
    KubernetesError(
      .decoding, request: call.title, reason: "the answer is not what was asked for",
      isOutcomeUnknown: call.changesState)
  }
}

/// The media types asked for.
enum Accept {
  static let json = "application/json"
  static let partialObject = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
  static let partialObjectList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
}

/// A request in words, the subject of every error's sentence.
enum RequestTitle {
  static func text(
    _ verb: String, _ resource: APIResource, namespace: String?, name: String? = nil, subresource: String? = nil
  ) -> String {
    var text = "\(verb) \(resource.plural)"
    if let name { text += "/\(name)" }
    if let subresource { text += "/\(subresource)" }
    if resource.isNamespaced { text += namespace.map { " in namespace \($0)" } ?? " in all namespaces" }
    return KubernetesError.clean(text)
  }
}
