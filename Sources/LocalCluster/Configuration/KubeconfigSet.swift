/// The kubeconfig files of one cluster.
struct KubeconfigSet: Sendable {
  let directory: ClusterDirectory
  let server: String
  let customResourceServer: String

  init(directory: ClusterDirectory, ports: ClusterPorts) {
    self.directory = directory
    server = "https://127.0.0.1:\(ports.apiServer.port)"
    customResourceServer = "https://127.0.0.1:\(ports.customResourceServer.port)"
  }

  /// For people and kubectl; everything in one file.
  var admin: String { directory.path("kubeconfig") }
  /// A user without rights; with files, so that they can be replaced while the operator runs.
  var operatorUser: String { directory.path("kubeconfigs/operator") }
  var controllerManager: String { directory.path("kubeconfigs/controller-manager") }
  /// For the server of custom resources itself.
  var customResources: String { directory.path("kubeconfigs/custom-resources") }
  /// For this library's own requests.
  var internalAdmin: String { directory.path("kubeconfigs/admin") }
  var simulator: String { directory.path("kubeconfigs/simulator") }

  /// Writes all of them with new client certificates.
  func write(_ certificates: ClusterCertificates) throws(ClusterError) {
    let masters = ["system:masters"]
    func make(_ user: String, _ organizations: [String], server: String? = nil) throws(ClusterError) -> Kubeconfig {
      Kubeconfig(
        server: server ?? self.server, trust: certificates.trustBundle, user: user,
        credentials: try certificates.authority.issueClient(
          commonName: user, organizations: organizations, validFor: ClusterCertificates.validity))
    }
    try FileSystem.write(make("admin", masters).embedded, to: admin)
    try make("admin", masters).writeWithFiles(to: internalAdmin)
    try make("admin", masters, server: customResourceServer).writeWithFiles(to: customResources)
    try make("node-simulator", masters).writeWithFiles(to: simulator)
    try make("operator", []).writeWithFiles(to: operatorUser)
    // A master, so that its controllers need no service account each: that costs seconds at every start.
    try FileSystem.write(
      make("system:kube-controller-manager", masters).embedded, to: controllerManager)
  }
}
