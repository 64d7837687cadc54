import KubernetesClient
import LocalCluster

/// Objects that an old, permissive definition of the kinds lets in.
enum HostileObjects {
  /// The project's definitions without any rule, as if somebody had installed them by hand years ago.
  static func permissiveDefinitions() throws -> [JSONValue] {
    try Manifest.objects(at: "\(Tool.checkout)/manifests/crds").map { definition in
      var definition = definition
      let anything: JSONValue = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
      _ = definition.set("/spec/versions/0/schema/openAPIV3Schema", to: anything)
      return definition
    }
  }

  static let large = String(repeating: "x", count: 1_200_000)
  static let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)

  /// Specs of policies with the path of the field that is wrong.
  static let policies: [(name: String, spec: String, path: String)] = [
    ("types", #"{"target": 7, "mode": [], "triggers": "many"}"#, "spec.target"),
    ("text", #""protect everything""#, "spec"),
    ("nothing", "null", "spec"),
    ("word", #"{"target": {"name": "web"}, "mode": "Sometimes"}"#, "spec.mode"),
    (
      "duration", #"{"target": {"name": "web"}, "triggers": [{"name": "a", "for": "soon", "pods": {}}]}"#,
      "spec.triggers[0].for"
    ),
    ("range", #"{"target": {"name": "web"}, "limits": {"maxRollbacks": -1}}"#, "spec.limits.maxRollbacks"),
    ("traversal", #"{"target": {"name": "../../kube-system"}}"#, "spec.target.name"),
    ("deep", #"{"target": {"name": "web"}, "trial": \#(deep)}"#, "spec"),
    ("large", #"{"target": {"name": "\#(large)"}}"#, "spec.target.name"),
  ]

  /// Specs of events that cannot be understood.
  static let events: [(name: String, spec: String)] = [
    ("types", #"{"origin": 5, "target": "web"}"#),
    ("nothing", "null"),
    ("traversal", #"{"origin": "Manual", "reason": "x", "target": {"kind": "Deployment", "name": "../web"}}"#),
    ("deep", #"{"origin": "Manual", "reason": "x", "target": {"kind": "Deployment", "name": "web"}, "to": \#(deep)}"#),
  ]

  /// Specs of events that can be understood and that nothing may come of.
  static let emptyEvents: [(name: String, spec: String)] = [
    ("large", #"{"origin": "Manual", "reason": "\#(large)", "target": {"kind": "Deployment", "name": "nobody"}}"#),
    (
      "forged",
      #"{"origin": "Trigger", "target": {"kind": "Deployment", "name": "nobody"}, "suspect": {"revision": -7}}"#
    ),
  ]

  static func document(_ kind: String, _ name: String, spec: String) -> String {
    #"{"apiVersion": "rollback-operator.io/v1alpha1", "kind": "\#(kind)", "metadata": {"name": "\#(name)"}, "spec": \#(spec)}"#
  }
}
