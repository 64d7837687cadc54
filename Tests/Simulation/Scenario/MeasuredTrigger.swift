import KubernetesClient
import SimulatedCluster

/// Triggers for the series of the simulated Prometheus and for what else the simulated pods show.
enum MeasuredTrigger {
  /// The share of failed requests of a workload, whichever revision its pods are of.
  static let workload = #"workload:http_errors:ratio_rate1m{namespace="{{namespace}}",deployment="{{target}}"}"#
  /// The same of the revision that is judged.
  static let revision =
    #"revision:http_errors:ratio_rate1m{namespace="{{namespace}}",deployment="{{target}}","#
    + #"pod_template_hash="{{hash}}"}"#

  /// More than 5 % of requests fail.
  ///
  /// - Parameters:
  ///   - promQL: what is asked.
  ///   - time: `for`.
  ///   - others: further members of the query.
  static func errorRate(
    _ promQL: String = workload, for time: String = "30s", severity: String = "High", _ others: JSONObject = [:]
  ) -> JSONValue {
    var query: JSONObject = ["promql": .string(promQL)]
    if others["baseline"] == nil { query["above"] = "5%" }
    for member in others { query[member.key] = member.value }
    return named("error-rate", "query", .object(query), for: time, severity: severity)
  }

  /// A trigger of any kind that is read every ten seconds.
  static func named(
    _ name: String, _ kind: String, _ member: JSONValue, for time: String = "0s", severity: String = "High"
  ) -> JSONValue {
    var trigger: JSONObject = [
      "name": .string(name), "severity": .string(severity), "interval": "10s", "for": .string(time),
    ]
    trigger[kind] = member
    return .object(trigger)
  }
}

extension World {
  /// Protects `web` by these triggers.
  func protect(
    _ triggers: [JSONValue], window: String = "10m", decisions: [JSONValue] = [], verification: String = "5m"
  ) {
    policy([
      "target": ["name": "web"], "trial": ["window": .string(window)], "triggers": .array(triggers),
      "decisions": .array(decisions), "verification": ["timeout": .string(verification)],
    ])
  }

  /// A release that runs well for a minute, and then one of which only measurements show what it is like.
  func deployMeasured(_ signals: [String: String] = ["error-rate": "0.3"], limits: [String: String] = [:]) {
    var good = SimulatedWorkload(version: 1)
    good.limits = limits
    rollOut(good)
    var next = SimulatedWorkload(version: 2)
    next.limits = limits
    next.signals = signals
    at(.seconds(60)) { [next] in $0.rollOut(next) }
  }

  /// The pods of a Deployment change what they show, as after `kubectl annotate pods`; `nil`: as good ones.
  func annotatePods(of name: String = "web", _ signal: String, _ value: String?) {
    for pod in server.objects(.pods, Self.namespace) where pod.at("/metadata/labels/app")?.string == name {
      guard let own = pod.at("/metadata/name")?.string else { continue }
      byHand { person throws(Refusal) in
        try person.annotate(
          Self.namespace, own, "simulator.rollback-operator.io/\(signal)", value, of: .pods)
      }
    }
  }

  /// A Service in front of the pods of `web`.
  func exposeWeb() {
    let service: JSONValue = [
      "apiVersion": "v1", "kind": "Service",
      "metadata": ["name": "web", "namespace": .string(Self.namespace)],
      "spec": [
        "clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"], "selector": ["app": "web"],
        "ports": [["name": "http", "port": 80, "protocol": "TCP"]],
      ],
    ]
    byHand { person throws(Refusal) in try person.apply(service, to: .services) }
  }

  /// Whether the release that a Deployment runs has failing requests.
  func showsErrors(_ name: String) -> Bool {
    server.object(.deployments, Self.namespace, name)?
      .at("/spec/template/metadata/annotations/simulator.rollback-operator.io~1error-rate") != nil
  }

  /// The verdict on the ReplicaSet of a version of `web`.
  func verdict(ofVersion version: Int) -> String? {
    server.objects(.replicaSets, Self.namespace).first {
      $0.at("/spec/template/spec/containers/0/image")?.string == "web:\(version)"
    }?.at("/metadata/annotations/rollback-operator.io~1verdict")?.string
  }

  /// What is wrong when the verdict on a version of `web` is another.
  func expect(verdict: String?, ofVersion version: Int) -> [String] {
    let now = self.verdict(ofVersion: version)
    return now == verdict ? [] : ["the verdict on version \(version) is \(now ?? "none") and not \(verdict ?? "none")"]
  }
}
