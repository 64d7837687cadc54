public import KubernetesClient
public import SimulatedCluster

/// A rule that must hold after every single change of a simulated cluster, whatever has failed meanwhile.
public protocol Invariant: Sendable {
  /// The rule of the architecture, and what of it is checked.
  var name: String { get }

  /// Looks at a change right after it was made.
  ///
  /// - Returns: what is wrong with it; `nil` when nothing is.
  mutating func see(_ change: Change, in cluster: ClusterView) -> String?
}

/// A rule that was broken.
public struct Violation: Sendable, Equatable, CustomStringConvertible {
  public var invariant: String
  public var message: String
  /// Virtual time since the beginning.
  public var time: Duration

  public init(invariant: String, message: String, time: Duration) {
    self.invariant = invariant
    self.message = message
    self.time = time
  }

  public var description: String { "\(time): \(invariant): \(message)" }
}

/// What invariants may ask about a cluster.
public struct ClusterView: Sendable {
  let server: SimulatedAPIServer
  /// What was measured; `nil` where nothing is.
  let metrics: MetricWorld?

  public init(_ server: SimulatedAPIServer, _ metrics: MetricWorld? = nil) {
    self.server = server
    self.metrics = metrics
  }

  /// The beginning of the name of every operator towards the API server.
  public static let operatorPrefix = "system:serviceaccount:rollback-operator-system:"

  public static func isOperator(_ user: String) -> Bool { user.hasPrefix(operatorPrefix) }

  public func object(_ resource: APIResource, _ namespace: String?, _ name: String) -> JSONValue? {
    server.object(resource, namespace, name)
  }

  /// The ReplicaSets of a Deployment.
  public func replicaSets(of deployment: JSONValue) -> [JSONValue] {
    let uid = deployment.at("/metadata/uid")?.string
    return server.objects(.replicaSets, deployment.at("/metadata/namespace")?.string).filter {
      $0.at("/metadata/ownerReferences/0/uid")?.string == uid
    }
  }

  /// The ReplicaSet that has the pod template of a Deployment.
  public func replicaSet(with template: JSONValue?, of deployment: JSONValue) -> JSONValue? {
    guard let template else { return nil }
    return replicaSets(of: deployment).first {
      $0.at("/spec/template").map { Self.bare($0).isSemanticallyEqual(to: Self.bare(template)) } ?? false
    }
  }

  /// A pod template without the label that the Deployment controller adds.
  public static func bare(_ template: JSONValue) -> JSONValue {
    guard var labels = template.at("/metadata/labels")?.object else { return template }
    labels["pod-template-hash"] = nil
    var bare = template
    bare["metadata"]?["labels"] = .object(labels)
    return bare
  }

  /// The template hash of a ReplicaSet or a pod.
  public static func hash(of object: JSONValue) -> String? {
    object.at("/metadata/labels/pod-template-hash")?.string
  }
}

/// An accepted change of a Deployment's pod template by an operator.
struct Undo {
  var before: JSONValue
  var after: JSONValue
  /// The RollbackEvent it names.
  var event: JSONValue?
  var eventName: String?

  init?(_ change: Change, in cluster: ClusterView) {
    guard change.resource == .deployments, change.verb == .modified, ClusterView.isOperator(change.user),
      let old = change.old, let from = old.at("/spec/template"), let to = change.new.at("/spec/template"),
      !from.isSemanticallyEqual(to: to)
    else { return nil }
    before = old
    after = change.new
    let cause = change.new.at("/metadata/annotations/kubernetes.io~1change-cause")?.string ?? ""
    eventName = cause.split(separator: " ").last.map(String.init)
    event = eventName.flatMap { cluster.object(Self.events, change.namespace, $0) }
  }

  static let events = APIResource(
    group: "rollback-operator.io", version: "v1alpha1", plural: "rollbackevents", kind: "RollbackEvent")

  var uid: String { before.at("/metadata/uid")?.string ?? "" }
  var name: String { before.at("/metadata/name")?.string ?? "" }
}
