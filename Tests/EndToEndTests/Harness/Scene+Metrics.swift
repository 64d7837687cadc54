import Testing

@testable import LocalCluster

extension Scene {
  /// Starts an operator whose administrator names the shared Prometheus as the default source.
  ///
  /// - Parameter address: another address for it.
  @discardableResult
  func startOperatorWithMetrics(address: String? = nil, configuration: String = "") async throws -> OperatorInstance {
    let server: String
    if let address { server = address } else { server = try await world.prometheus().address }
    let file = "\(folder)/configuration.yaml"
    try FileSystem.write(
      """
      sources:
      - name: default
        prometheus: {address: "\(server)"}
      \(configuration)
      """, to: file)
    return try await startOperator(arguments: ["--config", file])
  }

  /// The share of requests that failed, of the target or of one of its revisions.
  static func errorRate(_ matcher: String = "") -> String {
    let selector = "namespace=\"{{namespace}}\",deployment=\"{{target}}\"\(matcher)"
    return
      "sum(rate(http_requests_total{\(selector),code=~\"5..\"}[5s])) / sum(rate(http_requests_total{\(selector)}[5s]))"
  }
}

extension Release {
  /// A release whose pods run and answer some requests with errors; not within the first second, in which nothing that
  /// a metric says is taken for the rollout's doing.
  static func failing(_ version: Int, _ share: String = "0.5") -> Release {
    Release(version: version, readyAfter: "2s", annotations: ["simulator.rollback-operator.io/error-rate": share])
  }
}
