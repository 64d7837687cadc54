import FoundationEssentials
import KubernetesClient
import Synchronization

@testable import ControllerRuntime

/// One lease in memory, with the API server's optimistic locking, and a connection that can be broken.
final class FakeLeaseServer: Sendable {
  enum Mode: Sendable {
    case works
    case fails
    /// Never answers.
    case hangs
    /// Does what was asked and loses the answer.
    case losesAnswers
  }

  private struct State {
    var object: JSONValue?
    var version = 0
    var writes: [JSONValue] = []
    var reads = 0
    var isNamespaceMissing = false
  }

  private let state = Mutex(State())

  var spec: JSONValue? { state.withLock { $0.object?["spec"] } }
  var holder: String? { spec?["holderIdentity"]?.string }
  var writes: [JSONValue] { state.withLock { $0.writes } }
  var reads: Int { state.withLock { $0.reads } }

  func setNamespaceMissing() { state.withLock { $0.isNamespaceMissing = true } }

  /// Changes the lease as somebody else would.
  func edit(_ change: @Sendable (inout JSONValue) -> Void) {
    state.withLock { state in
      var object = state.object ?? ["metadata": ["name": "operator"], "spec": [:]]
      change(&object)
      state.object = Self.versioned(object, &state.version)
    }
  }

  func delete() { state.withLock { $0.object = nil } }

  fileprivate func read() throws(KubernetesError) -> JSONValue {
    let object = state.withLock { state in
      state.reads += 1
      return state.object
    }
    guard let object else { throw KubernetesError(.notFound, request: "GET lease", reason: "not found") }
    return object
  }

  fileprivate func write(_ new: JSONValue, isCreate: Bool) throws(KubernetesError) -> JSONValue {
    let result: Result<JSONValue, KubernetesError> = state.withLock { state in
      if state.isNamespaceMissing { return .failure(.init(.notFound, request: "POST lease", reason: "no namespace")) }
      switch (state.object, isCreate) {
      case (.some, true): return .failure(KubernetesError(.alreadyExists, request: "POST lease", reason: "exists"))
      case (nil, false): return .failure(KubernetesError(.notFound, request: "PUT lease", reason: "not found"))
      case (let old?, false) where old["metadata"]?["resourceVersion"] != new["metadata"]?["resourceVersion"]:
        return .failure(KubernetesError(.conflict, request: "PUT lease", reason: "changed"))
      default: break
      }
      let object = Self.versioned(new, &state.version)
      state.object = object
      state.writes.append(object)
      return .success(object)
    }
    return try result.get()
  }

  private static func versioned(_ object: JSONValue, _ version: inout Int) -> JSONValue {
    version += 1
    var object = object
    var metadata = object["metadata"] ?? .object([:])
    metadata["resourceVersion"] = .string("\(version)")
    object["metadata"] = metadata
    return object
  }
}

/// One replica's way to the lease.
final class FakeLeaseLock: LeaseLock {
  let name = NamespacedName(namespace: "rollback-operator-system", name: "operator")
  private let server: FakeLeaseServer
  private let clock: any RuntimeClock
  let mode: Shared<FakeLeaseServer.Mode> = Shared(.works)

  init(_ server: FakeLeaseServer, clock: any RuntimeClock) {
    self.server = server
    self.clock = clock
  }

  func read() async throws(KubernetesError) -> LeaseSnapshot {
    try await answer { () throws(KubernetesError) in try server.read() }
  }

  func create(_ object: JSONValue) async throws(KubernetesError) -> LeaseSnapshot {
    try await answer { () throws(KubernetesError) in try server.write(object, isCreate: true) }
  }

  func update(_ object: JSONValue) async throws(KubernetesError) -> LeaseSnapshot {
    try await answer { () throws(KubernetesError) in try server.write(object, isCreate: false) }
  }

  private func answer(_ act: () throws(KubernetesError) -> JSONValue) async throws(KubernetesError) -> LeaseSnapshot {
    switch mode.now {
    case .works: return LeaseSnapshot(object: try act())
    case .fails: break
    case .losesAnswers: _ = try act()
    case .hangs:
      do throws(CancellationError) {
        try await clock.sleep(for: .seconds(86_400))
      } catch {
        throw KubernetesError(.cancelled, request: "lease", reason: "cancelled")
      }
    }
    throw KubernetesError(.transport, request: "lease", reason: "no answer", isOutcomeUnknown: true)
  }
}
