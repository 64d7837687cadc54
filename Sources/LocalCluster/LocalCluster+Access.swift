public import KubernetesClient
import Synchronization

extension LocalCluster {
  /// The API server's address.
  public var address: String { kubeconfigs.server }

  /// A kubeconfig file for a member of `system:masters`.
  public var kubeconfig: String { kubeconfigs.admin }

  /// A kubeconfig file for the user `operator`, who may do nothing until RBAC allows it. It refers to files beside it,
  /// which rotation replaces.
  public var operatorKubeconfig: String { kubeconfigs.operatorUser }

  /// A kubeconfig file for the server that takes CustomResourceDefinitions: the API server itself, or the one behind
  /// it.
  public var customResourceKubeconfig: String {
    customResourceServer == nil ? kubeconfig : kubeconfigs.customResources
  }

  /// The folder with everything of this cluster; the servers' logs are in `logs`.
  public var folder: String { directory.root }

  /// Makes a client certificate that the API server accepts.
  ///
  /// - Parameters:
  ///   - commonName: the user's name.
  ///   - organizations: the user's groups.
  ///   - validFor: counted from now; negative for a certificate that has expired already.
  public func issueClientCertificate(
    commonName: String, organizations: [String] = [], validFor: Duration = .seconds(86_400)
  ) throws(ClusterError) -> CertificateAndKey {
    try certificates.withLock { $0.authority }
      .issueClient(commonName: commonName, organizations: organizations, validFor: validFor)
  }

  /// The certificates of the authorities that sign the servers' and the clients' certificates, in PEM.
  public var trustBundle: String { certificates.withLock { $0.trustBundle } }

  /// Runs `body` with a client of its own, which is closed afterwards.
  ///
  /// - Parameter kubeconfig: one of this cluster's, or one of
  ///   ``writeKubeconfig(to:user:credentials:trust:withFiles:)``.
  public func withClient<Result: Sendable>(
    kubeconfig: String, userAgent: String = "local-cluster", _ body: (KubernetesClient) async throws -> Result
  ) async throws -> Result {
    let connection = try ClusterConnection(kubeconfig: kubeconfig, userAgent: userAgent)
    do {
      let result = try await body(connection.client)
      await connection.shutdown()
      return result
    } catch {
      await connection.shutdown()
      throw error
    }
  }

  /// Writes a kubeconfig that only this user of the machine may read. Whoever reads the file meanwhile sees the old
  /// content or the new one, never a part.
  ///
  /// - Parameters:
  ///   - trust: authorities to trust, in PEM; `nil` for those of the cluster.
  ///   - withFiles: whether certificates and key are in files beside it (`path` with `.ca.crt`, `.crt` and `.key`),
  ///     which can be replaced while a client runs; else the kubeconfig holds them itself.
  public func writeKubeconfig(
    to path: String, user: String, credentials: CertificateAndKey, trust: String? = nil, withFiles: Bool = false
  ) throws(ClusterError) {
    let kubeconfig = Kubeconfig(server: address, trust: trust ?? trustBundle, user: user, credentials: credentials)
    if withFiles {
      try kubeconfig.writeWithFiles(to: path)
    } else {
      try FileSystem.write(kubeconfig.embedded, to: path)
    }
  }
}
