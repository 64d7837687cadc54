import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

/// Everything that a monitor may do wrong, for every kind of trigger that asks one: one operator, one release on trial,
/// and one policy for each fault.
@Suite("What a monitor may do wrong", .showsLogs, .timeLimitOfQueue)
struct MonitorFaultTests {
  /// A fault of a kind of monitor, with words of what the condition says.
  struct Fault: Sendable {
    var kind: String
    var fault: MonitorFault
    var says: String

    init(_ kind: String, _ fault: MonitorFault, _ says: String) {
      self.kind = kind
      self.fault = fault
      self.says = says
    }

    var name: String { "\(kind)-\(fault.rawValue.lowercased())" }
  }

  static let faults =
    [
      (.refused, "refused"), (.expired, "certificate"), (.errorInside, "reports an error inside an answer of HTTP 200"),
      (.badRequest, "refuses the query (HTTP 400)"), (.tooManyRequests, "asked too often (HTTP 429)"),
      (.unavailable, "fails with HTTP 503"), (.loginPage, "login page"), (.redirect, "redirection (302)"),
      (.empty, "the query returned nothing"), (.notANumber, "NaN"), (.infinite, "infinity"),
      (.tooLarge, "not a number that fits"), (.hexadecimal, "not a number that fits"), (.wrongType, "the query"),
      (.partial, "warns that the answer is not whole"), (.old, "old, which is more than two intervals"),
      (.ahead, "in the future"), (.severalSeries, "set reduce to Max, Min, Sum or Avg"),
      (.endless, "larger than 1048576 bytes"),
      (.silent, "did not answer"),
    ].map { Fault("prometheus", $0, $1) }
    + [
      (.refused, "refused"), (.expired, "certificate"), (.errorInside, "has nothing at $.rate"),
      (.badRequest, "status 400"), (.tooManyRequests, "status 429"), (.unavailable, "status 503"),
      (.loginPage, "is no JSON"), (.redirect, "redirection (302)"), (.empty, "has nothing at $.rate"),
      (.notANumber, "not a number at the moment"), (.infinite, "not a number at the moment"),
      (.tooLarge, "beyond everything"), (.hexadecimal, "is no number"), (.wrongType, "is no number"),
      (.endless, "larger than 1048576 bytes"), (.silent, "did not answer"),
    ].map { Fault("value", $0, $1) }
    // What else a health endpoint does is the workload's doing, and a breach.
    + [(.expired, "certificate"), (.endless, "larger than 1048576 bytes")].map { Fault("probe", $0, $1) }

  /// What counts at once and is at fault from the beginning, and what breaches at first, would count after an hour, and
  /// is at fault later.
  private static func policy(_ fault: Fault, _ monitor: FaultyMonitor, namespace: String) -> String {
    var triggers: [String]
    switch fault.kind {
    case "prometheus":
      triggers = [
        "{name: query, interval: 2s, query: {source: now-\(fault.fault.rawValue.lowercased()), promql: a, above: 5}}",
        "{name: alert, interval: 2s, alert: {source: now-\(fault.fault.rawValue.lowercased()), name: A}}",
        "{name: later, interval: 2s, for: 1h, "
          + "query: {source: later-\(fault.fault.rawValue.lowercased()), promql: a, above: 5}}",
      ]
    case "value":
      triggers = [false, true].map { turns in
        let url = monitor.address("value", fault.fault, turning: turns)
        let value = "value: {url: \"\(url)\", jsonPath: $.rate, above: 5, timeout: 2s}"
        return "{name: \(turns ? "later, for: 1h" : "value"), interval: 2s, \(value)}"
      }
    default:
      let url = monitor.address("probe", fault.fault)
      triggers = ["{name: probe, interval: 2s, probe: {url: \"\(url)\", failureThreshold: 1, timeout: 2s}}"]
    }
    return """
      apiVersion: rollback-operator.io/v1alpha1
      kind: RollbackPolicy
      metadata: {name: \(fault.name), namespace: \(namespace)}
      spec:
        target: {name: web}
        trial: {window: 40s}
        triggers:
      \(triggers.map { "  - \($0)" }.joined(separator: "\n"))
      """
  }

