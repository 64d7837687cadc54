import FoundationEssentials
public import KubernetesClient
import Synchronization

/// Nodes without machines: they register, stay alive, take pods, and report of them what the pods' annotations say.
///
/// The place of kubelets and of the scheduler, nothing else: controllers, Services and rollouts are the control plane's
/// own. See ``PodBehaviour`` for the annotations. Pods end at once when they are deleted. Works from a watch, so that a
/// change shows within milliseconds, and keeps up with some hundred pods a second.
public final class NodeSimulator: Sendable {
  private let client: KubernetesClient
  let version: String
  let nodes: [SimulatedNode]
  private let state: Mutex<SimulatorState>
  private let wakeUp = WakeUp()

  /// - Parameters:
  ///   - client: may do everything.
  ///   - nodeCount: how many nodes there are.
  ///   - podCapacity: the most pods that one node takes.
  ///   - version: the kubelet version that the nodes claim.
  ///   - kubeletPort: where all of them are asked for logs, on this machine.
  public init(
    client: KubernetesClient, nodeCount: Int = 3, podCapacity: Int = 500, version: KubernetesVersion,
    kubeletPort: Int = 10_250
  ) {
    self.client = client
    self.version = "v\(version).0"
    nodes = (1...max(1, nodeCount)).map { number in
      SimulatedNode(
        name: "node-\(number)", address: "127.0.0.1", podCapacity: podCapacity, kubeletPort: kubeletPort)
    }
    state = Mutex(SimulatorState(nodes: nodes))
  }

  /// Makes the Node objects and their first signs of life.
  public func register() async throws(KubernetesError) {
    let now = Date()
    for node in nodes {
      try await renew(node)
      let object = node.object(version: version, at: now)
      do throws(KubernetesError) {
        try await client.create(.nodes, object)
      } catch {
        guard error.code == .alreadyExists else { throw error }
        let patch: JSONValue = ["status": object["status"] ?? [:]]
        try await client.patch(.nodes, name: node.name, subresource: "status", .merge(patch))
      }
    }
  }

  /// Simulates until the task is cancelled. What fails is tried again.
  public func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.stayAlive() }
      group.addTask { await self.client.watchLiveness.run() }
      group.addTask { await self.follow() }
      await act()
    }
  }

  /// What is measured of all pods now.
  func telemetry() -> [PodTelemetry] { state.withLock { $0.telemetry(at: Date()) } }

  // MARK: nodes

  private func stayAlive() async {
    while (try? await Task.sleep(for: SimulatedNode.renewal)) != nil {
      // A failure shows as what it is when it lasts: the node becomes NotReady. Side by side, since each may wait long.
      await withDiscardingTaskGroup { group in
        for node in nodes {
          group.addTask {
            try? await self.renew(node)
            try? await self.reportReady(node)
          }
        }
      }
    }
  }

  private func renew(_ node: SimulatedNode) async throws(KubernetesError) {
    let lease = node.lease(renewedAt: Date())
    try await client.patch(
      .leases, namespace: SimulatedNode.leaseNamespace, name: node.name, .apply(lease, force: true))
  }

  /// The control plane sets a node that it does not hear of to not ready, and leaves it to the kubelet to take that
  /// back.
  private func reportReady(_ node: SimulatedNode) async throws(KubernetesError) {
    let condition = node.readyCondition(at: Date())
    try await client.patch(
      .nodes, name: node.name, subresource: "status", .strategicMerge(["status": ["conditions": [condition]]]))
  }

  // MARK: pods

  private static let bindings = APIResource(group: "", version: "v1", plural: "bindings", kind: "Binding")

  private func follow() async {
    await client.watcher(Pod.self).run { event in
      let now = Date()
      state.withLock { state in
        switch event {
        case .relistStarted: state.relistStarted()
        case .relisted(let pod), .applied(let pod):
          if let pod = pod.object { state.applied(pod, at: now) }
        case .relistDone: state.relistDone(at: now)
        case .deleted(let pod): state.deleted(uid: pod.metadata.uid, at: now)
        case .bookmark, .interrupted: break
        }
      }
      wakeUp.call()
    }
  }

  private func act() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let now = Date()
        while let (uid, pod, action) = state.withLock({ $0.next(at: now) }) {
          group.addTask {
            let error = await self.perform(action, for: pod)
            self.state.withLock { $0.finished(uid, action, error: error, at: Date()) }
            self.wakeUp.call()
          }
        }
        let due = state.withLock { $0.nextDue }
        await wakeUp.wait(atMost: due.map { .seconds(max(0.001, $0.timeIntervalSinceNow)) })
      }
    }
  }

  /// - Returns: the error, if there was one.
  private func perform(_ action: SimulatorState.Action, for pod: Pod) async -> KubernetesError? {
    let metadata = pod.metadata
    let namespace = metadata.namespace
    do throws(KubernetesError) {
      switch action {
      case .bind(let node):
        let binding: JSONValue = [
          "apiVersion": "v1", "kind": "Binding",
          "metadata": ["name": .string(metadata.name), "uid": .string(metadata.uid)],
          "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
        ]
        try await client.create(Self.bindings, namespace: namespace, binding)
      case .write(let status):
        // With the UID, so that it never lands on another pod of the same name.
        let patch: JSONValue = ["metadata": ["uid": .string(metadata.uid)], "status": status]
        try await client.patch(
          .pods, namespace: namespace, name: metadata.name, subresource: "status", .strategicMerge(patch))
      case .delete:
        try await client.delete(
          .pods, namespace: namespace, name: metadata.name, preconditions: Preconditions(uid: metadata.uid),
          gracePeriodSeconds: 0)
      }
      return nil
    } catch {
      return error
    }
  }
}
