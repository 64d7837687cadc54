import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

extension Scene {
  /// Makes or changes a policy, as a user with kubectl does: strict validation, server-side defaults.
  ///
  /// - Parameters:
  ///   - spec: YAML.
  ///   - waits: whether to wait until an operator has seen it, so that what is rolled out next meets a known policy.
  func policy(_ spec: String = "target: {name: web}", name: String = "web", waits: Bool = true) async throws {
    let indented = spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    let document = """
      apiVersion: rollback-operator.io/v1alpha1
      kind: RollbackPolicy
      metadata: {name: \(name), namespace: \(namespace)}
      spec:
      \(indented.joined(separator: "\n"))
      """
    _ = try await world.kubectl("apply", "--validate=strict", "-f", "-", input: document)
    guard waits else { return }
    try await eventually("policy \(name) was taken up") {
      let policy = try await self.policy(named: name)
      return Progress(
        policy.status.observedGeneration == policy.metadata.generation && policy.status.state != nil,
        "\(policy.status)")
    }
  }

  func policy(named name: String) async throws -> PolicyObject {
    try await client.get(PolicyObject.self, namespace: namespace, name: name)
  }

  /// Waits until a condition of a policy has this status, and returns it.
  @discardableResult
  func policyCondition(
    _ type: String, is status: RollbackCore.Condition.Status, named name: String = "web",
    within limit: Duration = .seconds(90)
  ) async throws -> RollbackCore.Condition {
    try await eventually("policy \(name) has \(type)=\(status.rawValue)", within: limit) {
      try await policy(named: name).status.conditions?[type]
    } where: {
      $0.status == status
    }
  }

  /// The RollbackEvents of the namespace, oldest first.
  func events(of target: String? = nil) async throws -> [EventObject] {
    let all = try await client.list(EventObject.self, namespace: namespace).items.compactMap(\.object)
    let own = all.filter { target == nil || $0.spec.target.name == target }
    return own.sorted { first, second in
      let firstTime = first.metadata.creationTimestamp ?? .distantPast
      let secondTime = second.metadata.creationTimestamp ?? .distantPast
      return firstTime == secondTime ? first.metadata.name < second.metadata.name : firstTime < secondTime
    }
  }

  /// Waits for an event with this outcome, and returns it.
  ///
  /// - Parameter trigger: the name of the trigger; `nil` for any and none.
  @discardableResult
  func event(
    _ outcome: EventStatus.Outcome, of target: String = "web", trigger: String? = nil,
    within limit: Duration = .seconds(120), sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> EventObject {
    var found: EventObject?
    try await eventually("\(target) has an event \(outcome.rawValue)", within: limit, sourceLocation: sourceLocation) {
      let events = try await events(of: target)
      found = events.last { event in
        event.status.outcome == outcome && (trigger == nil || event.spec.trigger?.name == trigger)
      }
      return Progress(found != nil, events.map(Self.summary).joined(separator: "; "))
    }
    return try #require(found)
  }

  static func summary(_ event: EventObject) -> String {
    let timeline = (event.status.timeline ?? []).map(\.what).joined(separator: ", ")
    return "\(event.metadata.name): \(event.status.outcome?.rawValue ?? "running") (\(timeline))"
  }

  /// Asks for a rollback by hand.
  ///
  /// - Parameter spec: what is added to origin, target and reason.
  /// - Returns: the event's name, which the API server made.
  func askForRollback(
    of target: String = "web", reason: String = "the basket is empty", _ spec: JSONValue = [:]
  ) async throws -> String {
    var whole: JSONValue = [
      "origin": "Manual", "target": ["kind": "Deployment", "name": .string(target)], "reason": .string(reason),
    ]
    for member in spec.object ?? JSONObject() { whole[member.key] = member.value }
    let made = try await client.create(
      .rollbackEvents, namespace: namespace,
      [
        "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackEvent",
        "metadata": ["generateName": .string("\(target)-manual-")], "spec": whole,
      ])
    return try #require(made.at("/metadata/name")?.string)
  }

  /// Waits until an event has an outcome.
  func ended(_ name: String, within limit: Duration = .seconds(120)) async throws -> EventObject {
    try await eventually("event \(name) has an outcome", within: limit) {
      try await client.get(EventObject.self, namespace: namespace, name: name)
    } where: {
      $0.status.outcome != nil
    }
  }

  /// The reasons of the Kubernetes Events about an object, in no order.
  func reasons(about kind: String, _ name: String) async throws -> Set<String> {
    let events = try await client.listValues(.events, namespace: namespace)
    let own = events.filter {
      $0.at("/involvedObject/kind")?.string == kind && $0.at("/involvedObject/name")?.string == name
        && $0.at("/source/component")?.string == "rollback-operator"
    }
    return Set(own.compactMap { $0["reason"]?.string })
  }

  /// Waits until Kubernetes Events with these reasons are there about an object.
  func reasons(about kind: String, _ name: String, include wanted: Set<String>) async throws {
    try await eventually("Kubernetes Events \(wanted.sorted()) about \(kind) \(name)") {
      let now = try await reasons(about: kind, name)
      return Progress(wanted.isSubset(of: now), "\(now.sorted())")
    }
  }
}
