import FoundationEssentials
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite("What simulated nodes decide")
struct SimulatorStateTests {
  let now = Date(timeIntervalSince1970: 1_700_000_000)

  func state(nodes: Int = 1, podCapacity: Int = 10) -> SimulatorState {
    SimulatorState(
      nodes: (1...nodes).map {
        SimulatedNode(name: "node-\($0)", address: "10.0.0.\($0)", podCapacity: podCapacity)
      })
  }

  func pod(_ name: String, node: String = "", annotations: [String: String] = [:], isDeleted: Bool = false) -> Pod {
    let prefixed = Dictionary(uniqueKeysWithValues: annotations.map { (PodBehaviour.prefix + $0.key, $0.value) })
    return Pod(
      metadata: ObjectMeta(
        name: name, namespace: "default", uid: "uid-\(name)", creationTimestamp: now,
        deletionTimestamp: isDeleted ? now : nil, annotations: StringMap(prefixed)),
      spec: Pod.Spec(nodeName: node, containers: [Pod.Container(name: "app", image: "example.com/app:1")]))
  }

  func next(
    _ state: inout SimulatorState, at time: Date
  ) throws -> (uid: String, pod: Pod, action: SimulatorState.Action) {
    let next = state.next(at: time)
    return try #require(next)
  }

  func isIdle(_ state: inout SimulatorState, at time: Date) -> Bool { state.next(at: time) == nil }

  @Test("A binding whose answer was lost is not made again", arguments: [true, false])
  func lostBinding(isToldFirst: Bool) throws {
    var state = state()
    state.applied(pod("a"), at: now)
    let bind = try next(&state, at: now)
    let lost = KubernetesError(.transport, request: "bind", reason: "lost", isOutcomeUnknown: true)
    if isToldFirst { state.applied(pod("a", node: "node-1"), at: now) }
    state.finished(bind.uid, bind.action, error: lost, at: now)
    if !isToldFirst { state.applied(pod("a", node: "node-1"), at: now) }
    guard case .write = try next(&state, at: now).action else {
      Issue.record("a pod that runs on its node was bound again")
      return
    }
  }

  @Test("A new pod is bound, and its status is written once")
  func binding() throws {
    var state = state()
    state.applied(pod("a"), at: now)
    let bind = try next(&state, at: now)
    #expect(bind.action == .bind(node: "node-1"))
    #expect(isIdle(&state, at: now))
    state.finished(bind.uid, bind.action, error: nil, at: now)
    let write = try next(&state, at: now)
    guard case .write(let status) = write.action else { throw Unexpected(action: write.action) }
    #expect(status["phase"] == "Running")
    state.finished(write.uid, write.action, error: nil, at: now)
    #expect(isIdle(&state, at: now + 1_000))
    #expect(state.nextDue == nil)
  }

  @Test("A status that the control plane has set to not ready, because it did not hear of the node, is put back")
  func markedNotReady() throws {
    var state = state()
    let running = pod("a", node: "node-1")
    state.applied(running, at: now)
    let write = try next(&state, at: now)
    state.finished(write.uid, write.action, error: nil, at: now)
    state.applied(running, at: now)
    #expect(isIdle(&state, at: now + 100))
    var marked = running
    marked.status.conditions = [Condition(type: "Ready", status: "False", reason: "ContainersNotReady")]
    state.applied(marked, at: now)
    #expect(isIdle(&state, at: now + 100), "the node itself said so")
    marked.status.conditions = [Condition(type: "Ready", status: "False")]
    state.applied(marked, at: now)
    let again = try next(&state, at: now)
    #expect(again.action == write.action)
  }

  @Test("What holds takes back the reason why it did not, which a patch would leave")
  func reasonIsTakenBack() throws {
    var state = state()
    state.applied(pod("a", node: "node-1"), at: now)
    let write = try next(&state, at: now)
    guard case .write(let status) = write.action else { throw Unexpected(action: write.action) }
    let conditions = status["conditions"]?.array ?? []
    #expect(conditions.count == 4)
    for condition in conditions {
      #expect(condition["status"] == "True" && condition["reason"] == .null && condition["message"] == .null)
    }
  }

  @Test("A pod that no node has room for waits until one has")
  func capacity() throws {
    var state = state(podCapacity: 1)
    state.applied(pod("a", node: "node-1"), at: now)
    _ = state.next(at: now)
    state.applied(pod("b"), at: now)
    let waiting = try next(&state, at: now)
    guard case .write(let status) = waiting.action else { throw Unexpected(action: waiting.action) }
    #expect(status["conditions"]?[0]?["reason"] == "Unschedulable")
    state.finished(waiting.uid, waiting.action, error: nil, at: now)
    #expect(isIdle(&state, at: now + 100))
    state.deleted(uid: "uid-a", at: now)
    let action = try next(&state, at: now).action
    #expect(action == .bind(node: "node-1"))
  }

  @Test("A pod that is being deleted is deleted at once")
  func deletion() throws {
    var state = state()
    state.applied(pod("a", node: "node-1", isDeleted: true), at: now)
    let action = try next(&state, at: now).action
    #expect(action == .delete)
  }

  @Test("A failed write is tried again, later each time")
  func retry() throws {
    var state = state()
    state.applied(pod("a", node: "node-1"), at: now)
    let error = KubernetesError(.unavailable, request: "PATCH pods/a", reason: "down")
    var delays: [Double] = []
    var time = now
    for _ in 0..<3 {
      let write = try next(&state, at: time)
      state.finished(write.uid, write.action, error: error, at: time)
      let due = try #require(state.nextDue)
      delays.append(due.timeIntervalSince(time))
      time = due
    }
    #expect(delays == delays.sorted())
    #expect(Set(delays).count == 3)
  }

  @Test("What a re-list does not show is gone")
  func relist() {
    var state = state()
    for name in ["a", "b"] { state.applied(pod(name, node: "node-1"), at: now) }
    state.relistStarted()
    state.applied(pod("b", node: "node-1"), at: now)
    state.relistDone(at: now)
    #expect(state.podCount == 1)
  }

  @Test("Pods of other nodes are left alone, and unreadable annotations are told")
  func others() throws {
    var state = state()
    state.applied(pod("a", node: "real-node"), at: now)
    #expect(isIdle(&state, at: now))
    state.applied(pod("b", annotations: ["behaviour": "Nonsense"]), at: now)
    guard case .write(let status)? = state.next(at: now)?.action else { throw Unexpected(action: nil) }
    #expect(status["conditions"]?[0]?["message"]?.string?.contains("Nonsense") == true)
  }

  struct Unexpected: Error {
    var action: SimulatorState.Action?
  }
}
