import FoundationEssentials
import KubernetesClient
import Synchronization

/// The place of scheduler and kubelets: gives pods a node, reports what becomes of them, and ends those that are
/// deleted.
final class Kubelets: Sendable {
  static let scheduler = "system:kube-scheduler"
  static let user = "system:node:node-1"

  private let server: SimulatedAPIServer
  private let clock: ModelClock
  private let pace: @Sendable () -> Pace
  private let state = Mutex(KubeletState())
  private let pending = Mutex<Set<ObjectKey>>([])

  init(server: SimulatedAPIServer, clock: ModelClock, pace: @escaping @Sendable () -> Pace) {
    self.server = server
    self.clock = clock
    self.pace = pace
  }

  func take(_ change: Change) {
    let key = ObjectKey(namespace: change.namespace ?? "", name: change.name)
    if change.verb == .deleted {
      state.withLock { $0.removed(key) }
      return
    }
    let now = clock.now()
    switch state.withLock({ $0.applied(key, change.new, at: now) }) {
    case .none: break
    case .look: enqueue(key)
    case .end: clock.schedule(clock.duration(in: pace().termination)) { self.end(key) }
    }
  }

  private func enqueue(_ key: ObjectKey, after wait: Duration = .zero) {
    guard let hasNode = state.withLock({ $0.hasNode(key) }) else { return }
    guard pending.withLock({ $0.insert(key).inserted }) else { return }
    let pace = pace()
    clock.schedule(wait + clock.duration(in: hasNode ? pace.kubelet : pace.scheduler)) {
      self.pending.withLock { _ = $0.remove(key) }
      self.look(at: key)
    }
  }

  private func look(at key: ObjectKey) {
    let now = clock.now()
    let (action, next) = state.withLock { $0.look(at: key, now: now) }
    if let next {
      // Rounded up, so that what is due has come when it is looked for.
      enqueue(key, after: .milliseconds(Int64(max(0, next.timeIntervalSince(now) * 1_000).rounded(.up)) + 1))
    }
    guard let action else { return }
    do throws(Refusal) {
      try perform(action, key)
    } catch {
      // Gone meanwhile.
      if error.status.code == 404 { return }
      state.withLock { $0.failed(key) }
      clock.schedule(.seconds(1)) { self.enqueue(key) }
    }
  }

  private func perform(_ action: KubeletState.Action, _ key: ObjectKey) throws(Refusal) {
    switch action {
    case .bind(let node):
      try server.patch(
        .pods, key.namespace, key.name, .merge(["spec": ["nodeName": .string(node)]]), user: Self.scheduler)
    case .write(let status):
      try server.patch(
        .pods, key.namespace, key.name, .merge(["status": status]), subresource: "status", user: Self.user)
    }
  }

  /// The containers have ended: the pod goes for good.
  private func end(_ key: ObjectKey) {
    guard state.withLock({ $0.isEnding(key) }) else { return }
    do throws(Refusal) {
      try server.delete(.pods, key.namespace, key.name, gracePeriodSeconds: 0, user: Self.user)
    } catch {
      if error.status.code != 404 { clock.schedule(.seconds(1)) { self.end(key) } }
    }
  }
}
