import KubernetesClient

/// What an undo may change in a Deployment: its template, what the control plane derives from it, and the change cause.
enum DeploymentDifference {
  private static let mayChange: [JSONPointer] = [
    "/status", "/spec/template", "/metadata/resourceVersion", "/metadata/generation", "/metadata/managedFields",
    "/metadata/annotations/deployment.kubernetes.io~1revision", "/metadata/annotations/kubernetes.io~1change-cause",
  ]

  /// Everything else of a Deployment, byte for byte.
  static func rest(_ deployment: JSONValue) -> String {
    var rest = deployment
    for pointer in mayChange { _ = rest.set(pointer, to: nil) }
    return String(decoding: rest.serialized(), as: UTF8.self)
  }

  /// The template, byte for byte.
  static func template(_ deployment: JSONValue) -> String {
    String(decoding: (deployment.at("/spec/template") ?? .null).serialized(), as: UTF8.self)
  }
}
