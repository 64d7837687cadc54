public import Logging

/// The operations of the Kubernetes API, over any transport.
///
/// Reads are tried again within the request policy's bounds. Writes are tried again only when they were surely not
/// executed; a write whose answer was lost fails with ``KubernetesError/isOutcomeUnknown``, and the caller reads before
/// it decides. Every error's description is one complete sentence.
///
/// A client has no state of its own but the discovery cache; it may be used from everywhere at once. The transport
/// belongs to whoever made it and is shut down there.
public final class KubernetesClient: Sendable {
  /// The field manager of every write that names no other.
  public let fieldManager: String
  /// What the API server serves, and in which versions.
  public let discovery: Discovery
  /// Notices watch connections whose server no longer answers; somebody must run it, see ``WatchLiveness``.
  public let watchLiveness: WatchLiveness
  /// The API server's wall clock, as this client's answers tell it.
  public let serverClock: ServerClock
  let executor: RequestExecutor
  let streamedLists: StreamedListSupport

  /// - Parameters:
  ///   - userAgent: shown in the API server's audit log.
  ///   - policy: time-outs and retries of this client's requests.
  public convenience init(
    transport: any Transport, clock: any RuntimeClock = SystemClock(), logger: Logger,
    userAgent: String = "rollback-operator", fieldManager: String = "rollback-operator",
    policy: RequestPolicy = .standard
  ) {
    let serverClock = ServerClock(clock)
    let executor = RequestExecutor(
      transport: DatedTransport(transport: transport, clock: serverClock), clock: clock, logger: logger,
      userAgent: userAgent, policy: policy)
    self.init(
      executor: executor, fieldManager: fieldManager, discovery: Discovery(executor: executor),
      watchLiveness: WatchLiveness(executor: executor), streamedLists: StreamedListSupport(), serverClock: serverClock)
  }

  private init(
    executor: RequestExecutor, fieldManager: String, discovery: Discovery, watchLiveness: WatchLiveness,
    streamedLists: StreamedListSupport, serverClock: ServerClock
  ) {
    self.executor = executor
    self.fieldManager = fieldManager
    self.discovery = discovery
    self.watchLiveness = watchLiveness
    self.streamedLists = streamedLists
    self.serverClock = serverClock
  }

  /// This client acting as another user: what that user may not do fails with ``KubernetesError/Code/forbidden``.
  ///
  /// - Parameter user: for a service account `system:serviceaccount:NAMESPACE:NAME`, whose groups the server adds
  ///   itself.
  public func impersonating(user: String, groups: [String] = []) -> KubernetesClient {
    var executor = executor
    executor.extraHeaders = [.init(name: "Impersonate-User", value: user)]
    executor.extraHeaders += groups.map { .init(name: "Impersonate-Group", value: $0) }
    return KubernetesClient(
      executor: executor, fieldManager: fieldManager, discovery: discovery, watchLiveness: watchLiveness,
      streamedLists: streamedLists, serverClock: serverClock)
  }

  /// This client for as long as it may write: `mayWrite` is asked immediately before each write is sent, and a write
  /// that may not be sent fails with ``KubernetesError/Code/cancelled``. Reads and dry runs are not asked about.
  public func writing(while mayWrite: @escaping @Sendable () -> Bool) -> KubernetesClient {
    var executor = executor
    executor.mayWrite = mayWrite
    return KubernetesClient(
      executor: executor, fieldManager: fieldManager, discovery: discovery, watchLiveness: watchLiveness,
      streamedLists: streamedLists, serverClock: serverClock)
  }

  /// A watch of all objects of one kind that match; see ``Watcher``.
  public func watcher<T: KubernetesObject>(
    _ type: T.Type = T.self, namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
    options: WatchOptions = .init()
  ) -> Watcher<T> {
    Watcher(
      client: self,
      scope: WatchScope(
        resource: T.resource, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector),
      options: options)
  }
}
