/// Names of the server of custom resources inside the cluster.
enum CustomResourceServer {
  static let service = "apiextensions"
  /// The name for which the API server verifies its certificate.
  static let serviceHost = "\(service).\(AggregatedServer.namespace).svc"
}
