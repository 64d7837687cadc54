public import KubernetesClient
import Synchronization

/// Puts the manifest of a repository back, again and again.
public final class GitOpsReconciler: Sendable {
  /// How it writes, which decides what it puts back.
  public enum Mode: Sendable, Equatable {
    /// As Flux: server-side apply with force, at every interval.
    case serverSideApply
    /// As Argo CD with self-heal: as `kubectl apply`, when what is there differs.
    case clientSideApply
  }

  private struct State {
    var manifest: JSONValue
    var run = 0
  }

  private let server: SimulatedAPIServer
  private let clock: ModelClock
  private let mode: Mode
  private let interval: Duration
  private let resource: APIResource
  private let state: Mutex<State>
  /// The field manager, and who the API server takes it for.
  public let manager: String

  /// - Parameter manifest: without status and resource version, as it would be in a repository.
  public init(
    server: SimulatedAPIServer, schedule: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Void,
    manifest: JSONValue, of resource: APIResource = .deployments, every interval: Duration = .seconds(5),
    mode: Mode = .serverSideApply, manager: String = "kustomize-controller"
  ) {
    self.server = server
    clock = ModelClock(now: server.now, schedule: schedule, random: { $0.lowerBound })
    self.resource = resource
    self.mode = mode
    self.interval = interval
    self.manager = manager
    state = Mutex(State(manifest: manifest))
  }

  /// What the repository says; setting it is a commit.
  public var manifest: JSONValue {
    get { state.withLock { $0.manifest } }
    set { state.withLock { $0.manifest = newValue } }
  }

  /// Applies at once, and goes on until it is stopped.
  public func start() {
    step(
      state.withLock { state in
        state.run += 1
        return state.run
      })
  }

  public func stop() { state.withLock { $0.run += 1 } }

  private func step(_ number: Int) {
    guard state.withLock({ $0.run }) == number else { return }
    reconcile()
    clock.schedule(interval) { self.step(number) }
  }

  /// One round. A refusal is tried again in the next.
  public func reconcile() {
    let manifest = manifest
    switch mode {
    case .serverSideApply: applyOnServer(manifest)
    case .clientSideApply: _ = try? Person(server, user: manager).apply(manifest, to: resource)
    }
  }

  private func applyOnServer(_ manifest: JSONValue) {
    let path = resource.path(
      namespace: manifest["metadata"]?["namespace"]?.string, name: manifest["metadata"]?["name"]?.string ?? "")
    _ = server.respond(
      to: TransportRequest(
        method: "PATCH", path: "\(path)?fieldManager=\(percentEncoded(manager))&force=true",
        headers: [("Content-Type", "application/apply-patch+yaml"), ("Accept", "application/json")],
        body: manifest.serialized()),
      user: "system:serviceaccount:gitops:\(manager)")
  }
}
