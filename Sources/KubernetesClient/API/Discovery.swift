import Synchronization

/// Which kinds the API server serves, and in which version it prefers them.
///
/// Only what is asked for is looked up: the list of groups, and the one group in question, so that an aggregated API
/// that is down hides nothing but itself. Answers are kept for ten minutes, asked for again when a kind is missing, and
/// used beyond their time when the server cannot be reached.
public final class Discovery: Sendable {
  private let executor: RequestExecutor
  private let cache = Mutex(DiscoveryCache())

  init(executor: RequestExecutor) {
    self.executor = executor
  }

  /// The resource of a kind in the version that the server prefers, or else in the first one that has it.
  ///
  /// - Parameter group: empty for the core group.
  /// - Throws: ``KubernetesError/Code/notFound`` when the server is reached and serves no such kind.
  public func resolve(group: String, kind: String) async throws(KubernetesError) -> APIResource {
    if let known = try await find(group, kind, maximumAge: DiscoveryCache.lifetime) { return known }
    if let fresh = try await find(group, kind, maximumAge: DiscoveryCache.missLifetime) { return fresh }
    throw KubernetesError(
      .notFound, request: "FIND kind \(kind)\(group.isEmpty ? "" : " of API group \(group)")",
      reason: "the API server serves no such kind; is its CustomResourceDefinition installed?")
  }

  /// The version of the API server.
  public func serverVersion() async throws(KubernetesError) -> ServerVersion {
    try await serverVersion(isRetried: true)
  }

  /// - Parameter isRetried: whether a failure may take as long as the request policy allows.
  func serverVersion(isRetried: Bool) async throws(KubernetesError) -> ServerVersion {
    let now = executor.clock.monotonicTime
    if let known = cache.withLock({ $0.version(at: now, maximumAge: DiscoveryCache.lifetime) }) { return known }
    let call = call("/version")
    do throws(KubernetesError) {
      guard let version = ServerVersion(try await executor.performValue(call, isRetried: isRetried)) else {
        throw KubernetesError(.decoding, request: call.title, reason: "the answer has no version numbers")
      }
      cache.withLock { $0.store(version: version, at: now) }
      return version
    } catch {
      if let old = cache.withLock({ $0.version(at: now, maximumAge: .seconds(Int64.max)) }) { return old }
      throw error
    }
  }

  private func find(
    _ group: String, _ kind: String, maximumAge: Duration
  ) async throws(KubernetesError) -> APIResource? {
    let versions = try await versions(of: group, maximumAge: maximumAge)
    var failure: KubernetesError?
    for version in versions {
      do throws(KubernetesError) {
        let served = try await resources(group, version, maximumAge: maximumAge)
        if let found = served.first(where: { $0.kind == kind }) { return found }
      } catch {
        // Another version of the group may be served by somebody else.
        if error.code == .cancelled { throw error }
        failure = failure ?? error
      }
    }
    if let failure, !failure.isNotFound { throw failure }
    return nil
  }

  private func versions(of group: String, maximumAge: Duration) async throws(KubernetesError) -> [String] {
    if group.isEmpty { return ["v1"] }
    return try await groups(maximumAge: maximumAge).first { $0.name == group }?.versions ?? []
  }

  private func groups(maximumAge: Duration) async throws(KubernetesError) -> [DiscoveryCache.Group] {
    let now = executor.clock.monotonicTime
    if let known = cache.withLock({ $0.groups(at: now, maximumAge: maximumAge) }) { return known }
    do throws(KubernetesError) {
      let list = try await executor.performValue(call("/apis"))
      let groups = (list["groups"]?.array ?? []).compactMap { DiscoveryCache.Group($0) }
      cache.withLock { $0.store(groups: groups, at: now) }
      return groups
    } catch {
      if let old = cache.withLock({ $0.groups(at: now, maximumAge: .seconds(Int64.max)) }) { return old }
      throw error
    }
  }

  private func resources(
    _ group: String, _ version: String, maximumAge: Duration
  ) async throws(KubernetesError) -> [APIResource] {
    let now = executor.clock.monotonicTime
    let key = DiscoveryCache.groupVersion(group, version)
    if let known = cache.withLock({ $0.resources(of: key, at: now, maximumAge: maximumAge) }) { return known }
    do throws(KubernetesError) {
      let list = try await executor.performValue(call(group.isEmpty ? "/api/\(version)" : "/apis/\(key)"))
      let served = (list["resources"]?.array ?? []).compactMap { APIResource($0, group: group, version: version) }
      cache.withLock { $0.store(resources: served, of: key, at: now) }
      return served
    } catch {
      guard !error.isNotFound,
        let old = cache.withLock({ $0.resources(of: key, at: now, maximumAge: .seconds(Int64.max)) })
      else { throw error }
      return old
    }
  }

  private func call(_ path: String) -> APICall {
    APICall(method: "GET", path: path, title: "GET \(path)", timeout: executor.policy.readTimeout)
  }
}
