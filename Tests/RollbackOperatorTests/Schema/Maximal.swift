import FoundationEssentials
import KubernetesClient
import RollbackCore
import TestSupport

/// Values in which every field is set; not all of them would be accepted together.
enum Maximal {
  static let images = ["web:1", "sidecar:1"]
  static let reference = RevisionReference(revision: 3, hash: "6d5f8c9b7d", images: images)
  static let revision = RevisionStatus(revision: 3, hash: "6d5f8c9b7d", images: images, since: testStart)

  static let policySpec = PolicySpec(
    target: Target(
      name: "web",
      selector: RollbackCore.LabelSelector(
        matchLabels: ["tier": "api"], matchExpressions: [.init(key: "a", operator: .in, values: ["b"])])),
    mode: .observe, suspend: true, trial: .init(window: .minutes(90), initialDelay: .init(milliseconds: 1_500)),
    sources: [source], triggers: triggers, decisions: decisions,
    verification: .init(timeout: .minutes(2)), limits: .init(cooldown: .minutes(1), maxRollbacks: 2, per: .minutes(30)),
    lastGood: .init(fallback: .none, maxRevisionsBack: 4))

  static let source = PolicySource(
    name: "prom",
    prometheus: .init(
      address: "http://prometheus:9090/mimir", headersFrom: SecretReference(secret: "tenant"),
      bearerTokenFrom: SecretKey(secret: "token", key: "token"), basicAuthFrom: SecretReference(secret: "basic"),
      tls: .init(
        caFrom: SecretKey(secret: "ca", key: "ca.crt"), certFrom: SecretKey(secret: "us", key: "tls.crt"),
        keyFrom: SecretKey(secret: "us", key: "tls.key")), timeout: .seconds(5)))

  static let triggers = [
    Trigger(
      name: "pods", severity: .critical, during: .always, for: .seconds(90), actions: ["undo"],
      .pods(
        PodsTrigger(
          crashLooping: false, restarts: .init(atLeast: 3, within: .minutes(5)), unready: Above(.percent(12.5)),
          unschedulable: true))),
    Trigger(
      name: "rollout",
      .rollout(
        RolloutTrigger(
          progressDeadlineExceeded: false, stalledFor: .minutes(5), unavailable: Above(.count(3))))),
    Trigger(
      name: "error-rate", during: .trial, interval: .seconds(30), for: .minutes(2), noData: .healthy,
      onError: .breach, attribution: .ignore,
      .query(
        QueryTrigger(
          source: "prom", promql: "sum(errors)", criteria: compared,
          minSamples: .init(promql: "sum(requests)", atLeast: Measure(50)), reduce: .max,
          fleet: .init(label: "deployment")))),
    Trigger(
      name: "health",
      .probe(
        ProbeTrigger(
          service: "web", port: .name("http"), path: "/health", scheme: .https, url: "https://web.example.com/",
          headersFrom: SecretReference(secret: "s"), expectStatus: [200],
          expectJSON: [.init(path: "$.database", equals: .text("connected"))], timeout: .seconds(2),
          failureThreshold: 2))),
    Trigger(name: "memory", .usage(UsageTrigger(resource: .memory, container: "web", criteria: criteria))),
    Trigger(
      name: "smoke",
      .job(
        JobTrigger(
          template: .object(["metadata": .object([:]), "spec": .object(["backoffLimit": .integer(0)])]),
          timeout: .minutes(5)))),
    Trigger(
      name: "sentry",
      .value(
        ValueTrigger(
          url: "https://sentry.example.com/", headersFrom: SecretReference(secret: "s"), jsonPath: "$.rate",
          timeout: .seconds(3), criteria: criteria))),
    Trigger(
      name: "firing", .alert(AlertTrigger(source: "prom", name: "HighErrorRate", matchLabels: ["service": "web"]))),
    Trigger(name: "lines", .logs(LogsTrigger(container: "web", pattern: "ERROR", criteria: criteria))),
  ]

  static let criteria = Criteria(above: Measure(5), below: Measure(1))

  static let decisions = [
    DecisionRule(
      severity: .medium, respond: .ask, within: .minutes(30), onTimeout: .act,
      raise: .init(after: .minutes(10), to: .critical), at: try? CronSchedule("0 22 * * *"),
      timeZone: "Europe/Berlin", hotfixWindow: .minutes(30),
      escalate: [.init(after: .minutes(5), notify: ["team"])])
  ]

  static let compared = Criteria(
    above: Measure(5), below: Measure(1),
    baseline: BaselineCriterion(
      window: .minutes(10), offset: .minutes(60), above: try? Baseline("3x"), below: try? Baseline("-50%", side: .below)
    ),
    anomaly: AnomalyCriterion(window: .minutes(60), sensitivity: 2.5, direction: .both),
    comparison: ComparisonCriterion(confidence: 0.95, effect: 1.25, minPoints: 30))

  static let conditions = [
    RollbackCore.Condition(
      type: "Ready", status: .true, observedGeneration: 2, lastTransitionTime: testStart, reason: "Watching",
      message: "the policy protects 1 Deployment")
  ]

  static var policyStatus: PolicyStatus {
    var status = PolicyStatus()
    status.observedGeneration = 2
    status.conditions = conditions
    status.state = .onTrial
    status.lastEvent = "web-6d5f8c9b7d-abcde"
    status.targetCount = 1
    status.targets = [
      TargetStatus(
        name: "web", uid: "uid", current: revision, lastGood: revision, trialEndsAt: testStart,
        triggers: [
          TriggerStatus(name: "pods", state: .breaching, value: "1", threshold: "0", since: testStart, incident: 1)
        ], incidents: 1)
    ]
    return status
  }

  static let eventSpec = EventSpec(
    policy: .init(name: "web", uid: "policy"), target: .init(name: "web", uid: "workload"), origin: .trigger,
    trigger: .init(
      name: "pods", severity: .high, value: "1", threshold: "0", since: testStart.addingTimeInterval(0.25),
      message: "a pod crash-loops"),
    reason: "the basket is empty", requestedBy: "ann", suspect: reference, to: reference, mode: .observe,
    approval: .init(decision: .approved, by: "ann", at: testStart, reason: "looked at the graphs"), incident: 1)

  static var eventStatus: EventStatus {
    var status = EventStatus()
    status.conditions = conditions
    status.outcome = .notRecovered
    status.rung = "undo"
    status.from = reference
    status.to = reference
    status.plan = [.init(rung: "undo", step: "undoRollout", object: "Deployment/web", detail: "to revision 3")]
    status.steps = [
      .init(
        rung: "undo", step: "undoRollout", object: "Deployment/web", state: .notApplicable, startedAt: testStart,
        finishedAt: testStart, attempts: 2, message: "done", before: ["hash": "6d5f8c9b7d"])
    ]
    status.verification = [.init(check: "complete", value: "1", threshold: "2", passed: false, at: testStart)]
    status.timeline = [.init(at: testStart, what: "a pod crash-loops")]
    status.detectedAfter = .init(milliseconds: 250)
    status.actedAfter = .seconds(1)
    status.recoveredAfter = .minutes(2)
    status.notifications = [.init(channel: "team", at: testStart, state: .due)]
    return status
  }
}
