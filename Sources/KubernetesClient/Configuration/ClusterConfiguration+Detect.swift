extension ClusterConfiguration {
  /// Finds the cluster to talk to: `kubeconfig` if given, else the Pod's own cluster when the operator runs in one,
  /// else `$KUBECONFIG` or `~/.kube/config`.
  ///
  /// - Parameters:
  ///   - kubeconfig: the value of `--kubeconfig`.
  ///   - context: the value of `--context`; `nil` for the kubeconfig's `current-context`. With it a kubeconfig is
  ///     read also inside a cluster.
  ///   - clientCertificate: the value of `--client-certificate`: a PEM file that takes the place of all other
  ///     credentials.
  ///   - clientKey: the value of `--client-key`; `nil` when the key stands in the certificate's file.
  ///   - environment: the process's environment.
  /// - Throws: ``ConfigurationError`` that names file, field, reason and remedy.
  public static func detect(
    kubeconfig: String? = nil, context: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil,
    environment: [String: String]
  ) throws(ConfigurationError) -> ClusterConfiguration {
    if clientKey != nil, clientCertificate == nil {
      throw ConfigurationError(
        file: "--client-key", reason: "a client key was given without a certificate", remedy: "add --client-certificate"
      )
    }
    let override = clientCertificate.map { certificate in
      let directory = FilePaths.workingDirectory(environment)
      return CredentialSource(
        clientCertificate: .file(FilePaths.resolve(certificate, against: directory)),
        clientKey: clientKey.map { .file(FilePaths.resolve($0, against: directory)) })
    }
    var configuration: ClusterConfiguration
    if kubeconfig == nil, context == nil, usesInCluster(environment, hasCredentials: override != nil) {
      configuration = try inCluster(environment: environment, credentials: override)
    } else {
      configuration = try load(explicitPath: kubeconfig, context: context, environment: environment)
    }
    if let override { configuration.credentials = override }
    return configuration
  }

  /// In a Pod without mounted credentials a kubeconfig is used if there is one; without one, the in-cluster
  /// configuration says what is missing.
  private static func usesInCluster(_ environment: [String: String], hasCredentials: Bool) -> Bool {
    guard InClusterEnvironment.isPresent(in: environment) else { return false }
    return hasCredentials || SmallFile.exists("\(InClusterEnvironment.serviceAccountDirectory)/token")
      || SmallFile.exists(podCertificatePath)
      || !KubeconfigFiles(explicitPath: nil, environment: environment).exist
  }
}
