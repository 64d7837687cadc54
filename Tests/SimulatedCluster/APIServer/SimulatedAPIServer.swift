public import FoundationEssentials
public import KubernetesClient
import Synchronization

/// A Kubernetes API server in memory: resource versions, lists in pages, watches, all patches, status and scale
/// subresources, finalizers, garbage collection, and refusals as `Status`, without threads, sockets and clocks of its
/// own.
///
/// Objects are kept with their older states, so that a read can be answered from any of them, as a stale cache would.
/// ``compact(before:)`` lets them go. Everything may be called from everywhere; nothing is called back with the lock
/// held.
///
/// What the real server does by and by is done at once after the write that calls for it: owners' dependents are
/// collected, and namespaces that are being deleted are emptied. ``setCollectsGarbage(_:)`` puts that into the caller's
/// hands.
public final class SimulatedAPIServer: Sendable {
  /// Wall time, as it was handed in.
  public let now: @Sendable () -> Date
  private let state: Mutex<ClusterState>
  private let notices = Mutex(Notices())
  private let collectsGarbage = Mutex(true)
  private let telemetry = Mutex<PodTelemetryAPI?>(nil)

  private struct Notices {
    var waiting: [ClusterState.Notice] = []
    var isTelling = false
    var observers: [@Sendable (Change) -> Void] = []
  }

  /// - Parameters:
  ///   - now: wall time, for creation timestamps.
  ///   - number: a deterministic random number, for UIDs and generated names.
  public init(now: @escaping @Sendable () -> Date, number: @escaping @Sendable () -> UInt64) {
    self.now = now
    state = Mutex(ClusterState(now: now, number: number))
    state.withLock { $0.untold = [] }
  }

  /// Serves the kinds of a CustomResourceDefinition, with the defaults, the pruning and the rules of its schema.
  public func install(crd: JSONValue) {
    perform { state in
      for kind in CustomKind.kinds(of: crd) { state.serve(kind) }
    }
  }

  // MARK: HTTP

  /// Answers everything but watches.
  ///
  /// - Parameter asOf: the resource version whose state a GET or a LIST is answered from, as by a stale cache.
  public func respond(to request: TransportRequest, user: String, asOf: UInt64? = nil) -> TransportResponse {
    if let answer = respondForOthers(to: request, user: user) { return answer }
    let result = perform { state -> Result<TransportResponse, Refusal> in
      do throws(Refusal) {
        return .success(try state.respond(to: request, user: user, asOf: asOf))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let response): return response
    case .failure(let refusal): return refusal.response
    }
  }

  /// What metrics-server and the kubelets answer, to whom may ask them.
  private func respondForOthers(to request: TransportRequest, user: String) -> TransportResponse? {
    guard let answer = telemetry.withLock({ $0 })?.respond(to: request) else { return nil }
    let isLog = request.path.hasPrefix("/api/")
    let resource = isLog ? APIResource.pods : .podMetrics
    let isAllowed = state.withLock { $0.isAllowed }
    guard isAllowed?(user, isLog ? "get" : "list", resource, isLog ? "log" : nil, nil, nil) ?? true else {
      return Refusal(403, "Forbidden", "User \"\(user)\" cannot read \(resource.plural)").response
    }
    return answer
  }

  /// Opens a watch: `GET …?watch=true`.
  ///
  /// - Parameter asOf: the resource version of the list that it begins with, as of a cache that is behind; the changes
  ///   since then follow at once.
  public func openWatch(
    _ request: TransportRequest, user: String, asOf: UInt64? = nil
  ) -> Result<SimulatedWatch, WatchRefused> {
    perform { state in
      do throws(Refusal) {
        return .success(try state.openWatch(request, user: user, server: self, asOf: asOf))
      } catch {
        return .failure(WatchRefused(response: error.response))
      }
    }
  }

  /// The resource versions, oldest first, at which the answer to a list became another; empty for what is no list.
  public func versions(listedBy request: TransportRequest) -> [UInt64] {
    state.withLock { (try? $0.versions(listedBy: request)) ?? [] }
  }

  // MARK: Direct

  /// One object as it is now.
  public func object(_ resource: APIResource, _ namespace: String?, _ name: String) -> JSONValue? {
    state.withLock { state in
      guard let kind = try? state.kind(of: resource) else { return nil }
      return state.tables[kind].object(ObjectTable.key(namespace, name))?.value
    }
  }

  /// All objects of a kind, or those of one namespace, by namespace and name.
  public func objects(_ resource: APIResource, _ namespace: String? = nil) -> [JSONValue] {
    state.withLock { state in
      guard let kind = try? state.kind(of: resource) else { return [] }
      let table = state.tables[kind]
      return table.keys(namespace: namespace, after: nil, everKnown: false).compactMap { table.object($0)?.value }
    }
  }

  /// Creates an object and returns it as stored.
  @discardableResult
  public func create(
    _ resource: APIResource, _ namespace: String?, _ object: JSONValue, user: String
  ) throws(Refusal) -> JSONValue {
    try change(resource, user, nil) { state, kind, write throws(Refusal) in
      try state.create(kind, namespace, object, write).value
    }
  }

  /// Replaces an object, or its status; its name is the body's.
  @discardableResult
  public func update(
    _ resource: APIResource, _ namespace: String?, _ object: JSONValue, subresource: String? = nil, user: String
  ) throws(Refusal) -> JSONValue {
    try change(resource, user, subresource) { state, kind, write throws(Refusal) in
      try state.update(kind, namespace, object.objectName, object, write).object.value
    }
  }

