import FoundationEssentials
import KubernetesClient
import LocalCluster

/// What the scheduler and the kubelets know of the pods; decides, and does nothing itself.
///
/// Pods behave as their annotations say, in the same way as on the nodes of ``NodeSimulator``: a test that holds here
/// can be repeated on a real control plane. There are no Node objects.
struct KubeletState {
  enum Action: Equatable {
    case bind(node: String)
    case write(JSONValue)
  }

  private struct Entry {
    var uid: String
    var pod: Pod
    var behaviour: Result<PodBehaviour, InvalidBehaviour>
    var isBeingDeleted: Bool
    var start: Date?
    var changed: Date?
    var written: JSONValue?
  }

  private let nodeCount: Int
  private var entries: [ObjectKey: Entry] = [:]
  private var load: [Int]

  init(nodeCount: Int = 3) {
    self.nodeCount = nodeCount
    load = Array(repeating: 0, count: nodeCount)
  }

  /// What a change of a pod calls for.
  enum News {
    case none
    case look
    case end
  }

  /// Takes a pod in as it is now. Its status is no news.
  mutating func applied(_ key: ObjectKey, _ document: JSONValue, at now: Date) -> News {
    let pod = Self.pod(key, document)
    let behaviour = Self.behaviour(of: pod)
    let isBeingDeleted = document["metadata"]?["deletionTimestamp"] != nil
    guard var entry = entries[key], entry.uid == pod.metadata.uid else {
      removed(key)
      entries[key] = Entry(uid: pod.metadata.uid, pod: pod, behaviour: behaviour, isBeingDeleted: isBeingDeleted)
      count(pod.spec.nodeName, 1)
      return isBeingDeleted ? .end : .look
    }
    let isChanged = entry.pod.spec != pod.spec || entry.behaviour != behaviour
    let isEnding = isBeingDeleted && !entry.isBeingDeleted
    if entry.behaviour != behaviour, entry.start != nil { entry.changed = now }
    if entry.pod.spec.nodeName != pod.spec.nodeName {
      count(entry.pod.spec.nodeName, -1)
      count(pod.spec.nodeName, 1)
    }
    entry.pod = pod
    entry.behaviour = behaviour
    entry.isBeingDeleted = isBeingDeleted
    entries[key] = entry
    return isEnding ? .end : isChanged ? .look : .none
  }

  mutating func removed(_ key: ObjectKey) {
    guard let entry = entries.removeValue(forKey: key) else { return }
    count(entry.pod.spec.nodeName, -1)
  }

  /// Whether a pod has a node; `nil` for one that is gone or on its way out.
  func hasNode(_ key: ObjectKey) -> Bool? {
    entries[key].flatMap { $0.isBeingDeleted ? nil : !$0.pod.spec.nodeName.isEmpty }
  }

  /// Whether a pod is on its way out.
  func isEnding(_ key: ObjectKey) -> Bool { entries[key]?.isBeingDeleted ?? false }

  /// What to do for a pod now, and when to look again although nothing changes.
  mutating func look(at key: ObjectKey, now: Date) -> (action: Action?, next: Date?) {
    guard var entry = entries[key], !entry.isBeingDeleted else { return (nil, nil) }
    defer { entries[key] = entry }
    if entry.pod.spec.nodeName.isEmpty {
      switch entry.behaviour {
      case .failure(let error): return (wait(&entry, "\(error)", now), nil)
      case .success(let behaviour) where behaviour.kind == .pending:
        return (wait(&entry, "\(nodeCount) Insufficient cpu.", now), nil)
      case .success: return (.bind(node: freestNode), nil)
      }
    }
    let start = entry.start ?? now
    entry.start = start
    // An annotation that became unreadable on a running pod changes nothing.
    let behaviour = (try? entry.behaviour.get()) ?? PodBehaviour()
    let simulated = SimulatedPod(
      pod: entry.pod, timeline: ContainerTimeline(behaviour: behaviour, start: start, changed: entry.changed),
      hostAddress: "10.0.0.1", address: SimulatedPod.address(uid: entry.uid))
    let (status, next) = simulated.status(at: now)
    return (write(status, &entry), next)
  }

  private func wait(_ entry: inout Entry, _ why: String, _ now: Date) -> Action? {
    let since = entry.pod.metadata.creationTimestamp ?? now
    return write(
      SimulatedPod.unschedulable("0/\(nodeCount) nodes are available: \(why)", since: since), &entry)
  }

  private func write(_ status: JSONValue, _ entry: inout Entry) -> Action? {
    if status == entry.written { return nil }
    entry.written = status
    return .write(status)
  }

  /// A status that could not be written is written at the next look.
  mutating func failed(_ key: ObjectKey) { entries[key]?.written = nil }

  // MARK: nodes

  private var freestNode: String {
    let least = load.min() ?? 0
    return Self.nodePrefix + String((load.firstIndex(of: least) ?? 0) + 1)
  }

  private static let nodePrefix = "node-"

  private mutating func count(_ node: String, _ change: Int) {
    guard let number = Int(node.dropFirst(Self.nodePrefix.count)), load.indices.contains(number - 1) else { return }
    load[number - 1] += change
  }

  // MARK: pods

  private static func behaviour(of pod: Pod) -> Result<PodBehaviour, InvalidBehaviour> {
    do throws(InvalidBehaviour) {
      return .success(try PodBehaviour(annotations: pod.metadata.annotations))
    } catch {
      return .failure(error)
    }
  }

  private static func pod(_ key: ObjectKey, _ document: JSONValue) -> Pod {
    let metadata = document["metadata"]
    let spec = document["spec"]
    func containers(_ member: String) -> [Pod.Container] {
      (spec?[member]?.array ?? []).map {
        Pod.Container(name: $0["name"]?.string ?? "", image: $0["image"]?.string ?? "")
      }
    }
    return Pod(
      metadata: ObjectMeta(
        name: key.name, namespace: key.namespace, uid: metadata?["uid"]?.string ?? "",
        creationTimestamp: metadata?["creationTimestamp"]?.string.flatMap(Timestamp.date),
        annotations: StringMap(metadata?["annotations"]?.texts ?? [:])),
      spec: Pod.Spec(
        nodeName: spec?["nodeName"]?.string ?? "", initContainers: containers("initContainers"),
        containers: containers("containers")))
  }
}
