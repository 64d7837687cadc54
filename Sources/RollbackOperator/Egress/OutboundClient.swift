public import KubernetesClient
public import ServiceLifecycle
import Synchronization

/// The one door through which every request goes that is not for the API server.
///
/// - Whom a request may reach is judged by name before it is resolved, and by address after; the connection then goes
///   to exactly the address that was judged (``EgressPolicy``).
/// - Redirects are not followed, nothing is decompressed, no proxy of the environment is used, no cookie is kept.
/// - Time, size, connections and requests at once are bounded, for each host and for all together; sources of
///   administrators and URLs of policies have bounds of their own.
/// - What a server answers, and what of a URL may be secret, is in no error.
///
/// It is a `Service`: ``run()`` keeps the API server's addresses fresh and closes all connections at the end. Without
/// ``run()``, ``shutdown()`` must be called before the last reference goes.
public final class OutboundClient: OutboundTransport, Service, CustomStringConvertible {
  /// The longest that one request may take, from waiting for its turn to the last byte.
  public static let longestTimeout = Duration.seconds(10)

  /// Requests at once.
  static let limits = RequestSlots.Limits(total: 64, perHost: 8)

  /// What one kind of origins shares; policies cannot fill the places of administrators.
  private struct Lane: Sendable {
    var gate = RequestGate(limits: OutboundClient.limits)
    var resolver: any HostResolver
  }

  private struct State {
    var policy: EgressPolicy
    /// The addresses of the API server's names.
    var resolved: [String: [IPAddress]] = [:]
  }

  private let administrators: Lane
  private let policies: Lane
  private let owned: [SystemHostResolver]
  private let state: Mutex<State>
  private let apiServer: APIServerNames
  private let services: (any ServiceDirectory)?
  private let exchange = OutboundExchange(connectionsPerHost: OutboundClient.limits.perHost)
  private let clock: any RuntimeClock

  public var description: String { "OutboundClient" }

  /// - Parameters:
  ///   - allow: patterns of `egress.allow`.
  ///   - apiServer: by what names and addresses the API server is known.
  ///   - services: who knows the addresses of Services; `nil`: a policy's URL cannot name one of its namespace.
  ///   - resolver: `nil`: the machine's own.
  public init(
    allow: [EgressPattern], apiServer: APIServerNames, services: (any ServiceDirectory)? = nil,
    resolver: (any HostResolver)? = nil, clock: any RuntimeClock
  ) {
    owned = resolver == nil ? [SystemHostResolver(), SystemHostResolver()] : []
    administrators = Lane(resolver: resolver ?? owned[0])
    policies = Lane(resolver: resolver ?? owned[1])
    state = Mutex(State(policy: EgressPolicy(allow: allow, rules: apiServer.rules(resolved: []))))
    self.apiServer = apiServer
    self.services = services
    self.clock = clock
  }

  /// The rules as they are now, for who wants to know before there is a request to send.
  public var policy: EgressPolicy { state.withLock { $0.policy } }

  public func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
    let failures = OutboundFailures(url: request.url, hasClientCertificate: request.tls?.certificate != nil)
    if let problem = OutboundHeaders.problem(with: request.headers) { throw failures.invalid(problem) }
    if let name = request.tls?.serverName, !Self.isName(name) {
      throw failures.invalid("names a TLS server name that is no DNS name")
    }
    let admission: EgressPolicy.Admission
    do {
      admission = try policy.permit(request.url, for: request.origin)
    } catch {
      throw failures.refused(error)
    }
    let timeout = min(request.timeout, Self.longestTimeout)
    let progress = OutboundProgress()
    return try await within(timeout, failures, progress) { [self] () async throws(OutboundError) in
      let lane = admission == .administrator ? administrators : policies
      let host = request.url.host.description
      do {
        try await lane.gate.enter(host)
      } catch {
        throw failures.cancelled
      }
      defer { lane.gate.leave(host) }
      progress.enter(.resolving)
      let addresses = try await addresses(for: request, admission, lane, failures)
      do throws(EgressRefusal) {
        try policy.permit(addresses, of: request.url, as: admission)
      } catch {
        throw failures.refused(error)
      }
      progress.enter(.asking)
      return try await exchange.run(request, with: addresses, failures)
    }
  }

  // MARK: Service

  /// Looks up the API server's names every minute, so that its addresses stay out of reach when they change; closes all
  /// connections at the end.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.refreshAPIServer()
        try? await self.clock.sleep(for: .seconds(60))
      }
    }
    await shutdown()
  }

  /// Closes all connections; requests that are under way fail with ``OutboundError/Code/cancelled``.
  public func shutdown() async {
    await exchange.connections.shutdown()
    for resolver in owned { resolver.shutdown() }
  }

  func refreshAPIServer() async {
    for name in apiServer.resolvable {
      // Without an answer the last one stands.
      guard let addresses = try? await administrators.resolver.addresses(of: name) else { continue }
      state.withLock { state in
        state.resolved[name] = addresses
        state.policy = EgressPolicy(
          allow: state.policy.allow, rules: apiServer.rules(resolved: state.resolved.values.flatMap(\.self)))
      }
    }
  }

  // MARK: one request

  private static func isName(_ text: String) -> Bool {
    guard case .name(text)? = try? OutboundURL("https://\(text)/").host else { return false }
    return true
  }

  private func addresses(
    for request: OutboundRequest, _ admission: EgressPolicy.Admission, _ lane: Lane, _ failures: OutboundFailures
  ) async throws(OutboundError) -> [IPAddress] {
    if case .ownService(_, let addresses) = request.origin {
      guard case .address(let address) = request.url.host else { return addresses }
      return addresses.filter { $0 == address }
    }
    switch (request.url.host, request.origin, admission) {
    case (.address(let address), _, _): return [address]
    case (.name, .policy(let namespace), .ownService(let service)):
      do {
        return try await services?.addresses(of: service, in: namespace) ?? []
      } catch {
        throw failures.unlisted
      }
    case (.name(let name), _, _):
      do throws(HostResolutionError) {
        return try await lane.resolver.addresses(of: name)
      } catch {
        throw failures.unresolved(error)
      }
    }
  }

  /// Runs `operation`, which has to end within `timeout`.
  private func within(
    _ timeout: Duration, _ failures: OutboundFailures, _ progress: OutboundProgress,
    _ operation: @escaping @Sendable () async throws(OutboundError) -> OutboundResponse
  ) async throws(OutboundError) -> OutboundResponse {
    let clock = clock
    let first = await withTaskGroup(of: Result<OutboundResponse, OutboundError>.self) { group in
      group.addTask {
        do throws(OutboundError) {
          return .success(try await operation())
        } catch {
          return .failure(error)
        }
      }
      group.addTask {
        do throws(CancellationError) {
          try await clock.sleep(for: timeout)
          return .failure(failures.timedOut(timeout, in: progress.stage))
        } catch {
          return .failure(failures.cancelled)
        }
      }
      defer { group.cancelAll() }
      return await group.next() ?? .failure(failures.cancelled)
    }
    return try first.get()
  }
}