  /// Changes an object, or its status. Server-side apply is done under `user` as the field manager.
  @discardableResult
  public func patch(
    _ resource: APIResource, _ namespace: String?, _ name: String, _ patch: Patch, subresource: String? = nil,
    user: String
  ) throws(Refusal) -> JSONValue {
    try change(resource, user, subresource) { state, kind, write throws(Refusal) in
      if write.subresource == "scale" {
        let request = PatchRequest(patch)
        let target = ResourceTarget(kind: kind, namespace: namespace, name: name, subresource: "scale")
        return try state.writeScale(target, name, request.body, request.language, write)
      }
      return try state.patch(kind, namespace, name, PatchRequest(patch), write).object.value
    }
  }

  /// Deletes an object; one with finalizers, or a pod on a node, stays for a while.
  ///
  /// - Parameter gracePeriodSeconds: `nil` for the object's own.
  public func delete(
    _ resource: APIResource, _ namespace: String?, _ name: String, propagation: PropagationPolicy? = nil,
    gracePeriodSeconds: Int64? = nil, user: String
  ) throws(Refusal) {
    _ = try change(resource, user, nil) { state, kind, write throws(Refusal) in
      var options = DeletionOptions()
      options.propagation = propagation
      options.gracePeriodSeconds = gracePeriodSeconds
      _ = try state.delete(kind, namespace, name, options, write)
      return .null
    }
  }

  private func change(
    _ resource: APIResource, _ user: String, _ subresource: String?,
    _ body: (inout ClusterState, Int, Write) throws(Refusal) -> JSONValue
  ) throws(Refusal) -> JSONValue {
    let result = perform { state -> Result<JSONValue, Refusal> in
      do throws(Refusal) {
        let kind = try state.kind(of: resource)
        return .success(try body(&state, kind, Write(user: user, subresource: subresource, manager: user)))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

extension SimulatedAPIServer {
  /// The version of the newest change.
  public var resourceVersion: UInt64 { state.withLock { $0.resourceVersion } }

  /// Watches that are open.
  public var watchCount: Int { state.withLock { state in state.tables.reduce(0) { $0 + $1.watches.count } } }

  /// Objects that there are.
  public var objectCount: Int { state.withLock { state in state.tables.reduce(0) { $0 + $1.liveKeys.count } } }

  /// All changes so far, oldest first; they are kept beyond a compaction, until ``forgetChanges()``.
  public var changes: [Change] { state.withLock { $0.journal } }

  /// Lets the journal go, for long runs that need no history.
  public func forgetChanges() { state.withLock { $0.journal = [] } }

  /// Calls `observer` after each change, in order, without the lock held.
  public func observe(_ observer: @escaping @Sendable (Change) -> Void) {
    notices.withLock { $0.observers.append(observer) }
  }

  /// Forgets older states: watches, stale lists and pages that need one get 410.
  public func compact(before version: UInt64) {
    state.withLock { $0.compact(before: version) }
  }

  /// What is refused with 403; `nil` means that everything is allowed.
  public func setAuthorizer(
    _ isAllowed: (
      @Sendable (
        _ user: String, _ verb: String, _ resource: APIResource, _ subresource: String?, _ namespace: String?,
        _ name: String?
      ) -> Bool
    )?
  ) {
    state.withLock { $0.isAllowed = isAllowed }
  }

  /// Who answers for metrics-server and the kubelets; `nil`: nobody.
  public func setTelemetry(_ api: PodTelemetryAPI?) {
    telemetry.withLock { $0 = api }
  }

  /// Ends all watches, as a restart of the server does.
  public func dropWatches() {
    perform { $0.dropWatches() }
  }

  /// Whether garbage is collected at once after each write; if not, only by ``collectGarbage()``.
  public func setCollectsGarbage(_ isOn: Bool) {
    collectsGarbage.withLock { $0 = isOn }
  }

  /// Deletes what has lost its owners, and what is left of namespaces that are being deleted.
  public func collectGarbage() {
    perform { $0.collectGarbage() }
  }

  func bookmark(_ watch: SimulatedWatch) {
    perform { state in
      guard !watch.hasEnded else { return }
      watch.post(
        text: watch.bookmarkLine(
          state.kinds[watch.kind].resource, version: state.resourceVersion, endsInitialEvents: false))
      state.untold.append(.watch(watch))
    }
  }

  func close(_ watch: SimulatedWatch) {
    perform { $0.close(watch) }
  }

  /// Runs `body` under the lock and then tells what it led to.
  private func perform<Value: Sendable>(_ body: (inout ClusterState) -> Value) -> Value {
    let collects = collectsGarbage.withLock { $0 }
    let (value, untold) = state.withLock { state in
      let value = body(&state)
      if collects { state.collectGarbage() }
      let untold = state.untold
      state.untold = []
      return (value, untold)
    }
    if !untold.isEmpty { tell(untold) }
    return value
  }

  /// An observer may write itself: what comes of that is told after what came before, not in between.
  private func tell(_ new: [ClusterState.Notice]) {
    let isFirst = notices.withLock { notices in
      notices.waiting += new
      defer { notices.isTelling = true }
      return !notices.isTelling
    }
    guard isFirst else { return }
    while true {
      let batch = notices.withLock { notices in
        let batch = notices.waiting
        notices.waiting = []
        if batch.isEmpty { notices.isTelling = false }
        return (batch, notices.observers)
      }
      if batch.0.isEmpty { return }
      for notice in batch.0 {
        switch notice {
        case .change(let change): for observer in batch.1 { observer(change) }
        case .watch(let watch): watch.wake()
        }
      }
    }
  }
}

extension ClusterState {
  mutating func compact(before version: UInt64) {
    oldestVersion = max(oldestVersion, min(version, resourceVersion))
    for kind in tables.indices { tables[kind].compact(before: oldestVersion) }
  }
}
