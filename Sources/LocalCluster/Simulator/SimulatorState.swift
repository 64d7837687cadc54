import FoundationEssentials
import KubernetesClient

/// What the simulated nodes know of all pods, and what is to be done next; decides, and does nothing itself.
struct SimulatorState {
  /// Something to be done for one pod.
  enum Action: Equatable {
    /// Put the pod on a node.
    case bind(node: String)
    /// Write the pod's status.
    case write(JSONValue)
    /// Finish the deletion of the pod.
    case delete
  }

  struct Entry {
    var pod: Pod
    var behaviour: Result<PodBehaviour, InvalidBehaviour>
    var node: String?
    var start: Date?
    var changed: Date?
    var written: JSONValue?
    var isInNewWhole = true
    /// Failures in a row.
    var failures = 0
    /// What it has served so far, if it has been asked for.
    var traffic: PodTraffic?
  }

  let nodes: [SimulatedNode]
  var entries: [String: Entry] = [:]
  private var load: [String: Int] = [:]
  /// When to look at a pod again.
  private var due: [String: Date] = [:]
  private var busy: Set<String> = []
  /// Pods that no node took.
  private var waiting: Set<String> = []
  private let maximumBusy = 32

  init(nodes: [SimulatedNode]) { self.nodes = nodes }

  var podCount: Int { entries.count }

  // MARK: what the watch tells

  mutating func relistStarted() {
    for uid in entries.keys { entries[uid]?.isInNewWhole = false }
  }

  mutating func relistDone(at now: Date) {
    for (uid, entry) in entries where !entry.isInNewWhole { remove(uid, at: now) }
  }

  mutating func applied(_ pod: Pod, at now: Date) {
    let uid = pod.metadata.uid
    let behaviour = Self.behaviour(of: pod)
    guard var entry = entries[uid] else {
      var entry = Entry(pod: pod, behaviour: behaviour)
      if !pod.spec.nodeName.isEmpty {
        guard nodes.contains(where: { $0.name == pod.spec.nodeName }) else { return }
        // Bound by an earlier simulator, or by somebody else.
        entry.node = pod.spec.nodeName
        entry.start = pod.status.condition("PodScheduled")?.lastTransitionTime ?? now
        load[pod.spec.nodeName, default: 0] += 1
      }
      entries[uid] = entry
      due[uid] = now
      return
    }
    if behaviour != entry.behaviour {
      entry.count(until: now)
      entry.behaviour = behaviour
      if entry.start != nil { entry.changed = now }
      due[uid] = now
    }
    if pod.metadata.deletionTimestamp != nil { due[uid] = now }
    if Self.wasMarkedNotReady(pod) {
      entry.written = nil
      due[uid] = now
    }
    entry.pod = pod
    entry.isInNewWhole = true
    if !busy.contains(uid) { adoptBinding(uid, &entry, at: now) }
    entries[uid] = entry
  }

  /// Whether the control plane has set the pod to not ready, as it does with all pods of a node that it does not hear
  /// of; it gives no reason. A kubelet that is heard again puts its own status back.
  private static func wasMarkedNotReady(_ pod: Pod) -> Bool {
    pod.status.condition("Ready").map { $0.status == "False" && $0.reason.isEmpty } ?? false
  }

  /// A binding whose answer was lost was done all the same: binding once more would be refused for ever.
  private mutating func adoptBinding(_ uid: String, _ entry: inout Entry, at now: Date) {
    let name = entry.pod.spec.nodeName
    guard entry.start == nil, nodes.contains(where: { $0.name == name }) else { return }
    if entry.node != name {
      if let other = entry.node { load[other, default: 1] -= 1 }
      load[name, default: 0] += 1
    }
    entry.node = name
    entry.start = now
    due[uid] = now
  }

  mutating func deleted(uid: String, at now: Date) { remove(uid, at: now) }

  private mutating func remove(_ uid: String, at now: Date) {
    due[uid] = nil
    busy.remove(uid)
    waiting.remove(uid)
    guard let node = entries.removeValue(forKey: uid)?.node else { return }
    load[node, default: 1] -= 1
    // There is room again: pods that found none look once more.
    for uid in waiting { due[uid] = now }
  }

