/// Where Kubernetes mounts what a Pod needs to reach its own API server.
enum InClusterEnvironment {
  static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

  static func isPresent(in environment: [String: String]) -> Bool {
    !(environment["KUBERNETES_SERVICE_HOST"] ?? "").isEmpty && !(environment["KUBERNETES_SERVICE_PORT"] ?? "").isEmpty
  }
}

extension ClusterConfiguration {
  /// Where the operator looks for a mounted pod-certificate volume: one PEM file that holds key and chain.
  public static let podCertificatePath = "/var/run/secrets/rollback-operator.io/pod-certificate/credentialbundle.pem"

  /// The cluster in which this Pod runs, with a pod certificate if one is mounted, else with the ServiceAccount's
  /// token.
  ///
  /// - Parameters:
  ///   - environment: the process's environment, for `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`.
  ///   - serviceAccountDirectory: where `token`, `ca.crt` and `namespace` are mounted.
  ///   - podCertificatePath: the pod-certificate volume's single file.
  ///   - override: credentials that take the place of mounted ones.
  /// - Throws: ``ConfigurationError`` when a part is missing.
  public static func inCluster(
    environment: [String: String],
    serviceAccountDirectory: String = "/var/run/secrets/kubernetes.io/serviceaccount",
    podCertificatePath: String = ClusterConfiguration.podCertificatePath,
    credentials override: CredentialSource? = nil
  ) throws(ConfigurationError) -> ClusterConfiguration {
    let origin = "in-cluster configuration"
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let portText = environment["KUBERNETES_SERVICE_PORT"], !portText.isEmpty
    else {
      throw ConfigurationError(
        file: origin, key: "KUBERNETES_SERVICE_HOST", reason: "this process does not run in a Pod",
        remedy: "give a kubeconfig with --kubeconfig")
    }
    guard let port = Int(portText), (1...65535).contains(port) else {
      throw ConfigurationError(
        file: origin, key: "KUBERNETES_SERVICE_PORT", reason: "\"\(portText)\" is not a port")
    }
    let authority = "\(serviceAccountDirectory)/ca.crt"
    guard SmallFile.exists(authority) else {
      throw ConfigurationError(
        file: origin, key: authority, reason: "the cluster's certificate authority is not mounted",
        remedy: "mount the ServiceAccount (automountServiceAccountToken: true or a projected volume with the ConfigMap "
          + "kube-root-ca.crt)")
    }
    let token = "\(serviceAccountDirectory)/token"
    var credentials = CredentialSource()
    if let override {
      credentials = override
    } else if SmallFile.exists(podCertificatePath) {
      credentials.clientCertificate = .file(podCertificatePath)
    } else if SmallFile.exists(token) {
      credentials.token = .file(token)
    } else {
      throw ConfigurationError(
        file: origin, key: token, reason: "neither a ServiceAccount token nor a pod certificate is mounted",
        remedy:
          "set automountServiceAccountToken: true, or mount a pod-certificate volume at \(podCertificatePath), or give "
          + "--client-certificate")
    }
    return ClusterConfiguration(
      server: ServerAddress(scheme: .https, host: host, port: port),
      namespace: mountedNamespace(serviceAccountDirectory) ?? environment["POD_NAMESPACE"] ?? "default",
      certificateAuthority: .file(authority), credentials: credentials, origin: origin)
  }

  private static func mountedNamespace(_ directory: String) -> String? {
    guard let bytes = try? SmallFile.read("\(directory)/namespace") else { return nil }
    let name = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    return name.isEmpty ? nil : name
  }
}
