public import KubernetesClient

/// By what names and addresses the API server is known to the operator.
public struct APIServerNames: Sendable {
  /// Hosts, as names or addresses, in lower case.
  let hosts: [String]

  /// - Parameters:
  ///   - server: the operator's own address of the API server.
  ///   - environment: of the process; Kubernetes writes the cluster IP of `kubernetes.default` there.
  public init(server: ServerAddress?, environment: [String: String] = [:]) {
    let given = [server?.host, environment["KUBERNETES_SERVICE_HOST"]].compactMap(\.self).filter { !$0.isEmpty }
    hosts = given.map { $0.lowercased() }
  }

  /// Names whose addresses have to be looked up.
  var resolvable: [String] { hosts.filter { IPAddress($0) == nil } + ["kubernetes.default.svc"] }

  func rules(resolved: [IPAddress]) -> AddressRules {
    AddressRules(
      apiServer: hosts.compactMap { IPAddress($0) } + resolved, apiServerNames: hosts.filter { IPAddress($0) == nil })
  }
}