  private static func behaviour(of pod: Pod) -> Result<PodBehaviour, InvalidBehaviour> {
    do throws(InvalidBehaviour) {
      return .success(try PodBehaviour(annotations: pod.metadata.annotations))
    } catch {
      return .failure(error)
    }
  }

  // MARK: what is to be done

  /// One thing to do now, with the pod it is for; that pod has no other until ``finished(_:_:error:at:)``.
  mutating func next(at now: Date) -> (uid: String, pod: Pod, action: Action)? {
    guard busy.count < maximumBusy else { return nil }
    for (uid, date) in due where date <= now && !busy.contains(uid) {
      due[uid] = nil
      guard let action = decide(uid, at: now), let pod = entries[uid]?.pod else { continue }
      busy.insert(uid)
      return (uid, pod, action)
    }
    return nil
  }

  /// When the next thing is due; `nil` for when something new is told.
  var nextDue: Date? {
    busy.count < maximumBusy ? due.lazy.filter { !busy.contains($0.key) }.map(\.value).min() : nil
  }

  private mutating func decide(_ uid: String, at now: Date) -> Action? {
    guard var entry = entries[uid] else { return nil }
    defer { entries[uid] = entry }
    waiting.remove(uid)
    if entry.pod.metadata.deletionTimestamp != nil { return .delete }
    if let node = entry.node, let start = entry.start { return run(uid, &entry, on: node, since: start, at: now) }
    switch entry.behaviour {
    case .failure(let error): return wait(uid, &entry, "0/\(nodes.count) nodes are available: \(error)")
    case .success(let behaviour) where behaviour.kind == .pending:
      return wait(uid, &entry, "0/\(nodes.count) nodes are available: \(nodes.count) Insufficient cpu.")
    case .success:
      let free = nodes.filter { load[$0.name, default: 0] < $0.podCapacity }
      guard let node = free.min(by: { load[$0.name, default: 0] < load[$1.name, default: 0] }) else {
        return wait(uid, &entry, "0/\(nodes.count) nodes are available: \(nodes.count) Too many pods.")
      }
      entry.node = node.name
      load[node.name, default: 0] += 1
      return .bind(node: node.name)
    }
  }

  private mutating func wait(_ uid: String, _ entry: inout Entry, _ message: String) -> Action? {
    waiting.insert(uid)
    let since = entry.pod.metadata.creationTimestamp ?? Date(timeIntervalSince1970: 0)
    return write(SimulatedPod.unschedulable(message, since: since), &entry)
  }

  private mutating func run(_ uid: String, _ entry: inout Entry, on name: String, since start: Date, at now: Date)
    -> Action?
  {
    let node = nodes.first { $0.name == name } ?? nodes[0]
    let simulated = SimulatedPod(
      pod: entry.pod, timeline: entry.timeline(since: start), hostAddress: node.address,
      address: SimulatedPod.address(uid: uid))
    let (status, nextChange) = simulated.status(at: now)
    due[uid] = nextChange
    return write(status, &entry)
  }

  private func write(_ status: JSONValue, _ entry: inout Entry) -> Action? {
    if status == entry.written { return nil }
    entry.written = status
    return .write(status)
  }

  // MARK: what came of it

  /// - Parameter error: `nil` if it was done.
  mutating func finished(_ uid: String, _ action: Action, error: KubernetesError?, at now: Date) {
    guard var entry = entries[uid] else { return }
    busy.remove(uid)
    defer { entries[uid] = entry }
    guard let error else {
      entry.failures = 0
      if case .bind = action {
        entry.start = now
        due[uid] = now
      }
      return
    }
    // Gone or replaced by another pod of the same name: the watch will say so.
    if error.code == .notFound { return }
    entry.failures += 1
    due[uid] = now + min(30, 0.05 * Double(1 << min(entry.failures, 10)))
    switch action {
    case .bind(let node):
      entry.node = nil
      load[node, default: 1] -= 1
      adoptBinding(uid, &entry, at: now)
    case .write: entry.written = nil
    case .delete: break
    }
  }
}
