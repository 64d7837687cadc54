import KubernetesClient
import SimulatedCluster

/// Every kind of trigger that is sampled, with a release that shows only to it that it is bad.
extension Scenario {
  private static func kind(
    _ name: String, _ signals: [String: String], limits: [String: String] = [:], _ trigger: JSONValue
  ) -> Scenario {
    Scenario("a bad release seen by \(name)", lasting: .seconds(400)) { world in
      world.exposeWeb()
      world.protect([trigger])
      world.deployMeasured(signals, limits: limits)
    } check: {
      $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expect(undosAtMost: 1)
    }
  }

  /// Prometheus's own alert fires.
  static let alert = kind(
    "an alert", ["error-rate": "0.3"],
    MeasuredTrigger.named(
      "alert", "alert", ["name": "HighErrorRate", "matchLabels": ["deployment": "{{target}}"]], for: "20s"))

  /// A number of a document that another monitor serves.
  static let value = kind(
    "a value", ["error-rate": "0.3"],
    MeasuredTrigger.named(
      "value", "value",
      [
        "url": .string("https://\(MetricWorld.monitorHost)/errors/web"), "jsonPath": "$.errors.rate", "above": "5%",
      ], for: "20s"))

  /// The health endpoint answers with an error.
  static let probe = kind(
    "a probe", ["health-status": "500"],
    MeasuredTrigger.named("probe", "probe", ["service": "web", "path": "/api/health", "failureThreshold": 3]))

  /// The health endpoint answers, and says that something is missing.
  static let probeOfContent = kind(
    "what a probe reads", ["health": #"{"status":"degraded"}"#],
    MeasuredTrigger.named(
      "probe", "probe",
      [
        "service": "web", "path": "/api/health", "failureThreshold": 2,
        "expectJSON": [["path": "$.status", "equals": "ok"]],
      ]))

  /// The memory comes near its limit.
  static let usage = kind(
    "its usage", ["memory": "490Mi"], limits: ["memory": "512Mi"],
    MeasuredTrigger.named("usage", "usage", ["resource": "memory", "above": "90%"], for: "20s"))

  /// The log is full of errors.
  static let logs = kind(
    "its logs", ["log-lines": "ERROR out of cheese"],
    MeasuredTrigger.named("logs", "logs", ["pattern": "ERROR|FATAL", "above": "20/min"], for: "20s"))

  private static let jobTemplate: JSONValue = [
    "spec": ["template": ["spec": ["restartPolicy": "Never", "containers": [["name": "smoke", "image": "smoke:1"]]]]]
  ]

  /// The smoke test fails.
  static let smokeTest = kind(
    "a smoke test", ["health-status": "503"],
    MeasuredTrigger.named("smoke", "job", ["template": jobTemplate]))

  /// The smoke test passes: one Job for each rollout, and the release is good.
  static let smokeTestPasses = Scenario("a smoke test that passes", lasting: .seconds(400)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy([
      "target": ["name": "web"], "trial": ["window": "2m"],
      "triggers": [MeasuredTrigger.named("smoke", "job", ["template": jobTemplate])],
    ])
    world.at(.seconds(150)) { $0.rollOut(SimulatedWorkload(version: 2)) }
  } check: { world in
    let jobs = world.server.objects(.jobs, World.namespace)
    let tested = Set(jobs.compactMap { $0.at("/metadata/ownerReferences/0/uid")?.string })
    return world.expect(version: 2, outcomes: []) + world.expect(verdict: "Good", ofVersion: 2)
      + (tested.count == jobs.count ? [] : ["\(jobs.count) Jobs test \(tested.count) revisions"])
  }

  /// The workload is gone, so that nobody answers its probes.
  static let deadWorkload = Scenario("probes of a workload that is dead", lasting: .seconds(400)) { world in
    world.exposeWeb()
    world.rollOut(SimulatedWorkload(version: 1))
    world.protect([MeasuredTrigger.named("probe", "probe", ["service": "web", "failureThreshold": 3])])
    // All pods of the new revision are there, and fail after half a minute.
    world.at(.seconds(60)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "Unready", failAfter: "30s")) }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"])
  }

  static let triggerKinds: [Scenario] = [
    alert, value, probe, probeOfContent, usage, logs, smokeTest, smokeTestPasses, deadWorkload,
  ]
}
