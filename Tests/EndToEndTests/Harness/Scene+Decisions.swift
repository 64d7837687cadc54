import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

extension Scene {
  /// Waits until a person is asked about an event of a Deployment, and returns it.
  func question(about target: String = "web") async throws -> EventObject {
    try await eventually("a person is asked about \(target)") {
      try await events(of: target).last { event in
        event.status.conditions?["Approved"]?.status == .unknown && event.status.outcome == nil
      }
    }
  }

  /// Waits until an event of a Deployment is held for this reason, and returns it.
  @discardableResult
  func held(_ reason: String, of target: String = "web") async throws -> EventObject {
    var found: EventObject?
    // Two events may be made within one second, and then nothing says which of them is the later one.
    try await eventually("\(target) is held: \(reason)") {
      let events = try await events(of: target)
      found = events.last { $0.status.outcome == .held && $0.status.conditions?["Succeeded"]?.reason == reason }
      return Progress(found != nil, events.map(Self.summary).joined(separator: "; "))
    }
    return try #require(found)
  }

  /// Decides about an event, as an administrator does with kubectl.
  func decide(_ decision: EventSpec.Approval.Decision, about event: EventObject) async throws {
    let answer = try await world.cluster.kubectl(decision: decision, event: event)
    try #require(answer.succeeded, "\(answer.error)")
  }

  /// Freezes the operators of this scene.
  func freeze(_ data: [String: String] = ["reason": "audit"]) async throws {
    try await client.create(
      .configMaps, namespace: namespace,
      [
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "rollback-operator-freeze"],
        "data": JSONValue(data),
      ])
  }

  func endFreeze() async throws {
    _ = try await client.delete(.configMaps, namespace: namespace, name: "rollback-operator-freeze")
  }

  /// Puts the annotation that holds automatic rollbacks on an object, or takes it away.
  func hold(_ kind: String, _ name: String = "web", reason: String?) async throws {
    let mark = "rollback-operator.io/hold"
    _ = try await world.kubectl([
      "annotate", kind, name, "-n", namespace, "--overwrite", reason.map { "\(mark)=\($0)" } ?? "\(mark)-",
    ])
  }
}

extension LocalCluster {
  /// Patches a decision into an event.
  ///
  /// - Parameters:
  ///   - user: who is impersonated; `nil` for an administrator.
  ///   - arguments: further ones.
  func kubectl(
    decision: EventSpec.Approval.Decision, event: EventObject, by: String = "ann", as user: String? = nil,
    _ arguments: [String] = []
  ) async throws -> Tool {
    let patch = #"{"spec":{"approval":{"decision":"\#(decision.rawValue)","by":"\#(by)","reason":"looked at it"}}}"#
    var words = [
      "patch", "rollbackevent", event.metadata.name, "-n", event.metadata.namespace ?? "", "--type=merge", "-p", patch,
    ]
    if let user { words += ["--as", user] }
    return try await Tool.run(
      binaries.path("kubectl"), ["--kubeconfig", kubeconfig, "--request-timeout=30s"] + words + arguments)
  }
}
