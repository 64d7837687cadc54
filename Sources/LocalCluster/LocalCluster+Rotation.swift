import Synchronization

extension LocalCluster {
  /// Gives the API server a new serving certificate of the same authority.
  ///
  /// - Parameter restarting: whether the API server is restarted to take it at once; else it notices the new file
  ///   within a minute.
  public func rotateServingCertificate(restarting: Bool = true) async throws(ClusterError) {
    try certificates.withLock { certificates throws(ClusterError) in try certificates.rotateServingCertificates() }
    if restarting { try await restartServers() }
  }

  /// Replaces the certificate authority and everything that it signed: serving certificates, client certificates, and
  /// all kubeconfig files of the cluster.
  ///
  /// - Parameters:
  ///   - keepingOldTrust: whether certificates of the former authority stay trusted, as in a planned rotation.
  ///   - restarting: whether the servers are restarted to take all this at once; else they notice the new files within
  ///     a minute, and the controllers may fail until they are restarted.
  public func rotateCertificateAuthority(
    keepingOldTrust: Bool = true, restarting: Bool = true
  ) async throws(ClusterError) {
    let kubeconfigs = kubeconfigs
    try certificates.withLock { certificates throws(ClusterError) in
      try certificates.rotateAuthority(keepingOldTrust: keepingOldTrust)
      try kubeconfigs.write(certificates)
    }
    if restarting { try await restartServers() }
  }

  private func restartServers() async throws(ClusterError) {
    try await apiServer.restart()
    try await customResourceServer?.restart()
    try await controllerManager.restart()
  }
}