  private static func configuration(_ monitor: FaultyMonitor) -> String {
    let sources = faults.filter { $0.kind == "prometheus" }.flatMap { fault in
      [("now", false), ("later", true)].map { name, turns in
        let address = monitor.address("prometheus", fault.fault, turning: turns)
        return "- {name: \(name)-\(fault.fault.rawValue.lowercased()), "
          + "prometheus: {address: \"\(address)\", timeout: 2s}}"
      }
    }
    return "egress: {allow: [\"\(monitor.host)\"]}\nsources:\n\(sources.joined(separator: "\n"))\n"
  }

  @Test("Nothing is done, nothing is forgotten, no trial ends as Good, and the condition says why")
  func faults() async throws {
    try await Scene.play(startsOperator: false) { scene in
      guard let host = try ServiceFront.machineAddress() else {
        try Test.cancel("this machine has no IPv4 address but loopback")
      }
      try await FaultyMonitor.run(host: host) { monitor in
        let file = "\(scene.folder)/configuration.yaml"
        try FileSystem.write(Self.configuration(monitor), to: file)
        try await scene.startOperator(arguments: ["--config", file])
        try await scene.deploy(Workload(replicas: 1))
        try await scene.rollOutAndWait(.good(2))
        let policies = Self.faults.map { Self.policy($0, monitor, namespace: scene.namespace) }
        _ = try await scene.world.kubectl(
          "apply", "--validate=strict", "-f", "-", input: policies.joined(separator: "\n---\n"))

        let before = try await scene.statuses("what is at fault is known, and what is well breaches") { status in
          let triggers = status.targets?.first?.triggers ?? []
          let condition = status.conditions?["TriggersHealthy"]
          return condition?.status == .false && condition?.message.contains("nothing has been sampled yet") == false
            && triggers.allSatisfy { $0.name == "later" ? $0.state == .breaching : $0.isUnread }
        }
        for fault in Self.faults {
          let message = before[fault.name]?.conditions?["TriggersHealthy"]?.message ?? ""
          #expect(message.contains(fault.says), "\(fault.name): \(message)")
          #expect(!message.contains("password"), "\(fault.name): no body is repeated: \(message)")
        }

        monitor.turn()
        let after = try await scene.statuses("what breached is at fault as well") { status in
          guard status.targets?.first?.triggers?.contains(where: { $0.name == "later" }) == true else { return true }
          return status.conditions?["TriggersHealthy"]?.message.contains("trigger later of web") == true
        }
        for (name, status) in after {
          let (was, now) = (before[name]?.later, status.later)
          #expect(now?.state == was?.state && now?.since == was?.since, "\(name) forgot its breach: \(now as Any)")
        }

        // Longer than the trial.
        try await eventually("the trial would be over") {
          let end = try await scene.policy(named: Self.faults[0].name).status.targets?.first?.trialEndsAt
          return Progress(end.map { $0.addingTimeInterval(3) < Date() } ?? true, "\(String(describing: end))")
        }
        #expect(try await scene.events().isEmpty)
        #expect(try await scene.verdict(2) == nil)
        #expect(try await scene.generation() == 2)
        #expect(try scene.templatePatches() == 0)
      }
    }
  }
}

extension Scene {
  /// Waits until the statuses of all policies fit, and returns them by name.
  fileprivate func statuses(
    _ what: String, _ fits: (PolicyStatus) -> Bool
  ) async throws -> [String: PolicyStatus] {
    var found: [String: PolicyStatus] = [:]
    try await eventually(what) {
      let policies = try await client.list(PolicyObject.self, namespace: namespace).items.compactMap(\.object)
      found = Dictionary(uniqueKeysWithValues: policies.map { ($0.metadata.name, $0.status) })
      let others = found.filter { !fits($0.value) }
      return Progress(
        others.isEmpty && found.count > 1,
        others.map { "\($0.key): \($0.value.targets?.first?.triggers as Any)" }.sorted().joined(separator: "; "))
    }
    return found
  }
}

extension TriggerStatus {
  fileprivate var isUnread: Bool { state == .error || state == .noData }
}

extension PolicyStatus {
  fileprivate var later: TriggerStatus? { targets?.first?.triggers?.first { $0.name == "later" } }
}
