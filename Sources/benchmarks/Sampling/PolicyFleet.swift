import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator

/// Policies of three sampled triggers each, as an API server gives them, with the workloads that they protect.
struct PolicyFleet {
  /// Whom the triggers' queries are for.
  enum Queries: CaseIterable {
    /// Two fleet queries of the whole namespace, and one that is the same in every policy.
    case shared
    /// Every query is about its own workload.
    case own
  }

  static let triggers = 3
  /// Few, so that a namespace's fleet query has many targets.
  static let namespaces = 5

  var queries: Queries
  /// Of every trigger.
  var interval: PolicyDuration
  /// How many policies there are; the workloads of the fleet.
  var count: Int

  /// Different queries of all triggers together.
  var distinctQueries: Int {
    switch queries {
    case .shared: min(count, Self.namespaces) * (Self.triggers - 1) + 1
    case .own: count * Self.triggers
    }
  }

  static func workload(_ number: Int) -> String { "checkout-service-\(number)" }
  static func namespace(_ number: Int) -> String { "team-\(number % namespaces)" }

  /// Numbers of the workloads of a namespace.
  func members(of namespace: String) -> [Int] { (0..<count).filter { Self.namespace($0) == namespace } }

  /// The policy in JSON, as an API server sends it.
  func json(_ number: Int) -> [UInt8] {
    let name = Self.workload(number)
    let target = queries == .own ? #""name":"\#(name)""# : #""selector":{"matchLabels":{"app":"\#(name)"}}"#
    let texts = promql.enumerated().map { index, promql in
      let fleet = queries == .shared && index < 2 ? #","fleet":{"label":"deployment"}"# : ""
      return #"{"name":"trigger-\#(index)","severity":"High","during":"Trial","interval":"\#(interval)","for":"2m","#
        + #""noData":"Hold","onError":"Hold","query":{"promql":"\#(promql)","above":"5%"\#(fleet)}}"#
    }
    return Array(
      (#"{"apiVersion":"rollback-operator.io/v1alpha1","kind":"RollbackPolicy","metadata":{"name":"\#(name)","#
        + #""namespace":"\#(Self.namespace(number))","uid":"\#(Self.uid(number, 1))","resourceVersion":"\#(number + 1)","#
        + #""generation":1,"creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"target":{"kind":"Deployment",\#(target)},"#
        + #""mode":"Auto","suspend":false,"trial":{"window":"10m","initialDelay":"0s"},"triggers":["#
        + texts.joined(separator: ",") + "]}}").utf8)
  }

  /// The queries of the three triggers, ready to stand in JSON.
  private var promql: [String] {
    let selector = #"namespace=\"{{namespace}}\""#
    let own = selector + #",deployment=\"{{target}}\""#
    func share(_ selector: String, by label: String) -> String {
      let grouped = label.isEmpty ? "sum" : "sum by (\(label))"
      return "\(grouped) (rate(http_requests_total{\(selector),code=~\\\"5..\\\"}[1m])) / "
        + "\(grouped) (rate(http_requests_total{\(selector)}[1m]))"
    }
    switch queries {
    case .shared:
      return [
        share(selector, by: "deployment"), "max by (deployment) (queue_length{\(selector)})",
        #"sum(rate(ingress_requests_total{code=~\"5..\"}[1m])) / sum(rate(ingress_requests_total[1m]))"#,
      ]
    case .own:
      return [share(own, by: ""), "max(queue_length{\(own)})", "max(saturation{\(own)})"]
    }
  }

  /// What the operator knows of a policy and its workload.
  ///
  /// - Parameters:
  ///   - isOnTrial: whether the second revision has just been rolled out; else it was proven good.
  ///   - age: how long ago its rollout began.
  func facts(_ number: Int, now: Date, isOnTrial: Bool, age: TimeInterval = 300) throws -> Facts {
    let policy = try PolicyObject.decode(json(number))
    let spec = try policy.spec.get()
    let start = Date(timeIntervalSince1970: (now.timeIntervalSince1970 - age).rounded(.down))
    let name = Self.workload(number)
    func revision(_ number: Int64, _ verdict: Revision.Verdict?) -> Revision {
      let hash = "\(policy.metadata.uid.suffix(8))r\(number)"
      return Revision(
        name: "\(name)-\(hash)", uid: "\(policy.metadata.uid)-\(number)", number: number, hash: hash,
        createdAt: start.addingTimeInterval(number == 1 ? -86_400 : 0), verdict: verdict, version: hash,
        images: ["registry.example.com/shop/checkout:1.\(number)"])
    }
    return Facts(
      now: now, policy: PolicyFacts(name: name, uid: policy.metadata.uid, spec: spec),
      workload: WorkloadFacts(
        namespace: Self.namespace(number), name: name, uid: Self.uid(number, 2), desiredReplicas: 3, replicas: 3,
        updatedReplicas: 3, availableReplicas: 3, revision: 2,
        progressing: .init(isTrue: true, reason: "NewReplicaSetAvailable", lastUpdate: start)),
      revisions: [revision(1, .good), revision(2, isOnTrial ? nil : .good)], suspectPods: [], memory: TargetMemory(),
      history: [])
  }

  private static func uid(_ number: Int, _ kind: Int) -> String {
    let digits = String(number)
    return "00000000-0000-400\(kind)-8000-\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits)"
  }
}
